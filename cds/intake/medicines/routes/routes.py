"""How a medicine gets into the body: by mouth, by injection, or only to a place on or in it.

Calcium and what it binds meet in the gut, so what is not by mouth does not count there; a glucocorticoid acts on the
bones unless it is only for local use. A route that is not understood is unknown: neither by mouth nor not. Where no
route is stated, the method and the site of a dosage may say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from cds.code_systems import ATC
from cds.intake.elements import MOST_REMEMBERED, codings, remembered, texts
from cds.intake.medicines.medicine_of import Medicine
from cds.intake.medicines.routes.methods import method_of, says_nothing
from cds.intake.medicines.routes.route_codes import (
    ABBREVIATIONS,
    BREATHED_IN,
    CONTAINER,
    DIRECTION_PATTERNS,
    INJECTED,
    MAYBE_INJECTED,
    MIXED,
    NAME_PATTERNS,
    ODD,
    PLACED,
    PLACED_GROUPS,
    ROUTE_CODES,
    SOLID_FORM,
    SWALLOWED,
    Route,
)
from cds.intake.terminology.concepts import as_concepts
from cds.intake.terminology.spelling import without_accents
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State


def route_of(resource: Json, medicine: Medicine) -> Route:
    """The route of a medication record; by mouth where nothing says otherwise (see ``route_told``)."""
    return route_told(resource, medicine, texts(medicine.concept)) or Route.MOUTH


def route_told(resource: Json, medicine: Medicine, names: Iterable[str]) -> Route | None:
    """The route that a record, a dose form, the names or the code of its medicine tell; None where none does."""
    name = "; ".join(names)
    return _agreed([_told(resource, medicine.forms, name), _of_group(medicine, name)])


def _of_group(medicine: Medicine, name: str) -> Route | None:
    """Local where a code is one of what is only put on a place, and no form beside it is swallowed; else None."""
    coded = [str(coding.get("code")) for coding in codings(medicine.concept) if coding.get("system") == ATC]
    if not any(map(PLACED_GROUPS.fullmatch, coded)):
        return None
    return Route.UNCLEAR if any(_told_by(text).is_solid for text in (name, *medicine.forms)) else Route.LOCAL


def _told(resource: Json, forms: Iterable[str], name: str) -> Route | None:
    """The route that a medication record, a dose form or a name tells; None where none does.

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
    directed = list(_directions(dosages, contained=Route.MOUTH not in by_word))
    if any(route not in (None, Route.UNCLEAR) for route in directed):
        found = [word if route is Route.UNCLEAR else route for route, word in zip(found, by_word, strict=True)]
    return stated or _agreed([*found, *directed])


class Told(NamedTuple):
    """What the name or a form of a medicine says; ``by_word``: the route without what its container says."""

    route: Route | None
    by_word: Route | None
    is_solid: bool


@lru_cache(maxsize=MOST_REMEMBERED)
def _told_by(text: str) -> Told:
    return Told(
        route_of_name(text),
        _found(text, NAME_PATTERNS, contained=False),
        SOLID_FORM.search(without_accents(text)) is not None,
    )


@lru_cache(maxsize=MOST_REMEMBERED)
def route_of_name(text: str) -> Route | None:
    """The route that the name or the form of a medicine gives away: ``Ophthalmic Solution``; None where it does not."""
    return _found(text, NAME_PATTERNS)


@lru_cache(maxsize=MOST_REMEMBERED)
def _of_directions(text: str, *, contained: bool) -> Route | None:
    short = [ROUTE_CODES[word] for word in re.findall(r"\b[A-Z]{2}\b", text) if word in ABBREVIATIONS]
    return _agreed([_found(text, DIRECTION_PATTERNS, contained=contained and not short), *short])


def _found(text: str, patterns: dict[Route, re.Pattern[str]], *, contained: bool = True) -> Route | None:
    """What is breathed in through the mouth is not taken by mouth; what else is said counts before a container."""
    text = without_accents(text)
    if BREATHED_IN.search(text):
        return Route.LOCAL
    found = _agreed([route for route, pattern in patterns.items() if pattern.search(text)])
    return _by_container(text) if found is None and contained else found


def _by_container(text: str) -> Route | None:
    if CONTAINER.search(text):
        return Route.INJECTION
    return Route.UNCLEAR if MAYBE_INJECTED.search(text) else None


def _agreed(found: Iterable[Route | None]) -> Route | None:
    """The one route that all say; not understood where they differ; None where none says anything."""
    routes = {route for route in found if route is not None}
    return Route.UNCLEAR if len(routes) > 1 else next(iter(routes), None)


def _stated(dosages: list[Json], *, is_oral: bool) -> Route | None:
    """The route of the dosage elements: by mouth if one of them is, not understood if one of them may be."""
    known = [route for item in dosages if (route := _of_element(item, is_oral=is_oral)) is not None]
    return next((route for route in Route if route in known), None)


_BY_METHOD = {
    INJECTED: Route.INJECTION,
    SWALLOWED: Route.MOUTH,
    PLACED: Route.LOCAL,
    ODD: Route.UNCLEAR,
    MIXED: Route.UNCLEAR,
}


def _of_element(item: Json, *, is_oral: bool) -> Route | None:
    """The route that one element states; with a method that contradicts it, unclear.

    A method that is not understood says nothing against a route, nor against a name or a form of what is swallowed
    (``is_oral``): it may be in another language, or be about meals. Alone it makes the route unclear.
    """
    route, method = _agreed(_route_in(concept) for concept in as_concepts(item.get("route"))), method_of(item)
    if method is None or (method == ODD and (route is not None or is_oral)):
        return route
    return _agreed([route, _BY_METHOD[method]])


@remembered
def _route_in(concept: Any) -> Route | None:
    """By its codes, else by its words; None where it says nothing at all."""
    if says_nothing(concept):
        return None
    coded = [ROUTE_CODES[code] for c in codings(concept) if (code := str(c.get("code")).upper()) in ROUTE_CODES]
    words = texts(concept)
    written = [ROUTE_CODES.get(text.upper().replace(".", "").strip()) or route_of_name(text) for text in words]
    return _agreed(coded) or _agreed(written) or Route.UNCLEAR


def _directions(dosages: list[Json], *, contained: bool) -> Iterator[Route | None]:
    """What directions say; by a container alone (``contained``) only where no name says that it is taken by mouth."""
    for item in dosages:
        for key in ("text", "patientInstruction"):
            if isinstance(text := item.get(key), str):
                yield _of_directions(text[:200], contained=contained)


def _dosages(resource: Json) -> list[Json]:
    listed = [resource.get(key) for key in ("dosage", "dosageInstruction")]
    items = [item for found in listed for item in (found if isinstance(found, list) else [found])]
    return [item for item in items if isinstance(item, dict)]


BY_MOUTH: dict[Route, State] = {
    Route.MOUTH: PRESENT,
    Route.INJECTION: ABSENT,
    Route.LOCAL: ABSENT,
    Route.UNCLEAR: UNKNOWN,
}
"""Whether a medicine reaches the gut."""
SYSTEMIC: dict[Route, State] = {**BY_MOUTH, Route.INJECTION: PRESENT}
"""Whether a medicine acts on the whole body."""
REACHES: dict[str, dict[Route, State]] = {
    "oral": BY_MOUTH,
    "systemic": {route: ABSENT if route is Route.LOCAL else PRESENT for route in Route},
    "any": dict.fromkeys(Route, PRESENT),
}
"""Whether a medicine counts, by the route that its term asks for.

What acts on the whole body unless it is an ointment counts where the route was not understood: it could be any."""
