"""``run.json``: what a run is made from; and what a run that was begun needs to go on.

Nothing in it depends on the engine, the number of processes, the clock or the machine.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import orjson

from cds.about import PROGRAM, version
from cds.jsontypes import Json
from cds.population.answers.question import Question
from cds.population.books.finished_run import FORMAT, RUN_FILE, RunError
from cds.population.books.whole_files import keep
from cds.population.lines.opening import URL
from cds.population.lines.sources import OUTPUT, Inputs, Source
from cds.rulebook.model import RuleBook

PIECE = 1024 * 1024
BEGUN = "work/begun.json"
INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def hash_of(source: Source) -> str:
    """The SHA-256 of a file as it lies there; empty for one in an object store, which is not read twice."""
    if URL.match(source.file):
        return ""
    digest = sha256()
    with Path(source.file).open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def duplicates_among(files: list[Source], hashes: dict[int, str]) -> dict[int, int]:
    """The files of data that are the same, byte for byte, as one before them: each with that one."""
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    for source in files:
        digest = hashes.get(source.number)
        if source.role == OUTPUT and digest and source.size:
            original = first.setdefault(digest, source.number)
            if original != source.number:
                found[source.number] = original
    return found


def manifest_of(
    inputs: Inputs, hashes: dict[int, str], duplicates: dict[int, int], question: Question, book: RuleBook, parts: int
) -> Json:
    """What ``run.json`` holds."""
    overlay = {"overlay": book.overlay.name} if book.overlay else {}
    return {
        "format": FORMAT,
        "asOf": question.as_of.isoformat(),
        "rulebook": {"version": book.version, "sha256": book.sha256, **overlay},
        "versions": {PROGRAM: version()},
        "inputs": [_input_data(source, hashes, duplicates) for source in inputs.files],
        "options": {"trace": question.trace, "validate": question.validated},
        "parts": parts,
    }


def _input_data(source: Source, hashes: dict[int, str], duplicates: dict[int, int]) -> Json:
    again = {"duplicateOf": duplicates[source.number]} if source.number in duplicates else {}
    return {
        "number": source.number,
        "file": source.file,
        "bytes": source.size,
        "sha256": hashes.get(source.number, ""),
        "kind": source.kind,
        "role": source.role,
        **again,
    }


def begin(folder: Path, manifest: Json) -> None:
    """Keep what a run was begun with.

    Raises:
        RunError: the folder holds something else.

    """
    if folder.exists() and any(folder.iterdir()):
        if (folder / BEGUN).is_file():
            raise RunError(
                f"'{folder}' holds a run that was begun and not finished. Go on with --resume, or remove it."
            )
        what = "a finished run" if (folder / RUN_FILE).is_file() else "other files"
        raise RunError(f"'{folder}' holds {what}. Name another folder with --out.")
    keep(folder / BEGUN, orjson.dumps(manifest, option=INDENTED))


def go_on(folder: Path, manifest: Json) -> bool:
    """Whether a run that was begun is to go on; False where it is finished, or was not begun.

    Raises:
        RunError: it was begun with something else.

    """
    begun = folder / (BEGUN if (folder / BEGUN).is_file() else RUN_FILE)
    if not begun.is_file():
        begin(folder, manifest)
        return True
    before = orjson.loads(begun.read_bytes())
    if differing := [key for key in manifest if before.get(key) != manifest[key]]:
        raise RunError(
            f"The run in '{folder}' was begun with another {', '.join(differing)}: what is done would not fit what "
            "is left. Begin anew in another folder."
        )
    return (folder / BEGUN).is_file()
