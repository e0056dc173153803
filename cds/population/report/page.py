"""The report of a run for people: the summary as one page of HTML that needs no network, on a screen or on paper."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from cds.audit.decisions import look_of
from cds.audit.pages import TEMPLATES as AUDIT_TEMPLATES
from cds.audit.templating import environment_in
from cds.cards.wording import harmless
from cds.errors import ANSWER_CODES, RECORD_CODES
from cds.intake.record import ISSUE_CODES
from cds.jsontypes import Json
from cds.population.report.histograms import histogram
from cds.population.report.small_cells import Cell
from cds.rulebook.model import RuleBook

TEMPLATES = Path(__file__).resolve().parent / "templates"
MOST_DRAWN = 16
"""How many scales are drawn; the others are told in a table."""
LONGEST = 160
"""The letters of a text from a record, or of the name of a file."""


def report_of(summary: Json, book: RuleBook) -> str:
    """The page of a summary."""
    made = environment_in(TEMPLATES, AUDIT_TEMPLATES)
    made.filters |= {
        "cell": cell_text,
        "rate": rate_text,
        "without": without,
        "harmless": harmless_text,
    }
    made.tests["few"] = is_few
    made.globals |= {"bar": bar, "histogram": histogram, "look": lambda outcome: look_of(book, outcome)}
    scales = [scale for scale in summary["distributions"] if scale["bins"]]
    others = [scale for scale in summary["distributions"] if scale not in scales[:MOST_DRAWN]]
    told = {
        "titles": {rule.id: rule.title for rule in book.rules.values()},
        "issue_codes": ISSUE_CODES,
        "reasons": RECORD_CODES | ANSWER_CODES,
    }
    template = made.get_template("report.html")
    return template.render(s=summary, book=book, drawn=scales[:MOST_DRAWN], others=others, **told)


def cell_text(cell: Cell | None) -> str:
    """A count as people write it: ``31,007``; what stands for one that is not shown as it is."""
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def is_few(cell: Cell) -> bool:
    """Whether a count is one of those that are too small to be shown."""
    return str(cell).startswith("<")


def rate_text(rate: float | None) -> str:
    """A rate with one decimal, or none from a hundred on; a dash where it is not shown."""
    return "–" if rate is None else f"{rate:.1f}" if rate < 100 else f"{rate:,.0f}"


def harmless_text(text: object, longest: int = LONGEST) -> str:
    """A text from a record or about a file, without what could disturb the page."""
    return harmless(str(text), longest)


def without(text: str, unit: str) -> str:
    """A range without its unit, which stands above it."""
    return text.replace(f" {unit}", "") if unit else text


def bar(cell: Cell | float | None, most: Cell | float | None, look: str = "") -> Markup:
    """A bar beside a count that says the same; empty where the count is not shown."""
    if not isinstance(cell, (int, float)) or not isinstance(most, (int, float)) or not most:
        return Markup()
    width = f"{100 * cell / most:.1f}"
    shape = Markup('<rect class="{}" width="{}" height="10"/>').format(look or "is-bar", width)
    open_tag = Markup('<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">')
    return open_tag + shape + Markup("</svg>")
