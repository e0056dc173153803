"""Several patients in a terminal: a line of each as soon as it is answered, and the summary at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from cds.cards.folding import INDICATORS
from cds.cards.wording import plain
from cds.jsontypes import Json
from cds.screen.lines import INDICATOR_COLOURS, Line, console, shown
from cds.screen.populations import outcome_table

WIDTHS = {"outcome": 17, "decided by": 10, "crit": 4, "warn": 4, "info": 4, "patient": 20}
"""The columns and how wide they are; what is longer is written whole, as the file is, and what is missing after it."""
SHARE_OF_FILE = 0.6
"""How much of what is left of a terminal's line the file takes at most, where something is missing."""


def heading_text() -> str:
    """The line above the patients."""
    names = (f"{name:>{width}}" if width == 4 else f"{name:<{width}}" for name, width in WIDTHS.items())
    return _line([*(Text(name, style="bold") for name in names), Text("file", style="bold")])


def patient_text(
    file: str, patient: str, outcome: str, decided_by: str, cards: Sequence[int], missing: Sequence[str]
) -> str:
    """The line of a patient: on a terminal no longer than it is wide, else whole."""
    counts = [_count(number, name) for number, name in zip(cards, INDICATORS, strict=True)]
    named = [Text(f"{outcome:<{WIDTHS['outcome']}}", style="bold"), Text(f"{decided_by:<{WIDTHS['decided by']}}")]
    cells = [*named, *counts, Text(f"{plain(patient):<{WIDTHS['patient']}}")]
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    told = [Text(f"missing: {missing[0]}{more}", style="yellow")] if missing else []
    return _line([*cells, Text(_fitting(plain(file), cells, is_alone=not told)), *told])


def _fitting(file: str, cells: Sequence[Text], *, is_alone: bool) -> str:
    """The name of a file; on a terminal its end, as much as there is room for."""
    left = console.width - sum(len(cell) + 2 for cell in cells)
    room = max(12, left if is_alone else int(left * SHARE_OF_FILE))
    return file if len(file) <= room or not console.is_terminal else f"…{file[1 - room :]}"


def _count(number: int, indicator: str) -> Text:
    return Text(f"{number or '-':>4}", style=INDICATOR_COLOURS[indicator] if number else "dim")


def _line(cells: Sequence[Text]) -> str:
    line = Text("  ").join(cells)
    if not console.is_terminal:
        return f"{line.plain}\n"
    with console.capture() as text:
        console.print(line, no_wrap=True, overflow="ellipsis")
    return text.get()


def summary_text(summary: Json) -> str:
    """What ``cds.overview.tally.Tally.data`` returns: outcomes, rules, what is missing, not understood, refused."""
    with console.capture() as text:
        console.print()
        for told in _head(summary):
            console.print(told, soft_wrap=not console.is_terminal)
        console.print(outcome_table([entry for entry in summary["outcomes"] if entry["patients"]]))
        for told in _more(summary):
            console.print(told, soft_wrap=not console.is_terminal)
    return "".join(f"{line.rstrip()}\n" for line in text.get().split("\n")[:-1])


def _head(summary: Json) -> Iterator[Text]:
    patients, rulebook = summary["patients"], summary["rulebook"]
    overlay = f" with {rulebook['overlay']}" if "overlay" in rulebook else ""
    told = f" as of {summary['asOf']}, rulebook {rulebook['version']}, sha256 {rulebook['sha256'][:12]}{overlay}."
    yield Text.assemble((f"{patients['answered']:,} patients answered", "bold"), told)
    if patients["only"]:
        others = patients["answered"] - patients["shown"]
        yield Text(f"Shown: {patients['shown']:,} (--only {','.join(patients['only'])}). Not shown: {others:,}.")
    if summary["refused"]:
        yield _refused(summary)


def refused_text(summary: Json) -> str:
    """How many files or parts of them were refused, by code."""
    return shown([Line(_refused(summary))])


def _refused(summary: Json) -> Text:
    refused = summary["refused"]
    return Text(f"Refused: {sum(refused.values()):,} (files, or parts of them): {_listed(refused)}.", "bold red")


def _more(summary: Json) -> Iterator[Text]:
    yield _told("Rules that spoke", _listed(summary["rules"]))
    yield _told("Asked for and not known", _listed(summary["missing"]))
    unclear = summary["notUnderstood"]
    told = f"{unclear['resources']:,} in the records of {unclear['patients']:,} patients"
    yield _told("Resources not understood", told if unclear["resources"] else "none")
    yield _told("Cards", f"{_listed(summary['cards'])}. Data remarks: {summary['remarks']:,}")
    yield Text(summary["disclaimer"], style="bold")


def _told(title: str, text: str) -> Text:
    return Text.assemble((f"{title}: ", "bold"), f"{text or 'none'}.")


def _listed(counts: Json) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())
