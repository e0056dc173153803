"""Computed terms, checked against what their formulas take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from cds.errors import nearest
from cds.rulebook.model import (
    BIRTH_DATE,
    GENDER,
    LIST,
    AnyTerm,
    Computed,
    Demographic,
    Finding,
    Frozen,
)
from cds.rulebook.reading import check_names
from cds.rulebook.report import Where
from cds.rulebook.takes import INSTEAD, KINDS, NEEDED, NOTE, NOTHING, TABLE, USABLE_FOR, Formulas, Takes


def in_order(term: AnyTerm, formulas: Formulas) -> AnyTerm:
    """A computed term with its roles in the order in which its formula declares them; roles that it lacks last."""
    formula = formulas.get(term.formula) if isinstance(term, Computed) else None
    if formula is None or not isinstance(term, Computed):
        return term
    declared = [role.name for role in formula.takes.roles if role.name in term.roles]
    return term._replace(roles=Frozen({name: term.roles[name] for name in dict.fromkeys((*declared, *term.roles))}))


def check_terms(
    terms: Mapping[str, AnyTerm],
    findings: Mapping[str, Finding],
    wheres: Mapping[str, Where],
    formulas: Formulas,
    scales: Collection[str] | None,
) -> None:
    """Report inputs, formulas, numbers and findings that a term names and nobody defines, and what it does not give.

    Without ``scales`` nobody knows which there are: the numbers of formulas that have some are not judged.
    """
    for name, where in wheres.items():
        term = terms[name]
        check_names(term, where, {"finding": findings, "term": terms})
        if isinstance(term, Computed):
            _check_computed(term, terms, where, formulas, scales)
    _check_elements(terms, wheres)


def _check_elements(terms: Mapping[str, AnyTerm], wheres: Mapping[str, Where]) -> None:
    """Report two terms of one element: what reads it must know which is meant."""
    reading: dict[str, str] = {}
    for name, where in wheres.items():
        term = terms[name]
        if isinstance(term, Demographic) and (other := reading.setdefault(term.element, name)) != name:
            what = f"'{other}' already reads {term.element}."
            where.at("element").problem(what, "Keep one of the two.", "duplicate-name")


def _check_computed(
    term: Computed, terms: Mapping[str, AnyTerm], where: Where, formulas: Formulas, scales: Collection[str] | None
) -> None:
    for source, _, place in _inputs(term, where):
        place.known(source, terms, "term")
    formula = formulas.get(term.formula)
    if formula is None:
        what = f"no formula is called '{term.formula}'."
        todo = nearest(term.formula, formulas)
        where.at("formula").undefined(term.formula, what, todo, "unknown-formula", "formula")
        return
    _check_roles(term, formula.takes, terms, where)
    _check_numbers(term, formula.takes, scales, where.at("numbers"))
    _check_further_keys(term, formula.takes, where)
    _check_exceptions(term, formula.takes, terms, where.at(INSTEAD))


def _check_exceptions(term: Computed, takes: Takes, terms: Mapping[str, AnyTerm], where: Where) -> None:
    """Report other values that the formula does not read, and terms in their place that nobody defines."""
    for index, item in enumerate(term.instead):
        if INSTEAD in takes.keys and item.term:
            where.at(index).known(item.term, terms, "term")
        elif NOTHING in takes.keys and item.term != NOTHING:
            what = f"'{term.formula}' has no other value."
            where.at(index).problem(what, "Write it like 'nothing, if ...'.", "wrong-value")


def _inputs(term: Computed, where: Where) -> Iterator[tuple[str, str, Where]]:
    """Each input with its role and its place."""
    for role, names in term.roles.items():
        place = where.at("from", role) if role else where.at("from")
        for index, name in enumerate(names):
            own = place.at(index)
            yield name, role, own if own.place in own.page.lines else place


def _check_roles(term: Computed, takes: Takes, terms: Mapping[str, AnyTerm], where: Where) -> None:
    """Report roles that the formula does not have, those that are missing, and terms of a wrong kind."""
    place = where.at("from")
    if not term.inputs:
        where.problem("'from' is missing.", "Add it.", "missing-key")
    elif takes.listed != (LIST in term.roles):
        names = ", ".join(f"'{role.name}'" for role in takes.roles)
        todo = "Write the terms one below the other, with '-'." if takes.listed else f"Say which is which: {names}."
        how = "a list of terms" if takes.listed else "its terms by name"
        place.problem(f"'{term.formula}' takes {how}.", todo, "wrong-value")
    else:
        _check_keys_of(term.roles, [role.name for role in takes.roles], (), place)
        _check_counts(term, takes, place)
        _check_kinds(term, takes, terms, where)


def _check_counts(term: Computed, takes: Takes, where: Where) -> None:
    for role in takes.roles:
        count = len(term.roles.get(role.name, ("",)))
        if not count or (count > 1 and not role.several):
            todo = f"Name {'at least ' if role.several else ''}one."
            (where.at(role.name) if role.name else where).problem(f"{count} terms stand here.", todo, "wrong-value")


def _check_kinds(term: Computed, takes: Takes, terms: Mapping[str, AnyTerm], where: Where) -> None:
    kinds = {role.name: role.kinds for role in takes.roles}
    for name, role, place in _inputs(term, where):
        if name in terms and role in kinds and _kind_of(terms[name]) not in kinds[role]:
            what = f"'{name}' is {_with_article(_kind_of(terms[name]))}."
            taken = " or ".join(_with_article(kind) for kind in kinds[role])
            place.problem(what, f"Name {taken}.", "wrong-value")


def _kind_of(term: AnyTerm) -> str:
    return term.element if isinstance(term, Demographic) else KINDS[type(term)]


def _with_article(kind: str) -> str:
    return f"the term of {kind}" if kind in (BIRTH_DATE, GENDER) else f"a {kind}"


def _check_numbers(term: Computed, takes: Takes, scales: Collection[str] | None, where: Where) -> None:
    """Report numbers that the formula does not read, and those that it needs; of a scale all or none."""
    if takes.scaled and scales is None:
        return
    needed, known = list(takes.numbers), scales if takes.scaled and scales else ()
    for scale in known:
        own = [f"{scale} {name}" for name in takes.numbers]
        needed += own if term.numbers.keys() & set(own) else ()
    spare = [f"{scale} {name}" for scale in known for name in takes.numbers]
    _check_keys_of(term.numbers, needed, (*takes.optional, *spare), where)


def _check_keys_of(given: Collection[str], needed: Collection[str], optional: Collection[str], where: Where) -> None:
    """Report keys without a meaning and keys that are missing; a misspelt key is said once."""
    missing = [name for name in needed if name not in given]
    for key in given:
        if key not in (*needed, *optional):
            meant = get_close_matches(key, missing, n=1)
            missing = [name for name in missing if name not in meant]
            todo = nearest(key, meant or (*needed, *optional))
            where.at(key).problem(f"'{key}' has no meaning here.", todo, "unknown-key")
    for name in missing:
        where.problem(f"'{name}' is missing.", "Add it.", "missing-key")


def _check_further_keys(term: Computed, takes: Takes, where: Where) -> None:
    """Report tables, exceptions, windows and notes that the formula does not read, and those that it needs."""
    given = {TABLE: term.rows, INSTEAD: term.instead, USABLE_FOR: term.windows, NOTE: term.note}
    for key, value in given.items():
        is_read = key in takes.keys or (key == INSTEAD and NOTHING in takes.keys)
        if value and not is_read:
            where.at(key).problem(f"'{term.formula}' does not read '{key}'.", "Remove it.", "unknown-key")
        if key in NEEDED and key in takes.keys and where.at(key).place not in where.page.lines:
            where.problem(f"'{key}' is missing.", "Add it.", "missing-key")
