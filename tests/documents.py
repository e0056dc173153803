"""The pages of docs/ as a test reads them: commands with what they print, files to be written, lines to be changed.

A fenced block ``sh`` is a command, and a block ``text`` or ``json`` right below it is what it prints; a line ``...``
there stands for any lines, and in a
line for the rest of it. A ``code-block`` with a ``caption`` is a file of this name. A block ``diff`` changes a file:
its lines without ``+`` stand there in a row, once. A block ``python`` alone is run, and ``text`` below is its output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from checkout import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
FENCE = re.compile(r"^(`{3,})(\S*)(?: \w+)?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r":(\w+): (.+)\n")
RUN, PRINTS, WRITE, CHANGE = "run", "prints", "write", "change"
COMMANDS = {"sh": "sh", "python": "python"}


class Step(NamedTuple):
    """What a reader does, or sees: its kind, the text of the block, and the file or the language."""

    kind: str
    text: str
    about: str = ""


def steps(text: str) -> Iterator[Step]:
    """The steps of a page, in their order."""
    after_command = -1
    for block in FENCE.finditer(text):
        _, name, body = block.groups()
        if name == "{code-block}" and (caption := OPTION.match(body)):
            yield Step(WRITE, body[caption.end() :].lstrip("\n"), caption[2])
        elif name in COMMANDS:
            yield Step(RUN, body, name)
            after_command = block.end()
        elif name in ("text", "json") and not text[after_command : block.start()].strip() and after_command >= 0:
            yield Step(PRINTS, body)
        elif name == "diff":
            yield Step(CHANGE, body)


def change(folder: Path, diff: str) -> None:
    """Make the change that a diff shows; each of its pieces is found by its lines, which stand in the file once."""
    path = ""
    for piece in re.split(r"^(?=@@|---)", diff, flags=re.MULTILINE):
        lines = [line for line in piece.splitlines() if line]
        if lines and lines[0].startswith("---"):
            path = lines[1].removeprefix("+++ b/")
        elif lines:
            file = folder / path
            old = "".join(f"{line[1:]}\n" for line in lines[1:] if line[0] in " -")
            new = "".join(f"{line[1:]}\n" for line in lines[1:] if line[0] in " +")
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{path} does not hold these lines once:\n{old}"
            file.write_text(text.replace(old, new), encoding="utf-8")


def matches(expected: str, printed: str) -> bool:
    """Whether a command printed what the page says; blanks at the ends of lines do not count."""
    wanted = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()).replace(r"\.\.\.", ".*") + r"\n"
        for line in expected.splitlines()
    )
    found = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch(wanted, found) is not None
