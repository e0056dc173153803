"""Mistakes that authors make, planted into a copy of a rulebook; each is a file of ``planted_mistakes``.

Such a file says what the author did, how the files change for it, and, below ``===``, every line that is then printed::

    The limit is written with a decimal comma.
    --- calcium/findings.yaml
    -    when: calcium to use is above 10.5 mg/dL
    +    when: calcium to use is above 10,5 mg/dL
    ===
    calcium/findings.yaml:10: ...

A line with ``-`` is taken out, one with ``+`` is put in, one with a space stays and says where. The first line that is
put in is the cause; if it is another one, that begins with ``>`` (put in) or ``!`` (it was there before). Characters
that nobody sees are written ``<U+00A0>``. A folder ``hospital`` is laid over the rules. Under ``in the shipped rules``
the copy is of the real rules, else of the small ones (``good_rules``, with ``planted_rules`` over them).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cds.bookshelf import open_exactly
from cds.errors import RulebookError
from cds.review.check import remarks_and_cases

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "planted_mistakes"
SHIPPED = "in the shipped rules"
BELOW = "\n===\n"
NO_MISTAKE = "Nothing: it is read as it was meant."
TODAY = date(2026, 12, 1)
"""The day on which the rulebooks are checked: what is due later is no mistake."""
_CHARACTER = re.compile(r"<U\+([0-9A-F]{4,5})>")


class Edit(NamedTuple):
    """How one file changes: ``how`` is what happens to the whole file, ``lines`` what happens inside."""

    file: str
    how: str
    lines: tuple[str, ...]


class Planted(NamedTuple):
    """One mistake: what the author did, in which rules, the edits, and what is printed."""

    name: str
    did: str
    shipped: bool
    edits: tuple[Edit, ...]
    printed: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Its file."""
        return FOLDER / f"{self.name}.txt"


def names() -> list[str]:
    """The names of all planted mistakes."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def planted(name: str) -> Planted:
    """The mistake of a name."""
    above, _, below = (FOLDER / f"{name}.txt").read_text("utf-8").partition(BELOW)
    head, *blocks = re.split(r"^--- ", above, flags=re.MULTILINE)
    did, *where = head.splitlines()
    return Planted(name, did, SHIPPED in where, tuple(map(_edit, blocks)), tuple(below.splitlines()))


def _edit(block: str) -> Edit:
    head, *lines = block.rstrip("\n").split("\n")
    file, _, how = head.partition(" is ")
    return Edit(file, how, tuple(_CHARACTER.sub(lambda found: chr(int(found[1], 16)), line) for line in lines))


def rulebook(folder: Path, mistake: Planted) -> Path:
    """A copy of the rulebook into which a mistake belongs."""
    if mistake.shipped:
        return Path(shutil.copytree(HERE.parent / "rules", folder / "rules"))
    shutil.copytree(HERE / "good_rules", folder / "rules")
    return Path(shutil.copytree(HERE / "planted_rules", folder / "rules", dirs_exist_ok=True))


def plant(rules: Path, mistake: Planted) -> tuple[str, int]:
    """Make a mistake; the file and the line of its cause."""
    causes = [found for edit in mistake.edits for found in _made(rules, edit)]
    marked = [(file, line) for file, line, is_marked in causes if is_marked]
    return (marked or [(file, line) for file, line, _ in causes])[0]


def _made(rules: Path, edit: Edit) -> Iterator[tuple[str, int, bool]]:
    """Change a file; its lines that may be the cause, and whether each is marked as such."""
    path = _place(rules, edit.file)
    if edit.lines:
        text = path.read_text("utf-8") if path.exists() else ""
        before = "".join(f"{line[1:]}\n" for line in edit.lines if line[0] in "- !")
        after = "".join(f"{line[1:]}\n" for line in edit.lines if line[0] in "+ >!")
        assert text.count(before) == 1 or not before, f"{text.count(before)} places in {edit.file}: {before}"
        start = text.index(before) if before else len(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text[:start] + after + text[start + len(before) :], "utf-8", newline="")
        first = text.count("\n", 0, start) + 1
        kept = [line for line in edit.lines if line[0] != "-"]
        for number, line in enumerate(kept, first):
            if line[0] in "+>!":
                yield edit.file, number, line[0] in ">!"
        yield edit.file, 1, False
    if edit.how:
        word, _, rest = edit.how.partition(" ")
        yield (WHOLE[word](path, rest) or edit.file), 1, False


def _place(rules: Path, file: str) -> Path:
    return rules.parent / file if file.startswith("hospital/") else rules / file


def _renamed(path: Path, rest: str) -> str:
    target = rest.removeprefix("to ")
    path.rename(path.parent / Path(target).name)
    return target


def _copied(path: Path, rest: str) -> str:
    target = rest.removeprefix("to ")
    shutil.copy(path, path.parent / Path(target).name)
    return target


def _saved(path: Path, rest: str) -> str:
    path.write_bytes(path.read_text("utf-8").encode(rest.removeprefix("as ")))
    return ""


def _with_windows_line_ends(path: Path, _: str) -> str:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return ""


def _removed(path: Path, _: str) -> str:
    path.unlink()
    return ""


def _emptied(path: Path, _: str) -> str:
    path.write_text("", "utf-8")
    return ""


WHOLE: dict[str, Callable[[Path, str], str]] = {
    "renamed": _renamed,
    "copied": _copied,
    "saved": _saved,
    "emptied": _emptied,
    "removed": _removed,
    "with-windows-line-ends": _with_windows_line_ends,
}
"""What can happen to a whole file, by the first word; the name of the file after that, where it is another one."""


def printed(rules: Path) -> list[str]:
    """What ``cds check`` says about a folder, in one-line messages, before it tries small changes."""
    hospital = rules.parent / "hospital"
    try:
        book = open_exactly(rules, *([hospital] if hospital.exists() else []))
    except RulebookError as error:
        return list(error.lines)
    found, _ = remarks_and_cases(book, TODAY)
    return [str(problem) for problem in found] or [NO_MISTAKE]


def write_golden(folder: Path) -> None:
    """Write anew what is printed for each mistake."""
    for name in names():
        mistake = planted(name)
        rules = rulebook(folder / name, mistake)
        plant(rules, mistake)
        above = mistake.path.read_text("utf-8").partition(BELOW)[0].rstrip("\n")
        mistake.path.write_text(above + BELOW + "".join(f"{line}\n" for line in printed(rules)), "utf-8")
        shutil.rmtree(folder / name)


if __name__ == "__main__":
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CACHE_HOME"] = f"{place}/cache"
        write_golden(Path(place))
