"""What a link is about, held against its digest: there as it was written, or erased by an erasure that names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from cds.jsontypes import Json
from cds.records.chain.links import DECISION, ERASURE, FEEDBACK, GAP, OLD_DECISION, START
from cds.records.chain.page import Page
from cds.records.erasure import Part, erasure_of
from cds.records.feedback_content import feedback_content
from cds.records.sealing import salted

_SHOWN = ("uuid", "topic", "rule", "version", "indicator")
_WHOSE = ("time", "tenant", "client", "patient", "user")


class Held(NamedTuple):
    """What is wrong with a record (empty: nothing), which parts of it are erased, and what is still to be erased."""

    problem: str = ""
    erased: tuple[Part, ...] = ()
    unfinished: str = ""


def held(link: Any, page: Page, before: str) -> Held:
    """A record of any kind; ``before`` is the hash in the chain of version 0.1 of the record before it."""
    check = _KINDS.get(_kind(link))
    if check is None:
        return _wrong(link, f"its kind '{link.kind}' is not known to this version of the program.")
    if _strangers(link, page):
        return _wrong(link, "something of another kind stands under its number.")
    return check(link, page, before)


def _kind(link: Any) -> str:
    """The kind of a link; that of a gap has a number behind it."""
    kind, _, number = str(link.kind).partition(" ")
    return kind if kind == GAP and number.isdecimal() else str(link.kind)


def _strangers(link: Any, page: Page) -> bool:
    """Whether a row stands under the number of a link in a table that is not that of its kind."""
    found = {name for name, rows in page.rows.items() if link.number in rows}
    found |= {"cards"} if link.number in page.cards else set()
    return not found <= _TABLES[_kind(link)]


def _decision(link: Any, page: Page, before: str) -> Held:
    row, request = page.rows["decisions"].get(link.number), page.rows["requests"].get(link.number)
    if row is None:
        left = request is not None or link.number in page.cards
        return _wrong(link, "a part of it is there without its content.") if left else _erased(link, page, "decisions")
    if salted(row.salt, row.content) != link.digest:
        return _wrong(link, "its content was changed.")
    try:
        data = orjson.loads(row.content)
        problem = _wrong_decision(link, data, row) or _wrong_cards(data, page.cards.get(link.number, ()))
        return _wrong(link, problem) if problem else _requested(link, page, data, _there(link, page, "decisions"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _wrong(link, "its content is not that of a record.")


def _wrong_decision(link: Any, data: Json, row: Any) -> str:
    if salted(row.salt, row.cards) != data["cards"]:
        return "what it holds as cards was changed."
    if not row.time == link.time == data["time"] or row.patient != data["patient"]:
        return "its time or its patient is not that of its content."
    return ""


def _wrong_cards(data: Json, cards: Any) -> str:
    """The rows by which feedback finds a decision are the cards that were sent, no more and no others."""
    whose = tuple(data[name] for name in _WHOSE)
    sent = {shown["uuid"]: (*(shown[name] for name in _SHOWN), *whose) for shown in data["shown"]}
    rows = {row.uuid: tuple(getattr(row, name) for name in (*_SHOWN, *_WHOSE)) for row in cards}
    return "" if rows == sent else "the list of the cards that were sent was changed."


def _requested(link: Any, page: Page, data: Json, found: Held) -> Held:
    """The request of a decision, if nothing else is wrong with it."""
    request, kept = page.rows["requests"].get(link.number), data.get("request_kept", True)
    if found.problem or not kept:
        return _wrong(link, "a request is there, and none was kept.") if request and not kept else found
    if request is None:
        return _erased(link, page, "requests")._replace(unfinished=found.unfinished)
    if salted(request.salt, request.body) != data["body"] or request.time != link.time:
        return _wrong(link, "what it holds as body was changed.")
    there = _there(link, page, "requests")
    return there._replace(unfinished=found.unfinished or there.unfinished)


def _old_decision(link: Any, page: Page, before: str) -> Held:
    """A decision of version 0.1, whose content holds its place in the chain of that version."""
    row = page.rows["decisions"].get(link.number)
    found = _decision(link, page, before)
    if row is None or found.problem:
        return found
    data = orjson.loads(row.content)
    if data.get("number") != link.number:
        return _wrong(link, f"it was written as record {data.get('number')}.")
    if data.get("previous") != before:
        return _wrong(link, f"it does not follow record {link.number - 1}.")
    return found


def _feedback(link: Any, page: Page, _: str) -> Held:
    row = page.rows["feedback"].get(link.number)
    if row is None:
        return _erased(link, page, "feedback")
    if salted(row.salt, feedback_content(row)) != link.digest:
        return _wrong(link, "the feedback was changed.")
    return _there(link, page, "feedback")


def _erasure(link: Any, page: Page, _: str) -> Held:
    row = page.rows["erasures"].get(link.number)
    if row is None:
        return _wrong(link, "it is missing: it was an erasure.")
    if salted(b"", row.content) != link.digest:
        return _wrong(link, "the erasure was changed.")
    try:
        erasure_of(row.content)
    except (ValueError, KeyError, TypeError):
        return _wrong(link, "its content is not that of an erasure.")
    return Held()


def _gap(link: Any, _: Page, __: str) -> Held:
    return Held() if link.digest == START else _wrong(link, "a gap has no content, and this one names some.")


def _erased(link: Any, page: Page, part: Part) -> Held:
    what = "its request is" if part == "requests" else "it is"
    if page.named.names(part, link.number) or page.named.names("decisions", link.number):
        return Held(erased=(part,))
    return _wrong(link, f"{what} missing, and no erasure names it.")


def _there(link: Any, page: Page, part: Part) -> Held:
    what = "its request" if part == "requests" else "it"
    if page.unfinished.names(part, link.number):
        todo = "Finish it: 'cds log prune' does."
        return Held(unfinished=f"record {link.number}: an erasure that is not finished names {what}. {todo}")
    if page.named.names(part, link.number):
        return _wrong(link, f"an erasure names {what}, and {what} is still there.")
    return Held()


def _wrong(link: Any, problem: str) -> Held:
    return Held(f"record {link.number}: {problem}")


_KINDS: dict[str, Callable[[Any, Page, str], Held]] = {
    DECISION: _decision,
    OLD_DECISION: _old_decision,
    FEEDBACK: _feedback,
    ERASURE: _erasure,
    GAP: _gap,
}
"""How the records of each kind are held against their links."""
_TABLES: dict[str, frozenset[str]] = {
    DECISION: frozenset({"decisions", "requests", "cards"}),
    OLD_DECISION: frozenset({"decisions", "requests", "cards"}),
    FEEDBACK: frozenset({"feedback"}),
    ERASURE: frozenset({"erasures"}),
    GAP: frozenset(),
}
