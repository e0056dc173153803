"""A run in a terminal, when it has ended: whether it is complete, and the figures that matter first."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from cds.cards.wording import plain
from cds.jsontypes import Json
from cds.screen.lines import console

MOST_TERMS = 3
"""How many of the terms that would settle the undecided are named."""
MOST_RULES = 5
"""How many of the rules that fire most often are named."""


def run_text(summary: Json) -> str:
    """What ``cds.population.report.summary.summary_of`` returns, for this terminal, or plain."""
    with console.capture() as text:
        for line in _head(summary):
            console.print(line, soft_wrap=True)
        console.print(outcome_table(summary["outcomes"]))
        for told in _more(summary):
            console.print(Text(told), soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in text.get().split("\n")[:-1])


def _head(summary: Json) -> Iterator[Text]:
    status, patients = summary["status"], summary["patients"]
    style = "bold green" if status == "complete" else "bold red"
    counts = ", ".join(f"{_count(patients[name])} {name}" for name in ("in", "answered", "refused"))
    yield Text.assemble((status.capitalize(), style), f". Patients: {counts}. As of {summary['run']['asOf']}.")
    yield from (Text(f"  {plain(problem)}", "red") for problem in summary["problems"])
    yield from (Text(f"  {plain(note)}") for note in summary["notes"])


def outcome_table(outcomes: list[Json]) -> Table:
    """The patients of each outcome, how many that is of a hundred, and the rules that decided most of them."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("outcome")
    table.add_column("patients", justify="right")
    table.add_column("per 100", justify="right")
    table.add_column("decided mostly by")
    for entry in outcomes:
        rate = "" if entry["per100"] is None else f"{entry['per100']:.1f}"
        told = [rule["rule"] for rule in entry["decidedBy"] if isinstance(rule["patients"], int)]
        table.add_row(entry["outcome"], _count(entry["patients"]), rate, ", ".join(told[:MOST_TERMS]))
    return table


def _more(summary: Json) -> Iterator[str]:
    undecided, alerts = summary["undecided"], summary["alerts"]
    whole = _count(undecided["patients"])
    for entry in undecided["settledBy"][:MOST_TERMS]:
        yield f"{entry['term']} would settle {_count(entry['patients'])} of {whole} with {undecided['outcome']}."
    if alerts["cardsPer100"] is not None:
        spread = f"{alerts['median']} in the median patient, {alerts['p95']} at the 95th percentile"
        yield f"Cards per 100 patients: {alerts['cardsPer100']:g}; {spread}."
    fired = [entry for entry in summary["rules"] if isinstance(entry["fired"], int) and entry["fired"]][:MOST_RULES]
    if fired:
        rules = ", ".join(f"{entry['rule']} {_count(entry['fired'])}" for entry in fired)
        yield f"Rules that fire most often: {rules}."
    yield f"Here {summary['smallCells']}."


def _count(cell: int | str) -> str:
    return f"{cell:,}" if isinstance(cell, int) else cell
