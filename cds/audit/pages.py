"""The door to Jinja2: a template and its data become a page; every text in it is escaped."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cds.audit import addresses
from cds.audit.amounts import both, number, spoken_unit
from cds.audit.decisions import look_of, then_of
from cds.audit.turning import has_number
from cds.audit.words import clause, condition, in_words, numbers, readable, sentence
from cds.cards.markdown import html
from cds.cards.wording import unit_text
from cds.review.promises import answered_text, occurrence_text, property_text
from cds.rulebook.model import RuleBook

TEMPLATES = Path(__file__).resolve().parent / "templates"


def environment(book: RuleBook) -> Environment:
    """The environment in which the pages of a rulebook are written."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters |= {
        "markdown": markdown,
        "slug": addresses.slug,
        "unit": unit_text,
        "readable": readable,
        "pretty": pretty,
        "number": number,
        "spelled": spoken_unit,
    }
    made.globals |= {name: getattr(addresses, name) for name in _PLAIN_ADDRESSES}
    made.globals |= {function.__name__: partial(function, book) for function in _OF_THE_BOOK}
    made.globals |= {"book": book, "kind_of": addresses.kind_of, "sentence": sentence, "has_number": has_number,
                     "answered_text": answered_text, "property_text": property_text, "occurrence_text": occurrence_text,
                     "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))}  # fmt: skip  # noqa: S704 - our own file
    return made


def page(made: Environment, template: str, **data: Any) -> str:
    """A page."""
    return made.get_template(template).render(data)


def drawn(picture: str) -> Markup:
    """A picture of our own, whose texts are escaped, as part of a page."""
    return Markup(picture)  # noqa: S704 - cds.audit.svg escapes


def markdown(text: str) -> Markup:
    """Markdown as a part of a page."""
    return Markup(html(text))  # noqa: S704 - markdown-it escapes; HTML inside is off


def pretty(data: Any) -> str:
    """JSON data as text in lines."""
    return json.dumps(data, indent=1, ensure_ascii=False)


_PLAIN_ADDRESSES = ("rule_page", "chapter_page", "source_link", "advice_link", "entry_link", "sample_page")
_OF_THE_BOOK = (
    addresses.term_link, addresses.finding_link, both, clause, condition, in_words, look_of, numbers, then_of,
)  # fmt: skip
