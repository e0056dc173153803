"""Damaged lines, and exports with damaged lines in them: what a reader has to survive and to account for."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import BinaryIO, NamedTuple, cast

from invented import broken_resources, broken_texts
from invented.damages import REFERENCE, WAYS

__all__ = ["WAYS", "Damaged", "broken_resources", "broken_texts", "damage", "damage_export"]
TOGETHER = "two lines run together"


class Damaged(NamedTuple):
    """A damaged line: where it stands now (the offset in what is unpacked), and in which way it is damaged.

    ``line_number``: from 1, as lines are counted now. ``patients``: the references of whom it, or the two that it was,
    had been about. ``size``: its bytes now, without the newline at its end.
    """

    file: str
    line_number: int
    offset: int
    way: str
    patients: tuple[str, ...]
    size: int


def damage(line: bytes, way: str, chance: Random) -> bytes:
    """The line, damaged in a way of ``WAYS``; without a newline at its end, as it was.

    Raises:
        KeyError: there is no such way.

    """
    return WAYS[way].change(line, chance)


def damage_export(folder: Path, share: float = 0.01, seed: int = 0, *, also_patients: bool = False) -> list[Damaged]:
    """Damage a share of the lines of an export, in all ways in turn.

    Files are changed in place, the manifest is not; lines of Patient only if asked. The same folder, share and seed
    give the same damage.
    """
    chance = Random(f"{seed}/damage")
    ways = _in_turn(chance)
    names = sorted(path for path in folder.iterdir() if path.name.removesuffix(".gz").endswith(".ndjson"))
    chosen = [path for path in names if also_patients or ".Patient." not in path.name]
    return [one for path in chosen for one in _damage_file(path, share, chance, ways)]


def _in_turn(chance: Random) -> Iterator[str]:
    while True:
        names = list(WAYS)
        chance.shuffle(names)
        yield from names


def _damage_file(path: Path, share: float, chance: Random, ways: Iterator[str]) -> list[Damaged]:
    other = path.with_name(f".{path.name}")
    found = []
    with _opened(path, "rb") as file, _opened(other, "wb") as out:
        number, offset = 1, 0
        for line in file:
            whole = line.rstrip(b"\n")
            if chance.random() < share:
                name = next(ways)
                whole = whole + b"\n" + file.readline().rstrip(b"\n") if name == TOGETHER else whole
                patients = tuple(dict.fromkeys(name.decode() for name in REFERENCE.findall(whole)))
                whole = damage(whole.rstrip(b"\n"), name, chance)
                found.append(Damaged(path.name, number, offset, name, patients, len(whole)))
            out.write(whole + b"\n")
            number, offset = number + 1 + whole.count(b"\n"), offset + len(whole) + 1
    other.replace(path)
    return found


def _opened(path: Path, how: str) -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(path, how, compresslevel=1, mtime=0))
    return cast(BinaryIO, path.open(how))
