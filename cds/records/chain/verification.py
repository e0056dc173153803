"""Whether the log is as it was written: every link, all that it is about, and every erasure; the first bad one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from cds.records.chain.contents import Held, held
from cds.records.chain.links import OLD_DECISION, START, LogHead, hash_of, log_head
from cds.records.chain.page import Page, pages, without_link
from cds.records.database import snapshot
from cds.records.tables import ERASING_TABLE


class Verified(NamedTuple):
    """What a verification saw: how many records are good, the end of the log, and what is wrong (empty: nothing).

    ``kinds`` counts the good records of each kind, ``erased`` what of them is erased: "decisions", "requests",
    "feedback".
    """

    good: int
    head: LogHead
    problem: str
    kinds: Mapping[str, int] = MappingProxyType({})
    erased: Mapping[str, int] = MappingProxyType({})


class _Walk:
    """The way along the chain: what was good so far, and the ends that were noted."""

    def __init__(self, ends: Collection[LogHead]) -> None:
        self.ends: dict[int, set[str]] = {}
        for head in ends:
            self.ends.setdefault(head.number, set()).add(head.hash)
        self.last, self.good, self.before = LogHead(0, START), 0, START
        self.kinds: Counter[str] = Counter()
        self.erased: Counter[str] = Counter()
        self.unfinished, self.erasing = "", set[int]()

    def seen(self, problem: str) -> Verified:
        return Verified(self.good, self.last, problem, self.kinds, self.erased)

    def step(self, link: Any, page: Page) -> str:
        """What is wrong with a record; empty when nothing is, and then the way goes on."""
        found = held(link, page, self.before)
        problem = _wrong_link(link, self.last) or found.problem or self._not_as_noted(link)
        if not problem:
            self._go_on(link, found)
            self.erasing |= page.erasing
        return problem

    def _not_as_noted(self, link: Any) -> str:
        """An end that was noted under version 0.1 holds the hash of that version, which is the digest now."""
        own = {link.hash, link.digest} if link.kind == OLD_DECISION else {link.hash}
        if self.ends.get(link.number, set()) <= own:
            return ""
        return f"record {link.number}: it is not the one that was noted as the end of the log."

    def _go_on(self, link: Any, found: Held) -> None:
        self.last, self.good = LogHead(link.number, link.hash), self.good + 1
        self.before = link.digest if link.kind == OLD_DECISION else START
        self.kinds[link.kind] += 1
        self.erased.update(found.erased)
        self.unfinished = self.unfinished or found.unfinished


def verify(engine: Engine, *noted: LogHead) -> Verified:
    """Whether every record is as it was written and none is missing; ``noted`` are ends of the log kept elsewhere.

    A chain cannot know that somebody cut off its end and mended the note of it in the same database: only an end that
    was noted elsewhere can show that.
    """
    ends = [_end(engine), *noted]
    walk = _Walk([head for head in ends if head.number])
    for page in pages(engine):
        for link in page.links:
            if problem := walk.step(link, page):
                return walk.seen(problem)
    return walk.seen(_wrong_end(engine, walk.last, max(head.number for head in ends)) or _unfinished(engine, walk))


def _end(engine: Engine) -> LogHead:
    with engine.connect() as connection:
        return log_head(connection)


def _wrong_link(link: Any, last: LogHead) -> str:
    """What is wrong with a link, after the one before it."""
    if link.number != last.number + 1:
        return f"record {last.number + 1}: it is missing; {link.number} follows {last.number}."
    if link.previous != last.hash:
        return f"record {link.number}: it does not follow record {last.number}."
    if link.hash != hash_of(link.number, link.kind, link.time, link.previous, link.digest):
        return f"record {link.number}: its link was changed."
    return ""


def _wrong_end(engine: Engine, last: LogHead, noted: int) -> str:
    """Records that are missing at the end, or that were not appended by this program."""
    if last.number < noted:
        return f"record {last.number + 1}: it is missing; the log went on to {noted}."
    with snapshot(engine) as connection:
        now, stray = log_head(connection).number, without_link(connection, last.number)
    if now < last.number:
        return f"record {now + 1}: it was not appended by this program."
    return f"record {stray}: it was not appended by this program." if stray and now == last.number else ""


def _unfinished(engine: Engine, walk: _Walk) -> str:
    """An erasure that was not finished when its records were read, and is not now either."""
    if not walk.unfinished:
        return ""
    with snapshot(engine) as connection:
        now = set(connection.execute(select(ERASING_TABLE.c.number)).scalars())
    return walk.unfinished if walk.erasing & now else ""
