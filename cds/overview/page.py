"""Several patients as one page of HTML that needs no network: the summary, a table, and the cards of each patient.

The parts of a patient are written when it was answered, and the page is put together of them at the end, piece by
piece: nobody's cards have to stay in memory until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from cds.audit.decisions import look_of
from cds.audit.pages import TEMPLATES as AUDIT_TEMPLATES
from cds.audit.templating import Environment, environment_in
from cds.cards.frames import rules_in
from cds.cards.markdown import blocks
from cds.cards.references import with_references
from cds.cards.wording import plain
from cds.errors import ANSWER_CODES, RECORD_CODES
from cds.jsontypes import Json
from cds.overview.rows import Refused, Row
from cds.rulebook.model import RuleBook

TEMPLATES = Path(__file__).resolve().parent / "templates"


class Parts(NamedTuple):
    """What a page has of one patient: a line of its table, and the section with the cards."""

    line: str
    section: str = ""


def parts_of(row: Row, result: Json, number: int, book: RuleBook) -> Parts:
    """The parts of the patient with this number among those who are shown."""
    made = _macros()
    return Parts(str(made.line(row, number, look_of(book, row.outcome))), str(made.section(row, result, number)))


def refused_part(refused: Refused) -> Parts:
    """The part of what was refused."""
    return Parts(str(_macros().refused(refused)))


def page_of(summary: Json, lines: Iterable[str], sections: Iterable[str], book: RuleBook) -> Iterator[str]:
    """The page, in pieces: of a summary (``Tally.data``) and of the parts of the patients, in their order."""
    template = _environment().get_template("overview.html")
    safe = (map(Markup, lines), map(Markup, sections))
    looks = {entry["outcome"]: look_of(book, entry["outcome"]) for entry in summary["outcomes"]}
    titles = {rule.id: rule.title for rule in book.rules.values()}
    told = {"looks": looks, "titles": titles, "refusals": RECORD_CODES | ANSWER_CODES}
    yield from template.generate(s=summary, book=book, lines=safe[0], sections=safe[1], **told)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment_in(TEMPLATES, AUDIT_TEMPLATES)
    made.filters |= {"plain": plain, "rules_of": _rules_of, "blocks_of": _blocks_of}
    return made


@lru_cache(maxsize=1)
def _macros() -> Any:
    """The macros of the parts: what they are is known to the template alone."""
    return _environment().get_template("parts_of_patients.html").module


def _rules_of(card: Json) -> list[str]:
    return [part["rule"] for part in rules_in(card) if "rule" in part]


def _blocks_of(card: Json) -> list[object]:
    """The detail of a card with the resources behind its lines, as elements; HTML in it is text."""
    return list(blocks(with_references(card)))
