"""What became of one resource of a patient."""

from __future__ import annotations

from typing import NamedTuple


class Fate(NamedTuple):
    """What became of a resource: where its line stands, its type, its standing, and the reason where there is one."""

    file: int
    offset: int
    kind: str
    standing: str
    reason: str = ""
    shared: bool = False
