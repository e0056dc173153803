"""The formulas of a rulebook: which are the engine's and which the topic's own, with the text of their code."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import NamedTuple

from cds.facts.formula import Formula
from cds.facts.formulas import FORMULAS, GENERAL
from cds.rulebook.model import Computed, RuleBook


class UsedFormula(NamedTuple):
    """A formula that terms of a rulebook name: what it says of itself, where it stands, who tests it.

    ``inputs`` are its roles; ``is_own`` says that it is medicine, and not one that any topic may use.
    """

    name: str
    says: str
    place: str
    inputs: tuple[str, ...]
    numbers: tuple[str, ...]
    terms: tuple[str, ...]
    tests: tuple[str, ...]
    is_own: bool


class ModuleText(NamedTuple):
    """A module as it was written."""

    name: str
    text: str


def formulas_of(book: RuleBook) -> list[UsedFormula]:
    """The formulas that the terms of a rulebook name, those of the topic first."""
    named: dict[str, list[str]] = {}
    for term in book.terms.values():
        if isinstance(term, Computed):
            named.setdefault(term.formula, []).append(term.name)
    return sorted((_used(name, terms) for name, terms in named.items()), key=lambda item: (not item.is_own, item.name))


def _used(name: str, terms: Iterable[str]) -> UsedFormula:
    formula = FORMULAS[name]
    return UsedFormula(
        name=name,
        says=inspect.getdoc(formula.compute) or "",
        place=f"{formula.compute.__module__}.{formula.compute.__qualname__}",
        inputs=tuple(role.name for role in formula.takes.roles if role.name),
        numbers=formula.takes.numbers,
        terms=tuple(terms),
        tests=formula.tests,
        is_own=name not in GENERAL,
    )


def module_texts(used: Iterable[UsedFormula]) -> list[ModuleText]:
    """The modules in which the topic's own formulas stand, whole: helpers and constants are part of what they do."""
    own: Iterable[Formula] = (FORMULAS[item.name] for item in used if item.is_own)
    modules = {formula.compute.__module__: inspect.getmodule(formula.compute) for formula in own}
    return [
        ModuleText(name, inspect.getsource(module)) for name, module in sorted(modules.items()) if module is not None
    ]
