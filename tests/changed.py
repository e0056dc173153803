"""Strategies that change a resource a little: an element is gone, is new, or holds something odd."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st
from people import Json

MOMENT = (
    r"(19|20|18|00)[0-9]{2}(-(0[0-9]|1[0-3])(-([012][0-9]|3[0-2])"
    r"(T([01][0-9]|2[0-4]):[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-5]):[0-6][0-9])?)?)?)?"
)
STRINGS = st.one_of(
    st.from_regex(MOMENT, fullmatch=True), st.text(max_size=4), st.from_regex(r"[A-Za-z0-9.-]{0,66}", fullmatch=True),
    st.sampled_from([
        "", " ", "a b", "a  b", " a", "a\n", "\u00a0", "a\u2003b", "\x00", "a\tb", "<", "==", "2023-02-29",
        "2024-02-29", "1900-02-29", "http://x y", "x" * 65, "\u200b", "a\u0085b", "\r\n x", "2026-01-01T24:00:00Z",
    ]),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-2, 3), st.sampled_from([2**31 - 1, 2**31, 2**63, 10**30, 1e-300, 1e300, -0.0, 0.1]),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
EMPTY = st.sampled_from([[], {}, [{}], [None], ["x"], {"a": 1}])
ODD = st.one_of(STRINGS, STRINGS, NUMBERS, st.none(), st.booleans(), EMPTY)
KEYS = ["display", "text", "version", "extension", "_status", "value", "valueQuantity", "note", "start", "id", "unit"]


def inner(value: Any) -> Iterator[Any]:
    """The mappings and lists inside a value, itself included."""
    if isinstance(value, (dict, list)):
        yield value
        for item in list(value.values()) if isinstance(value, dict) else value:
            yield from inner(item)


@st.composite
def changed(draw: st.DrawFn, resources: Sequence[Json], keys: Sequence[str] = KEYS) -> Json:
    """One of the resources with one or two small changes, most of them of a string or a number."""
    found = copy.deepcopy(draw(st.sampled_from(resources)))
    for _ in range(draw(st.integers(1, 2))):
        target = draw(st.sampled_from([one for one in inner(found) if one] or [found]))
        places = [p for p in (target if isinstance(target, dict) else range(len(target))) if p != "resourceType"]
        leaves = [place for place in places if not isinstance(target[place], (dict, list))]
        how = draw(st.integers(0, 9))
        if how == 0 and isinstance(target, dict):
            target[draw(st.sampled_from(keys))] = copy.deepcopy(draw(ODD))
        elif how == 1 and places:
            del target[draw(st.sampled_from(places))]
        elif leaves or places:
            place = draw(st.sampled_from(leaves or places))
            same = {str: STRINGS, int: NUMBERS, float: NUMBERS}.get(type(target[place]), ODD)
            target[place] = copy.deepcopy(draw(same if how > 2 else ODD))
    return found
