"""Pages: a template and its data become one, every text in it escaped; all of them become one; a folder holds them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from cds.audit import addresses, amounts, conditions, decisions, figures
from cds.audit.templating import Environment, environment_in
from cds.cards.markdown import html
from cds.cards.wording import unit_text
from cds.errors import CdsError
from cds.review.difference import by_rule, moves
from cds.review.promises import answered_text, occurrence_text, property_text
from cds.rulebook.model import RuleBook

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE_LIST = "pages.txt"
"""The file that names every page of the book, so that a newer one replaces it whole."""
LEFT_OUT = ("index.html", "numbers.html", "decisions.html", "a-z.html")
"""The first page, the index, and pages whose tables stand in the chapters as well."""
_MAIN = re.compile(r'(<div class="running".*?</div>)\s*<main[^>]*>(.*)</main>', re.DOTALL)
_LINK = re.compile(r'href="([a-z0-9-]+\.html)?(?:#([a-z0-9-]+))?"')
_PLACE = re.compile(r'\b(id|aria-labelledby)="([a-z0-9-]+)"')
_HEADING = re.compile(r"<(/?)h([1-5])\b")


class Page(NamedTuple):
    """A page, or a part of one: the name of its file, and its HTML."""

    name: str
    html: str


class FolderInUseError(CdsError):
    """The folder holds something that is no audit book."""

    code = "folder-in-use"


def environment(book: RuleBook) -> Environment:
    """The environment in which the pages of a rulebook are written."""
    made = environment_in(TEMPLATES)
    made.filters |= _FILTERS
    made.globals |= {function.__name__: function for function in _FUNCTIONS}
    made.globals |= {function.__name__: partial(function, book) for function in _OF_THE_BOOK} | {"book": book}
    return made


def markdown(text: str) -> Markup:
    """Markdown as a part of a page."""
    return Markup(html(text))  # noqa: S704 - markdown-it escapes; HTML inside is off


def pretty(data: Any) -> str:
    """JSON data as text in lines."""
    return json.dumps(data, indent=1, ensure_ascii=False)


def shortened(text: str, most: int = 20) -> str:
    """The first words of a text; dots stand for the others."""
    words = text.split()
    return text if len(words) <= most else f"{' '.join(words[:most])} …"


_FILTERS = {
    "shortened": shortened,
    "markdown": markdown,
    "slug": addresses.slug,
    "unit": unit_text,
    "readable": conditions.readable,
    "pretty": pretty,
    "number": amounts.short_number,
    "spelled": amounts.spoken_unit,
}
_FUNCTIONS = (
    *(addresses.rule_page, addresses.chapter_page, addresses.source_link, addresses.advice_link),
    *(addresses.entry_link, addresses.sample_page),
    *(conditions.own_sentence, conditions.has_number, moves, by_rule),
    *(answered_text, property_text, occurrence_text),
    *(figures.size_of, figures.figure, figures.per_100, figures.unread_of, figures.unread_size),
)
_OF_THE_BOOK = (
    *(addresses.term_link, addresses.finding_link, amounts.both),
    *(conditions.clause, conditions.condition_tree, conditions.finding_tree, conditions.numbers_text),
    *(conditions.thresholds_of, conditions.aged_terms, conditions.number_sources),
    *(decisions.look_of, decisions.then_of, decisions.influence_of),
)


def whole(pages: Iterable[Page]) -> list[Page]:
    """The content of each page, made to stand beside the others for printing and searching.

    Places and headings are moved, and links between the pages become links inside the whole.
    """
    kept = [page for page in pages if page.name not in LEFT_OUT]
    names = {page.name for page in kept}
    return [Page(_own(page.name), _moved(page, names)) for page in kept]


def _own(name: str) -> str:
    """The place of a page in the whole."""
    return name.removesuffix(".html")


def _moved(page: Page, names: Collection[str]) -> str:
    found = _MAIN.search(page.html)
    content = f"{found[1]}<div>{found[2].replace('<details>', '<details open>')}</div>" if found else ""

    def link(match: re.Match[str]) -> str:
        name, place = match[1] or page.name, match[2]
        if name not in names:
            return match[0]
        return f'href="#{_own(name)}{f"--{place}" if place else ""}"'

    content = _LINK.sub(link, content)
    content = _PLACE.sub(lambda match: f'{match[1]}="{_own(page.name)}--{match[2]}"', content)
    return _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", content)


def write_book(pages: Iterable[Page], folder: Path) -> list[Path]:
    """Write the pages to a folder, in place of an older book; the files written.

    No page is made before it is known that the folder fits.

    Raises:
        FolderInUseError: the folder holds other files; nothing was written.
        OSError: a file cannot be written.

    """
    older = _older(folder)
    written = {folder / page.name: page.html for page in pages}
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for name in older - {path.name for path in written}:
        (folder / name).unlink(missing_ok=True)
    (folder / PAGE_LIST).write_text("".join(f"{path.name}\n" for path in written), encoding="utf-8", newline="\n")
    return list(written)


def _older(folder: Path) -> set[str]:
    """The pages of the book that the folder holds already."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    listed = folder / PAGE_LIST
    if not listed.is_file():
        raise FolderInUseError(f"'{folder}' is not empty and holds no audit book. Name another folder with --out.")
    return {name for name in listed.read_text(encoding="utf-8").splitlines() if name and Path(name).name == name}
