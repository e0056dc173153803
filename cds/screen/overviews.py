"""Several patients in a terminal: a line of each as soon as it is answered, and the summary at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.text import Text

from cds.cards.folding import INDICATORS
from cds.cards.wording import plain
from cds.jsontypes import Json
from cds.screen.lines import INDICATOR_COLOURS, Line, console, shown
from cds.screen.populations import outcome_table

WIDTHS = {"outcome": 17, "rule": 8, "crit": 4, "warn": 4, "info": 4, "patient": 20}
"""The columns and how wide they are; what is longer is written whole, as the file is, and what is missing after it."""
GAP = "  "
JOINT = "\0"
"""A blank at which no line is broken."""
SHORTEST = 12
"""Of a file, and of what is missing, on a terminal."""


def heading_text() -> str:
    """The line above the patients."""
    names = (f"{name:>{width}}" if width == 4 else f"{name:<{width}}" for name, width in WIDTHS.items())
    cells = [Text(name, style="bold") for name in names]
    return _line(cells, Text("file", style="bold"), Text("missing", style="bold"))


def patient_text(
    file: str, patient: str, outcome: str, decided_by: str, cards: Sequence[int], missing: Sequence[str]
) -> str:
    """The line of a patient: on a terminal no longer than it is wide, else whole."""
    counts = [_count(number, name) for number, name in zip(cards, INDICATORS, strict=True)]
    named = [Text(f"{outcome:<{WIDTHS['outcome']}}", style="bold"), Text(f"{decided_by:<{WIDTHS['rule']}}")]
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    before = "" if console.is_terminal else "missing: "
    told = Text(f"{before}{missing[0]}{more}" if missing else "", style="yellow")
    return _line([*named, *counts, Text(f"{plain(patient):<{WIDTHS['patient']}}")], Text(plain(file)), told)


def _line(cells: Sequence[Text], file: Text, missing: Text) -> str:
    """A line; on a terminal the file and what is missing share what is left of it, each with its telling end."""
    line = Text(GAP).join(cells) + Text(GAP)
    if not console.is_terminal:
        return f"{(line + Text(GAP).join([file, missing] if missing else [file])).plain}\n"
    left = max(2 * SHORTEST, console.width - len(line))
    room = (left - len(GAP)) // 2 if missing else left
    end = file if len(file) <= room else Text("…") + file[len(file) - room + 1 :]
    end.pad_right(room - len(end))
    line += end + Text(GAP if missing else "") + missing
    with console.capture() as text:
        console.print(line, no_wrap=True, overflow="ellipsis")
    return text.get()


def _count(number: int, indicator: str) -> Text:
    return Text(f"{number or '-':>4}", style=INDICATOR_COLOURS[indicator] if number else "dim")


def summary_text(summary: Json) -> str:
    """What ``cds.overview.tally.Tally.data`` returns: outcomes, rules, what is missing, not understood, refused."""
    with console.capture() as text:
        console.print()
        for told in _head(summary):
            console.print(told, soft_wrap=True)
        console.print(outcome_table([entry for entry in summary["outcomes"] if entry["patients"]]))
        for told in _more(summary):
            console.print(told, soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in text.get().split("\n")[:-1])


def _head(summary: Json) -> Iterator[Text]:
    patients, rulebook = summary["patients"], summary["rulebook"]
    overlay = f" with {rulebook['overlay']}" if "overlay" in rulebook else ""
    told = f" as of {summary['asOf']}, rulebook {rulebook['version']}, sha256 {rulebook['sha256'][:12]}{overlay}."
    yield Text.assemble((f"{_patients(patients['answered'])} answered", "bold"), told)
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
    told = f"Refused: {sum(refused.values()):,} (files, or parts of them): {_listed(refused)}."
    return Text(_wrapped(told), "bold red")


def _more(summary: Json) -> Iterator[Text]:
    yield _told("Rules that spoke", _listed(summary["rules"]))
    yield _told("Asked for and not known", _listed(summary["missing"]))
    unclear = summary["notUnderstood"]
    told = f"{unclear['resources']:,}, of {_patients(unclear['patients'])}"
    yield _told("Resources not understood", told if unclear["resources"] else "none")
    yield _told("Cards", f"{_listed(summary['cards'])}. Data remarks: {summary['remarks']:,}")
    yield Text(summary["disclaimer"], style="bold")


def _told(title: str, text: str) -> Text:
    told = Text(_wrapped(f"{title}: {text or 'none'}."))
    told.stylize("bold", 0, len(title) + 1)
    return told


def _listed(counts: Json) -> str:
    """``CA-01 2, CA-02 1``; a name and its number stay in one line."""
    return ", ".join(f"{name} {number:,}".replace(" ", JOINT) for name, number in counts.items())


def _wrapped(text: str) -> str:
    """A text in lines for a terminal, or in one, with blanks in place of the joints."""
    lines = wrap(text, console.width, subsequent_indent="  ") if console.is_terminal else [text]
    return "\n".join(lines).replace(JOINT, " ")


def _patients(number: int) -> str:
    return f"{number:,} patient{'' if number == 1 else 's'}"
