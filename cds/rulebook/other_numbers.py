"""``other numbers`` of a rule: numbers of its texts that its findings do not hold, each with what it is and whence.

``14 mg/dL: where emergency care begins (HYPERCA2022)`` names sources; ``1200 mg/d: recommended intake`` names the
finding or the term whose number it is, so that there is one place to change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cds.quantity import Interval
from cds.rulebook import lines
from cds.rulebook.model import OtherNumber
from cds.rulebook.names import Names
from cds.rulebook.report import Where

FORM = "Write it like '14 mg/dL' or '600 to 800 IU/d'."
_SOURCED = re.compile(r"(?P<what>.+) \((?P<sources>[^()]+)\)")


def link_other_numbers(shape: Mapping[str, str], where: Where, names: Names) -> Iterator[OtherNumber]:
    """The numbers that a rule declares; one of no form, or without a source, is reported and left out."""
    for amount, text in shape.items():
        place = where.at(amount)
        found = lines.amount(amount)
        if found is None:
            place.problem(f"'{amount}' is no number.", FORM, "wrong-value")
        elif text in names.findings or text in names.terms:
            place.report.used.add(text)
            yield OtherNumber(amount, *found, what=text, sources=(), of=text, spot=place.spot)
        elif match := _SOURCED.fullmatch(text):
            yield _sourced(amount, found, match, place, names)
        else:
            todo = (
                "Name it behind the words: 'where emergency care begins (HYPERCA2022)'; or write a finding or a term."
            )
            problem = place.page.problem(place.place, f"'{amount}' has no source.", todo, "threshold-without-source")
            place.report.undefined(text, problem, "finding", "term")


def _sourced(amount: str, found: tuple[Interval, str], match: re.Match[str], where: Where, names: Names) -> OtherNumber:
    sources = tuple(match["sources"].split(", "))
    for source in sources:
        where.known(source, names.sources, "evidence source")
    return OtherNumber(amount, *found, what=match["what"], sources=sources, of="", spot=where.spot)
