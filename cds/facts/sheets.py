"""The rulebook as plain Python that a person can read: one function for each sheet, in the order of the graph.

A sheet holds what one chapter or one file says and needs nothing of a later sheet. ``todo`` are the names of what has
to be worked out, ``facts`` and ``states`` what is known before, ``sheet`` the worksheet that formulas may ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import PurePath
from typing import Any, NamedTuple

from cds.facts.formulas import FORMULAS
from cds.facts.order import Step, every_step, needs_in_order
from cds.facts.quantities import WORK_OUT
from cds.rulebook.graph import FINDING, TERM, Node, graph_of
from cds.rulebook.model import AnyTerm, Computed, RuleBook
from cds.rulebook.model.frozen import Spot

HEAD = (
    "{title} {version}: what its findings and values are, worked out from one record.",
    "Made from the rule files; to change anything, change those.",
    "Each finding says what its sentence says, with its number in place. 'low' and 'high' are the ends of a value, an",
    "open end is no part of it. A state is ABSENT, UNKNOWN or PRESENT. 'todo' names what the record can change.",
)


class SourceSheet(NamedTuple):
    """What one function works out, by its name, its title and its steps."""

    name: str
    title: str
    steps: tuple[Step, ...]


def sheets_of(book: RuleBook) -> tuple[SourceSheet, ...]:
    """The sheets of a rulebook, each after all that it needs."""
    steps = {(TERM if step.is_fact else FINDING, step.name): step for step in every_step(book, cautious=False)}
    sheets: list[SourceSheet] = []
    for place, (title, nodes) in enumerate(_runs(book, steps)):
        words = "".join(char if char.isalnum() else "_" for char in title)
        sheets.append(SourceSheet(f"sheet_{place}_{words}", title, tuple(steps[node] for node in nodes)))
    return tuple(sheets)


def _runs(book: RuleBook, steps: dict[Node, Step]) -> Iterator[tuple[str, list[Node]]]:
    """Steps of one chapter or file, as many as can follow each other; then those of another one."""
    sorter = TopologicalSorter(needs_in_order(book, graph_of(book).needs))
    sorter.prepare()
    waiting: dict[str, list[Node]] = {}
    title = ""
    while sorter.is_active():
        for node in sorted(sorter.get_ready()):
            if node in steps:
                waiting.setdefault(_title(book, node), []).append(node)
            else:
                sorter.done(node)
        if title not in waiting:
            title = max(sorted(waiting), key=lambda name: len(waiting[name]), default="")
        if title in waiting:
            run: list[Node] = []
            while nodes := waiting.pop(title, []):
                run += nodes
                sorter.done(*nodes)
                _take_ready(book, sorter, steps, waiting)
            yield title, run


def _take_ready(
    book: RuleBook, sorter: TopologicalSorter[Node], steps: dict[Node, Step], waiting: dict[str, list[Node]]
) -> None:
    """Put what has become ready among what waits; nodes without a step are passed over."""
    while ready := sorted(sorter.get_ready()):
        for node in ready:
            if node in steps:
                waiting.setdefault(_title(book, node), []).append(node)
            else:
                sorter.done(node)


def _title(book: RuleBook, node: Node) -> str:
    """The chapter of a finding; else the name of the file."""
    kind, name = node
    chapter = book.findings[name].chapter if kind == FINDING else ""
    return chapter or PurePath(_spot(book, node).file).stem


def _spot(book: RuleBook, node: Node) -> Spot:
    kind, name = node
    return book.terms[name].spot if kind == TERM else book.findings[name].spot


def source_of(book: RuleBook) -> str:
    """The text of the compiled rulebook."""
    functions = [_function(book, sheet) for sheet in sheets_of(book)]
    head = [_comment(line.format(title=book.title, version=book.version)) for line in HEAD]
    return "\n\n".join(["\n".join([*head, ""]), *functions])


def _comment(text: str) -> str:
    """A text as a comment: whatever it says, it stays on its line."""
    return f"# {' '.join(text.split())}"


def _function(book: RuleBook, sheet: SourceSheet) -> str:
    lines = [f"def {sheet.name}(sheet, todo, facts, states):", f"    {_comment(sheet.title)}", "    day = sheet.day"]
    for step in sheet.steps:
        spot = _spot(book, (TERM if step.is_fact else FINDING, step.name))
        where = _comment(f"{spot.file}, line {spot.line}")
        lines += [f"    if {step.name!r} in todo:  {where}"]
        lines += [f"        {line}" for line in (_fact(book, step.name) if step.is_fact else _state(book, step.name))]
    return "\n".join([*lines, ""])


def _fact(book: RuleBook, name: str) -> list[str]:
    """The function of the formula, or that of the kind of term."""
    term = book.terms[name]
    said = _comment(f"{term.formula} of: {'; '.join(term.inputs)}") if isinstance(term, Computed) else ""
    line = f"facts[{name!r}] = {function_name(function_of(term))}(sheet, TERMS[{name!r}])"
    return [f"{line}  {said}".rstrip()]


def function_of(term: AnyTerm) -> Callable[[Any, Any], Any]:
    """The function that works out the fact of a term."""
    return FORMULAS[term.formula].compute if isinstance(term, Computed) else WORK_OUT[type(term)]


def function_name(function: Callable[..., Any]) -> str:
    """The name of such a function in the text: its own after that of its module."""
    return f"{function.__module__.rpartition('.')[2]}_{function.__name__}"


def _state(book: RuleBook, name: str) -> list[str]:
    """What the sentence says, in lines of its form; else its check is called."""
    finding = book.findings[name]
    definition = finding.definition
    lines = definition.source(book)
    if not lines or any(
        f"facts[{term!r}]" in " ".join(lines) and not _has_fact(book, term) for term in definition.terms
    ):
        lines = [f"state = CHECKS[{name!r}](sheet)"]
    return [_comment(finding.text or str(definition)), *lines, f"states[{name!r}] = state"]


def _has_fact(book: RuleBook, term: str) -> bool:
    return any(step.is_fact and step.name == term for step in every_step(book, cautious=False))
