"""The formulas that computed terms may name: those of the engine, and those that topics bring.

A formula of the engine knows no medicine; a new one is a function in a module beside this one and a line in
``GENERAL``. How a topic brings its own is said in ``cds.topics.calcium``.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from cds.cache import HERE
from cds.facts import doses, limits, selection, tables
from cds.facts.formula import Formula
from cds.rulebook.model import BIRTH_DATE, GENDER
from cds.rulebook.takes import (
    ANY_VALUE,
    DOSE,
    INSTEAD,
    NOTE,
    NOTHING,
    PRODUCT,
    RESULTS,
    TABLE,
    USABLE_FOR,
    Role,
    Takes,
    inputs_alike,
    one_input,
)

PLUG_INS = tuple(f"cds.topics.{found.name}" for found in iter_modules([str(HERE / "topics")]))
"""The packages that bring formulas of a topic; the engine knows none of them by name."""

AGE, SEX = Role("age", (BIRTH_DATE,)), Role("sex", (GENDER,))
LIMIT = Takes(one_input(*RESULTS), (limits.DEFAULT, limits.FROM, limits.TO), scaled=True)
END = Takes(one_input(), optional=(limits.DEFAULT,), keys=(INSTEAD,))

GENERAL: dict[str, Formula] = {
    "dose counting doubles": Formula(doses.counting_doubles, Takes(one_input(DOSE))),
    "first usable": Formula(
        selection.first_usable, Takes(inputs_alike(), keys=(USABLE_FOR, NOTHING)), selection.joint_history
    ),
    "lower end": Formula(limits.lower_end, END),
    "lower reference limit": Formula(limits.lower_limit, LIMIT),
    "newest near another": Formula(
        selection.newest_near,
        Takes((Role("newest of", RESULTS, several=True), Role("near", ANY_VALUE)), (selection.WITHIN,)),
    ),
    "newest of": Formula(selection.newest_of, Takes(inputs_alike())),
    "recorded or assumed": Formula(
        tables.recorded_or_assumed, Takes(one_input(), (tables.ASSUMED_LOWEST, tables.ASSUMED_HIGHEST), keys=(NOTE,))
    ),
    "result before a short course": Formula(
        selection.before_a_short_course,
        Takes((Role("newest of", RESULTS, several=True), Role("course of", (PRODUCT,))), (selection.LONGEST,)),
    ),
    "stated upper limit": Formula(limits.stated_upper_limit, Takes(one_input(*RESULTS), (limits.FROM, limits.TO))),
    "sum": Formula(tables.total, Takes(inputs_alike())),
    "table of age and sex": Formula(tables.by_age_and_sex, Takes((AGE, SEX), keys=(TABLE, INSTEAD))),
    "table of sex": Formula(tables.by_sex, Takes((SEX,), keys=(TABLE,))),
    "the same while usable": Formula(selection.same_while_usable, Takes(one_input(), keys=(USABLE_FOR,))),
    "total or sum of fractions": Formula(
        selection.total_or_fractions, Takes((Role("total"), Role("main fraction"), Role("added fraction")))
    ),
    "upper end": Formula(limits.upper_end, END),
    "upper reference limit": Formula(limits.upper_limit, LIMIT),
}
"""The formulas that know no medicine."""


def _brought() -> dict[str, Formula]:
    """The formulas of all plug-ins."""
    return {name: formula for plug_in in PLUG_INS for name, formula in import_module(plug_in).FORMULAS.items()}


FORMULAS: dict[str, Formula] = GENERAL | _brought()
"""Every formula by the name that rule files give it."""
