"""Which of the files that two runs read are others; a file that was moved is the same one."""

from __future__ import annotations

from typing import NamedTuple

from cds.population.books.finished_run import FinishedRun


class InputsCompared(NamedTuple):
    """The names of files: of other content under the same name, moved to another name, in one run only.

    ``moved`` are the names in the second run of what the first run read under other names.
    """

    same: int
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


def inputs_compared(a: FinishedRun, b: FinishedRun) -> InputsCompared:
    """The files of two runs, each kind in the order of the names."""
    names = a.inputs.keys() & b.inputs.keys()
    new, gone = b.inputs.keys() - names, a.inputs.keys() - names
    known, kept = {a.inputs[name] for name in gone}, {b.inputs[name] for name in new}
    return InputsCompared(
        sum(a.inputs[name] == b.inputs[name] for name in names),
        tuple(sorted(name for name in names if a.inputs[name] != b.inputs[name])),
        tuple(sorted(name for name in new if b.inputs[name] in known)),
        tuple(sorted(name for name in gone if a.inputs[name] not in kept)),
        tuple(sorted(name for name in new if b.inputs[name] not in known)),
    )
