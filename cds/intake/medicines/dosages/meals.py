"""Whether a medicine is taken with meals: by the events of its timing, or by the words of its directions.

Events are those of HL7 v3 TimingEvent (C, CM, CD, CV: with a meal, with breakfast, lunch, dinner). Before and after a
meal is not with it. Whose intakes a day are not known to be two may be taken so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce

from cds.intake.medicines.dosages.schedule import Schedule
from cds.intake.sigs.dose import ANY_NUMBER
from cds.intake.sigs.text import letters_of
from cds.quantity import ABSENT, Interval, State, point

WITH_A_MEAL = frozenset({"C", "CM", "CD", "CV"})
LEAST_A_DAY = 2
"""What is taken with meals is taken with two of them at least."""
_WITH = re.compile(
    r"\b(?:(?:w/|with|during|at) ?(?:each |every |all |a |the |main |your )*"
    r"(?:meals?|food|mealtimes?|breakfast|lunch|dinner|supper)"
    r"|at meal times?|(?:zu|mit|wahrend) (?:den |der |jeder |einer |dem )?(?:haupt)?(?:mahlzeit(?:en)?|essen)"
    r"|(?:pendant|avec|au cours d[eu]s?|durant) (?:les |le |chaque |un |du )?repas|aux repas"
    r"|(?:con|durante) (?:las |la |cada |una )?(?:comidas?|alimentos)"
    r"|(?:con|durante|ai) (?:i |il )?past[io]|con il cibo"
    r"|(?:bij|tijdens|met) (?:de |het |elke )?(?:maaltijd(?:en)?|eten)|(?:com|durante|as) (?:as |a )?refeic(?:oes|ao)"
    r"|(?:till|med|til|ved) (?:en |et )?(?:mat(?:en)?|maltid(?:er)?|maltiderna)|aterian yhteydessa|ruoan kanssa)\b"
    r"|随餐|餐中|与餐同服|進餐時|食事中|食事と一緒に|식사와 함께|식사 중"
)
_DENIED = re.compile(
    r"\b(?:not|never|avoid|without|apart from|away from|don't|nicht|ohne|ne pas|sans|no|sin|non|niet|senza)\b[^.;]*$"
)


def says_with_meals(hours: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether the events or the words of directions name a meal with which it is taken."""
    return not WITH_A_MEAL.isdisjoint(hours) or any(map(_in_words, texts))


def _in_words(text: str) -> bool:
    told = letters_of(text)
    return any(not _DENIED.search(told[: found.start()]) for found in _WITH.finditer(told))


def with_meals(plan: Sequence[Schedule]) -> State:
    """Whether it is taken with two meals a day at least: unknown where that may be so."""
    named = [schedule for schedule in plan if schedule.meals]
    if not named:
        return ABSENT
    intakes = reduce(Interval.plus, map(_intakes, named), point(0.0))
    return intakes.is_at_least(point(LEAST_A_DAY))


def _intakes(schedule: Schedule) -> Interval:
    """The intakes a day, from none where it is taken as needed; any number where nobody said."""
    often = schedule.per_day or ANY_NUMBER
    for other in schedule.others:
        often = often.hull(other.per_day or ANY_NUMBER)
    return Interval(0, often.high) if schedule.as_needed else often
