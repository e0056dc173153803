"""What a product holds, and its schedules -> the amount of each nutrient a day and an intake."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import reduce

from cds.intake.medicines.contents.masses import PER_ML, mass_of, most_of
from cds.intake.medicines.dosages.periods import may_be_together, may_replace_each_other, steps_of
from cds.intake.medicines.dosages.schedule import Schedule
from cds.intake.sigs.dose import Dose
from cds.quantity import Interval, point, tidy
from cds.rulebook.model import UNSTATED, Contents, RuleBook

Amounts = dict[str, tuple[Interval, Interval]]
"""Per nutrient: the amount of a day, and of one intake."""


def amounts_of(contents: Contents, plan: Sequence[Schedule], book: RuleBook) -> tuple[Amounts, bool]:
    """The amount of each nutrient a day and an intake, and whether something was not clear.

    What is taken at the same time is added up; more than is plausible in a day is an amount that is not known. Of
    steps that follow each other any one may be today's; where they may be parts of one day, it is at most their sum.
    """
    steps = steps_of(plan) or [[Schedule()]]
    taken = [_together(step, contents, book) for step in steps]
    unclear = not plan or len(steps) > 1 or any(vague for _, vague in taken)
    one_of = _joined([amounts for amounts, _ in taken], Interval.hull)
    if not may_be_together(steps):
        return one_of, unclear
    in_all = _joined([amounts for amounts, _ in taken], Interval.plus)
    return {n: (daily.hull(in_all[n][0]), single) for n, (daily, single) in one_of.items()}, unclear


def _joined(taken: Sequence[Amounts], join: Callable[[Interval, Interval], Interval]) -> Amounts:
    """The amounts of a day, and of an intake, of several steps as one."""
    return {
        nutrient: (
            reduce(join, (amounts[nutrient][0] for amounts in taken)),
            reduce(Interval.hull, (amounts[nutrient][1] for amounts in taken)),
        )
        for nutrient in taken[0]
    }


def _together(step: Sequence[Schedule], contents: Contents, book: RuleBook) -> tuple[Amounts, bool]:
    """The sum of a day and the largest intake of schedules that are taken at the same time.

    Of those that may replace each other it is at least the largest one.
    """
    total: Amounts = {}
    largest_of: dict[str, float] = {}
    replacing = may_replace_each_other(step)
    unclear = bool(replacing)
    for schedule in _said_twice_from_none(step):
        for nutrient in contents.nutrients:
            daily, single, vague = _of_all_meanings(schedule, contents, nutrient, book)
            if daily.low > most_of(nutrient, book):
                daily, single, vague = Interval(0, daily.high), Interval(0, single.high), True
            unclear = unclear or vague or daily.high == math.inf
            before = total.get(nutrient, (point(0), point(0)))
            largest = Interval(max(before[1].low, single.low), max(before[1].high, single.high))
            if schedule in replacing:
                largest_of[nutrient] = max(largest_of.get(nutrient, 0.0), daily.low)
                daily = Interval(0, daily.high)
            total[nutrient] = before[0].plus(daily), largest
    for nutrient, least in largest_of.items():
        daily, single = total[nutrient]
        total[nutrient] = Interval(daily.low + least, daily.high), single
    return total, unclear


def _said_twice_from_none(step: Sequence[Schedule]) -> Iterator[Schedule]:
    """The schedules; one that says the same as another one may be the same intake, and counts from none."""
    said: set[tuple[object, ...]] = set()
    for schedule in step:
        key = (schedule.dose, schedule.per_day, schedule.hours, schedule.bounds)
        yield schedule._replace(as_needed=True, most=None) if key in said and schedule.dose else schedule
        said.add(key)


def _of_all_meanings(s: Schedule, contents: Contents, nutrient: str, book: RuleBook) -> tuple[Interval, Interval, bool]:
    """The amounts of a schedule; where its words may mean another one, from the least of them to the most."""
    daily, single, vague = _scheduled(s, contents, nutrient, book)
    for part in s.others:
        other = s._replace(dose=part.dose, per_day=part.per_day)
        maybe, intake, _ = _scheduled(other, contents, nutrient, book)
        daily, single, vague = daily.hull(maybe), single.hull(intake), True
    return daily, single, vague


def _scheduled(s: Schedule, contents: Contents, nutrient: str, book: RuleBook) -> tuple[Interval, Interval, bool]:
    """Amount of a day and of an intake of one schedule; True when a default range had to be used.

    How much of a liquid a sachet or another dose form is, its measure does not say.
    """
    per_day = s.per_day or _usual_intakes(nutrient, s.dose, _most_of_its_intent(contents, book), book)
    dose = s.dose or Dose(_usual_dose(s.per_day, book), "")
    of_no_size = s.dose is not None and s.dose.unit == "" and contents.measure
    single = UNSTATED if of_no_size else _amount(dose, contents, nutrient, book)
    daily = single.across(per_day)
    vague = s.per_day is None or s.dose is None or dose.unit == "?"
    if s.as_needed:
        high = _amount(s.most, contents, nutrient, book).high if s.most else daily.high
        if s.most is None and s.per_day is None:
            high = single.across(point(_most_of_its_intent(contents, book) or _most_units(book))).high
        return Interval(0, high), single, vague
    return daily, single, vague


def _most_of_its_intent(contents: Contents, book: RuleBook) -> float:
    """The most units in a day of what is taken for its intent; 0 where products.yaml does not say."""
    intent = book.products.intents.get(contents.intent)
    return (intent and intent.units_a_day) or 0.0


def _usual_intakes(name: str, dose: Dose | None, most: float, book: RuleBook) -> Interval:
    """Intakes a day when the frequency is not stated: as products.yaml has them, or by how many units are usual."""
    nutrient = book.products.nutrients[name]
    if usual := nutrient.units_a_day:
        units = dose.number.low if dose is not None and dose.unit == "" and dose.number.low >= 1 else 1
        return Interval(usual.low, max(usual.low, max(usual.high, most) / units))
    return nutrient.intakes_a_day or Interval(0, float("inf"))


def _most_units(book: RuleBook) -> float:
    """The most units of a product that are usual in a day; any number where products.yaml does not say."""
    usual = book.products.main.units_a_day
    return math.inf if usual is None else usual.high


def _usual_dose(per_day: Interval | None, book: RuleBook) -> Interval:
    """Units an intake when they are not stated; what is taken once a week is no more than that of a day."""
    if per_day is None or per_day.low <= 0:
        return point(1)
    return Interval(1, max(1.0, _most_units(book) / max(1.0, per_day.low)))


def _amount(dose: Dose, contents: Contents, nutrient: str, book: RuleBook) -> Interval:
    """How much of a nutrient one dose holds."""
    unit_amount = contents.amounts.get(nutrient)
    if dose.unit in ("", "?") and contents.measure == PER_ML:
        return UNSTATED
    if dose.unit in ("", "?"):
        units = dose.number if dose.unit == "" else _unstated_units(dose.number)
        return units.across(unit_amount) if unit_amount is not None else UNSTATED
    if dose.unit == "ml":
        size = float(contents.measure.split()[0]) if contents.measure.lower().endswith("ml") else 0
        return dose.number.times(1 / size).across(unit_amount) if size and unit_amount else UNSTATED
    if unit_amount is None or unit_amount == UNSTATED:
        return mass_of(dose, contents, nutrient, book)
    is_main = nutrient == book.products.main.name
    if not is_main and (count := _units_of_mass(dose, contents, book)) is not None:
        return count.across(unit_amount)
    if contents.strength is None or not is_main:
        return mass_of(dose, contents, nutrient, book)
    return _of_strength(dose, contents, unit_amount, book)


def _units_of_mass(dose: Dose, contents: Contents, book: RuleBook) -> Interval | None:
    """How many units a mass of a combination product is: by its main nutrient, or by the salt that its label names."""
    main = book.products.main
    factor, held = main.units.get(dose.unit), contents.amounts.get(main.name)
    if factor is None or held is None or held == UNSTATED or not held.low:
        return None
    mass = dose.number.times(factor)
    counts = [mass.high / held.low, mass.low / held.high]
    if contents.strength:
        strength = contents.strength * main.milligram
        counts += [mass.high / strength, mass.low / strength]
    return point(1.0) if 1.0 in counts else Interval(tidy(min(counts)), tidy(max(counts)))


def _unstated_units(number: Interval) -> Interval:
    """A number without a unit: between one dose form and that many."""
    return Interval(min(1.0, number.low), max(1.0, number.high)) if number.high > 0 else number


def _of_strength(dose: Dose, contents: Contents, unit_amount: Interval, book: RuleBook) -> Interval:
    """A mass of a product whose label names the salt: whole units where it is the one or the other mass."""
    main = book.products.main
    strength = (contents.strength or 0) * main.milligram
    factor = main.units.get(dose.unit)
    if factor is None or not strength:
        return UNSTATED
    mass = dose.number.times(factor)
    if mass == point(strength) or mass == unit_amount:
        return unit_amount
    share = unit_amount.low / strength
    return Interval(tidy(mass.low * share), max(mass.high, tidy(mass.high * unit_amount.high / strength)))
