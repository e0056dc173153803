"""safety.yaml -> what the proofs ask for, every name in it checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cds.rulebook.model import AnyTerm, Measurement, Safety, Says
from cds.rulebook.model.safety import When
from cds.rulebook.reading import Names, check_names, read_entry
from cds.rulebook.report import Where


def read_safety(shape: Any, where: Where, names: Names, entries: Collection[str], formulas: Collection[str]) -> Safety:
    """What is promised; a name that nobody defines is reported at its line.

    ``entries`` are the names of the entries of silencing.yaml, ``formulas`` those of formulas.
    """
    safety: Safety = read_entry(shape, where)
    check_names(safety, where, {"finding": names.findings, "term": names.terms, "formula": formulas})
    for name in safety.normal:
        place = where.at("normal results", name)
        if place.known(name, names.terms, "term"):
            _check_measured(name, names.terms, place)
    for name, item in safety.properties.items():
        place = where.at("properties", name)
        for key in ("lower", "higher"):
            _check_measured(getattr(item, key), names.terms, place.at(key))
        if item.way == "normal result lost" and not safety.normal:
            place.problem("no result is normal.", "Write 'normal results'.", "missing-key")
    named: dict[Says, tuple[Collection[str], str]] = {
        "decides": (names.rules, "rule"),
        "fires": (names.rules, "rule"),
        "present": (names.findings, "finding"),
        "possible": (names.findings, "finding"),
        "known": (names.terms, "term"),
        "outcome": (names.outcomes, "outcome"),
        "acts": (entries, "entry of silencing.yaml"),
    }
    for index, exception in enumerate(safety.exceptions):
        _check_when(exception.when, where.at("exceptions", index, "when"), named)
    return safety


def _check_measured(name: str, terms: Mapping[str, AnyTerm], where: Where) -> None:
    """Report a name that is that of no measurement."""
    if name in terms and not isinstance(terms[name], Measurement):
        where.problem(f"'{name}' is not measured.", "Name a term with 'kind: measurement'.", "wrong-value")


def _check_when(when: When, where: Where, named: Mapping[Says, tuple[Collection[str], str]]) -> None:
    """Report what statements name and nobody defines, those that are joined included."""
    for key, found in when._asdict().items():
        place = where.at(key.replace("_", " "))
        if key in ("all", "any"):
            for index, part in enumerate(found):
                _check_when(part, place.at(index), named)
        elif found and found.name:
            known, noun = named[found.says]
            place.known(found.name, known, noun)
