"""Whether everything of an export is here, and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cds.bulk.folder import ExportFolder
from cds.bulk.manifest import ManifestFile
from cds.bulk.outcomes import BAD, severities
from cds.bulk.problems import ExportError
from cds.bulk.state import ExportState, is_whole

OF = {"output": "", "deleted": " (deleted)", "error": " (error)"}


class Row(NamedTuple):
    """What was fetched of one type."""

    type: str
    files: int
    lines: int
    bytes: int


class Verdict(NamedTuple):
    """``problems``: sentences with their codes; none: the export is complete. ``remarks`` change nothing of that."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def verdict_of(state: ExportState, folder: ExportFolder, failed: Mapping[str, ExportError]) -> Verdict:
    """What is here of an export, and what is not. ``failed``: why a file was not fetched, by name."""
    problems = [f"{name}: {error} [{error.code}]" for name, error in sorted(failed.items())]
    problems += _counts(state)
    bad, other = _said_by_the_server(state, folder)
    if bad:
        problems.append(
            f"The server could not export everything: its error files, in '{folder.path / 'error'}', have errors "
            f"({bad:,}). [error-files]"
        )
    remarks = (f"The error files of the server have remarks that are no errors ({other:,}).",) if other else ()
    return Verdict(tuple(_rows(state)), tuple(problems), remarks)


def _counts(state: ExportState) -> Iterator[str]:
    for file in state.files:
        found = state.fetched.get(file.name)
        if found and file.expected is not None and not is_whole(file, found):
            yield (
                f"{file.name}: It has {found.lines:,} lines, and {file.expected:,} by the manifest. The same command "
                "fetches it again. [count-differs]"
            )


def _said_by_the_server(state: ExportState, folder: ExportFolder) -> tuple[int, int]:
    """How many errors there are in error files, and how many warnings and the like."""
    bad = other = 0
    for file in state.files:
        if file.part == "error" and file.name in state.fetched:
            try:
                with folder.place(file).open("rb") as lines:
                    found = severities(lines)
            except OSError as error:
                raise ExportError("disk", f"{file.name} cannot be read: {error.strerror}.") from None
            here = sum(found[severity] for severity in BAD)
            bad, other = bad + here, other + found.total() - here
    return bad, other


def _rows(state: ExportState) -> Iterator[Row]:
    by_type: dict[str, list[ManifestFile]] = {}
    for file in state.files:
        by_type.setdefault(f"{file.type}{OF[file.part]}", []).append(file)
    for name, files in by_type.items():
        found = [state.fetched[file.name] for file in files if file.name in state.fetched]
        yield Row(name, len(found), sum(one.lines for one in found), sum(one.bytes for one in found))
