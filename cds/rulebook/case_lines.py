"""Example patients: what a case says and expects, every name and every value in it checked."""

from __future__ import annotations

from cds.rulebook.given import NoValueError, given_state, given_values
from cds.rulebook.model import CASE_WORDS, RECORDED, Case, Joined
from cds.rulebook.names import Names
from cds.rulebook.report import Where
from cds.rulebook.scales import is_whole
from cds.rulebook.shapes.rule import CaseShape


def link_case(shape: CaseShape, where: Where, names: Names) -> Case:
    """An example patient, every name in it checked."""
    for key, codes in (("says", shape.says), ("does not say", shape.does_not_say)):
        for index, code in enumerate(codes):
            where.at(key, index).known(code, names.advice, "advice code")
    allowed = {*names.outcomes, *CASE_WORDS}
    if shape.expect not in allowed:
        what = f"'{shape.expect}' cannot be expected."
        todo = f"Expect one of: {', '.join(sorted(allowed))}."
        where.at("expect").undefined(shape.expect, what, todo, "bad-case", "outcome")
    given = tuple(shape.given.items())
    check_given(given, where.at("given"), names)
    return Case(
        shape.case, given, shape.expect, tuple(shape.says), tuple(shape.does_not_say), where.spot, shape.summary,
        shape.indicator,
    )  # fmt: skip


def check_given(given: tuple[tuple[str, str], ...], where: Where, names: Names) -> None:
    """Report what a case says and cannot be said: unknown names, joined findings, values of no form or unit."""
    for name, text in given:
        place = where.at(name)
        place.report.used.add(name)
        if name in names.terms and not isinstance(names.terms[name], RECORDED):
            if is_whole(name, names.terms):
                _check_value(name, text, place, names)
        elif name not in names.findings:
            place.known(name, {**names.terms, **names.findings}, "term", "finding")
        elif isinstance(names.findings[name].definition, Joined):
            place.problem(f"'{name}' follows from other findings.", "State those instead.", "bad-case")
        elif given_state(text) is None:
            place.problem(f"'{text}' is no state of a finding.", "Write yes, no or unknown.", "bad-case")


def _check_value(name: str, text: str, where: Where, names: Names) -> None:
    try:
        given_values(text, name, names.terms)
    except NoValueError as error:
        where.problem(error.what, error.todo, error.code)
