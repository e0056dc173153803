"""A Containerfile as its instructions, for those who check it and for the trial that runs its steps."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CONTAINERFILE = ROOT / "deploy" / "Containerfile"


class Instruction(NamedTuple):
    """An instruction: its name, its options (``--from=builder``), and the rest as it stands."""

    name: str
    options: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        """The words of the JSON form, else as a shell would part them."""
        return self.plain if self.plain is not None else shlex.split(self.rest)

    @property
    def plain(self) -> list[str] | None:
        """The words of the JSON form, for which no shell is needed; None where it is another one."""
        found: list[str] | None = json.loads(self.rest) if self.rest.startswith("[") else None
        return found


class Stage(NamedTuple):
    """A stage: the image that it begins with, its name, and its instructions."""

    image: str
    name: str
    steps: tuple[Instruction, ...]

    def all(self, name: str) -> list[Instruction]:
        """The instructions of a name."""
        return [step for step in self.steps if step.name == name]


def instructions(text: str) -> Iterator[Instruction]:
    """The instructions of a Containerfile, without comments."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n", " ", lines).splitlines():
        if line.strip():
            name, rest = line.split(maxsplit=1)
            options = dict(re.findall(r"--([\w-]+)=(\S+)", (re.match(r"(?:--[\w-]+=\S+\s+)*", rest) or [""])[0]))
            yield Instruction(name.upper(), options, re.sub(r"^(?:--[\w-]+=\S+\s+)*", "", rest).strip())


def stages(path: Path = CONTAINERFILE) -> list[Stage]:
    """The stages of a Containerfile."""
    found: list[Stage] = []
    for one in instructions(path.read_text(encoding="utf-8")):
        if one.name == "FROM":
            image, *named = re.split(r"\s+AS\s+", one.rest, flags=re.IGNORECASE)
            found.append(Stage(image, named[0] if named else "", ()))
        else:
            found[-1] = found[-1]._replace(steps=(*found[-1].steps, one))
    return found
