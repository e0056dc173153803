"""How a medicine gets into the body: by mouth, by injection, or only to a place on or in it.

Calcium and what it binds meet in the gut, so what is not by mouth does not count there; a glucocorticoid acts on the
bones unless it is only for local use. A route that is not understood is unknown: neither by mouth nor not.

Codes: SNOMED CT (the children of 284009009; FHIR value set route-codes), EDQM Standard Terms (routes and methods of
administration), HL7 v2 table 0162 and v3 RouteOfAdministration. A code means the same whatever system stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.concepts import MOST_REMEMBERED, codings, remembered, texts
from cds.intake.elements import Json
from cds.intake.methods import INJECTED, MIXED, ODD, PLACED, SWALLOWED, as_concepts, method_of, says_nothing
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State


class Route(Enum):
    """Where a medicine goes."""

    MOUTH = "by mouth"
    UNCLEAR = "not understood"
    INJECTION = "by injection"
    LOCAL = "local"


_CODES = {
    Route.MOUTH: (
        "26643006 37839007 54471007 127490009 127491008 127492001 372454008 372473007 417985001 418441008 418664002 "
        "418730005 418887008 420163009 420218003 445768003 447026006 448491004 386359008 "
        "20053000 20067000 20002500 20054000 20055000 20013500 20013000 20021000 "
        "PO SL BUC GT GTT NG NGT OG OGT JT SWISHSWAL CHEW SUCK"
    ),
    Route.INJECTION: (
        "47625008 78421000 34206005 58100008 417255000 38239002 418114005 419993007 445755006 386356001 386358000 "
        "386362006 20045000 20035000 20066000 20023000 20036500 20038000 20015500 "
        "IV IVP IVPB IM SC SQ SUBQ IVINJ IVPUSH IVINJBOL IMINJ SQINJ IA IO IP"
    ),
    Route.LOCAL: (
        "37161004 16857009 6064005 46713006 54485002 10547007 45890007 12130007 62226000 72607000 90028008 372449004 "
        "372450004 372452007 372457001 372464004 372466002 372468001 372471009 372472002 372474001 372476004 404818005 "
        "404820008 418091004 418162004 418401004 419778001 419954003 420201002 420185003 446105004 447081004 447694001 "
        "448492006 448598008 431695009 "
        "20061000 20072000 20020000 20049000 20051000 20001000 20003000 20004000 20008000 20010000 20014000 20070000 "
        "20044000 20046000 20071000 20024000 20030000 20031500 20032000 20036000 20039000 20042000 20047000 20009000 "
        "PR PV VG IH INH NS OP OT OPTHALTA TOPICAL TP AP TD NASINHL"
    ),
}
CODES = {code: route for route, codes in _CODES.items() for code in codes.split()}
_MOUTH = (
    r"oral(?:ly)?|mouth|per os|(?:naso|oro)?gastric|sublingual(?:ly)?|buccal(?:ly)?|oromucosal|orodispersible|"
    r"enteral(?:ly)?|gastro-?enteral|gastrostomy|jejunostomy|(?:feeding|peg) tube|swallow\w*"
)
_INJECTED = (
    r"inject\w*|infusion|infused?|intravenous(?:ly)?|intramuscular(?:ly)?|subcutaneous(?:ly)?|parenteral|"
    r"intra-?arterial|intraosseous|intraperitoneal|ivpb|piggyback"
)
_CONTAINER = re.compile(r"(?<!\w)(?:(?:pre-?filled )?syringes?|vials?|premix(?:ed)?)(?!\w)", re.I)
"""What is in these is injected, unless something else says that it is taken by mouth: tablets come in vials too."""
_MAYBE_INJECTED = re.compile(r"(?<!\w)(?:amp(?:o?ules?|uls?)|phials?)(?!\w)", re.I)
"""Ampoules are injected, or drunk; nobody can tell which by the word alone."""
_BREATHED = r"inhal\w*|nebuli\w+|puffs?"
_PLACED = (
    rf"{_BREATHED}|cream|ointment|lotion|foam|gel(?![ -]?(?:cap|tab))|enema|suppositor\w+|rectal(?:ly)?|per rectum|"
    r"vaginal(?:ly)?|per vagina|pessar\w+|respiratory|nasal(?:ly)?|ophthalmic|ocular|otic|auricular|topical(?:ly)?|"
    r"cutaneous|transdermal|gingival|urethral|intra-?articular|intravitreal|intrathecal|epidural|conjunctival|"
    r"apply|applied|insert(?:ed)?|instill?(?:ed)?"
)
_IN_AN_ORGAN = (
    r"(?:in|into|to) (?:(?:the|each|both|left|right|affected) )+(?:eyes?|ears?|nostrils?|rectum|vagina|skin|areas?)"
)
_SOLID = r"tab(?:let)?s?|cap(?:sule|let)?s?|chew\w*|softgels?|lozenges?"
_IS_SOLID = re.compile(rf"(?<!\w)(?:{_SOLID})(?!\w)", re.I)
_DRUNK = r"drink\w*|trink\w*|buvables?|bebibles?"
_SHORT = frozenset({"PO", "NG", "IV", "IM", "SC", "SQ", "PR", "PV"})
"""Abbreviations that directions use; in upper case, so that no other word is taken for one."""


def _patterns(mouth: str, local: str) -> dict[Route, re.Pattern[str]]:
    """Whole words; a hyphen may join them to others."""
    words = {Route.MOUTH: mouth, Route.INJECTION: _INJECTED, Route.LOCAL: local}
    return {route: re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.I) for route, listed in words.items()}


_NAME = _patterns(rf"{_MOUTH}|{_DRUNK}", rf"{_PLACED}|eyes?|ears?")
_DIRECTIONS = _patterns(rf"{_MOUTH}|{_SOLID}", rf"{_PLACED}|{_IN_AN_ORGAN}")
_BREATH = re.compile(rf"(?<!\w)(?:{_BREATHED})(?!\w)", re.I)


def route_of(resource: Json, forms: Iterable[str], name: str = "") -> Route:
    """The route of a medication record; by mouth where nothing says otherwise.

    Args:
        resource: the record; a route that it states counts before everything else.
        forms: the dose forms of the medicine.
        name: the name of the medicine, which may give the route away.

    """
    told, dosages = [_told_by(name), *map(_told_by, forms)], _dosages(resource)
    is_solid = any(each.is_solid for each in told)
    stated = _stated(dosages, is_oral=is_solid or any(each.route is Route.MOUTH for each in told))
    by_word = [told[0].by_word, *(each.route for each in told[1:])]
    if stated is Route.MOUTH and (Route.LOCAL in by_word or Route.INJECTION in by_word):
        return Route.UNCLEAR
    found = by_word if is_solid else [each.route for each in told]
    return stated or _agreed([*found, *_directions(dosages)]) or Route.MOUTH


class Told(NamedTuple):
    """What the name or a form of a medicine says; ``by_word``: the route without what its container says."""

    route: Route | None
    by_word: Route | None
    is_solid: bool


@lru_cache(maxsize=MOST_REMEMBERED)
def _told_by(text: str) -> Told:
    return Told(route_of_name(text), _found(text, _NAME, contained=False), _IS_SOLID.search(text) is not None)


@lru_cache(maxsize=MOST_REMEMBERED)
def route_of_name(text: str) -> Route | None:
    """The route that the name or the form of a medicine gives away: ``Ophthalmic Solution``; None where it does not."""
    return _found(text, _NAME)


@lru_cache(maxsize=MOST_REMEMBERED)
def _of_directions(text: str) -> Route | None:
    short = [CODES[word] for word in re.findall(r"\b[A-Z]{2}\b", text) if word in _SHORT]
    return _agreed([_found(text, _DIRECTIONS), *short])


def _found(text: str, patterns: dict[Route, re.Pattern[str]], *, contained: bool = True) -> Route | None:
    """What is breathed in through the mouth is not taken by mouth; what else is said counts before a container."""
    if _BREATH.search(text):
        return Route.LOCAL
    found = _agreed([route for route, pattern in patterns.items() if pattern.search(text)])
    return _by_container(text) if found is None and contained else found


def _by_container(text: str) -> Route | None:
    if _CONTAINER.search(text):
        return Route.INJECTION
    return Route.UNCLEAR if _MAYBE_INJECTED.search(text) else None


def _agreed(found: Iterable[Route | None]) -> Route | None:
    """The one route that all say; not understood where they differ; None where none says anything."""
    routes = {route for route in found if route is not None}
    return Route.UNCLEAR if len(routes) > 1 else next(iter(routes), None)


def _stated(dosages: list[Json], *, is_oral: bool) -> Route | None:
    """The route of the dosage elements: by mouth if one of them is, not understood if one of them may be."""
    known = [route for item in dosages if (route := _of_element(item, is_oral=is_oral)) is not None]
    return next((route for route in Route if route in known), None)


_BY_METHOD = {
    INJECTED: Route.INJECTION, SWALLOWED: Route.MOUTH, PLACED: Route.LOCAL, ODD: Route.UNCLEAR, MIXED: Route.UNCLEAR
}  # fmt: skip


def _of_element(item: Json, *, is_oral: bool) -> Route | None:
    """The route that one element states; with a method that contradicts it, unclear.

    A method that is not understood says nothing against a route, nor against a name or a form of what is swallowed
    (``is_oral``): it may be in another language, or be about meals. Alone it makes the route unclear.
    """
    route, method = _agreed(_of_concept(concept) for concept in as_concepts(item.get("route"))), method_of(item)
    if method is None or (method == ODD and (route is not None or is_oral)):
        return route
    return _agreed([route, _BY_METHOD[method]])


@remembered
def _of_concept(concept: Any) -> Route | None:
    """By its codes, else by its words; None where it says nothing at all."""
    if says_nothing(concept):
        return None
    coded = [CODES[code] for c in codings(concept) if (code := str(c.get("code")).upper()) in CODES]
    words = texts(concept)
    written = [CODES.get(text.upper().replace(".", "").strip()) or route_of_name(text) for text in words]
    return _agreed(coded) or _agreed(written) or Route.UNCLEAR


def _directions(dosages: list[Json]) -> Iterator[Route | None]:
    for item in dosages:
        for key in ("text", "patientInstruction"):
            if isinstance(text := item.get(key), str):
                yield _of_directions(text[:200])


def _dosages(resource: Json) -> list[Json]:
    listed = [resource.get(key) for key in ("dosage", "dosageInstruction")]
    items = [item for found in listed for item in (found if isinstance(found, list) else [found])]
    return [item for item in items if isinstance(item, dict)]


BY_MOUTH: dict[Route, State] = {
    Route.MOUTH: PRESENT, Route.INJECTION: ABSENT, Route.LOCAL: ABSENT, Route.UNCLEAR: UNKNOWN
}  # fmt: skip
"""Whether a medicine reaches the gut."""
SYSTEMIC: dict[Route, State] = {**BY_MOUTH, Route.INJECTION: PRESENT}
"""Whether a medicine acts on the whole body."""
