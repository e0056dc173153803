"""When a medicine is taken: steps one after another, courses of a stated length, and what is only planned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import (
    AS_OF,
    CARBONATE_500,
    EXTENSION,
    Json,
    bundle,
    codes_of,
    daily,
    dosage,
    observation,
    patient,
    quantity,
    read,
    request,
    statement,
)

from cds.evaluation import Evaluation, evaluate
from cds.facts.chart import Chart, chart_of
from cds.intake.reading import read_record
from cds.quantity import Interval, point
from cds.result import result_of
from cds.rulebook.model import RuleBook

PREDNISONE, DOXYCYCLINE, DENOSUMAB = "RxNorm 8640", "RxNorm 3640", "RxNorm 993449"
TODAY = str(AS_OF)


def ago(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def step(number: int, milligrams: float, **repeat: Any) -> Json:
    return limited(dosage(milligrams, "mg", sequence=number), **repeat)


def limited(dose: Json, **repeat: Any) -> Json:
    """A dosage with further parts of its timing."""
    return {**dose, "timing": {"repeat": {**dose["timing"]["repeat"], **repeat}}}


def days(number: float, unit: str = "d") -> Json:
    return {"boundsDuration": quantity(number, unit)}


def period(start: str | None = None, end: str | None = None) -> Json:
    return {"boundsPeriod": {key: day for key, day in (("start", start), ("end", end)) if day}}


def prednisone(book: RuleBook, *steps: Json, **more: Any) -> Interval:
    return daily(book, *steps, code=PREDNISONE, nutrient="glucocorticoid", **more)


def began(days_ago: int) -> Json:
    return {"effectivePeriod": {"start": ago(days_ago)}}


def chart(book: RuleBook, *resources: Json) -> Chart:
    return chart_of(read(book, *resources), book, AS_OF)


def answer(book: RuleBook, *resources: Json) -> Evaluation:
    record = read_record(bundle(patient(), *resources), book, AS_OF)
    return evaluate(record, book, AS_OF)


# --- steps one after another


def test_steps_of_a_taper_are_not_added_up(book: RuleBook) -> None:
    taper = step(1, 40), step(2, 30), step(3, 20)
    record = read(book, statement(PREDNISONE, *taper))

    assert prednisone(book, *taper) == Interval(20, 40)
    assert "dosage-unclear" in codes_of(record)


@pytest.mark.parametrize(("number", "taken"), [(1, point(70)), (None, Interval(40, 70))])
def test_elements_with_one_number_are_taken_together_and_with_none_perhaps(
    book: RuleBook, number: int | None, taken: Interval
) -> None:
    doses = [dosage(mg, "mg", sequence=number) for mg in (40, 30)]

    assert prednisone(book, *doses) == taken


def test_an_element_without_a_number_belongs_to_every_step(book: RuleBook) -> None:
    assert prednisone(book, step(1, 40), step(2, 30), dosage(5, "mg")) == Interval(35, 45)


@pytest.mark.parametrize(("start", "today"), [(4, 40), (5, 30), (9, 30), (10, 20), (14, 20)])
def test_lengths_and_a_start_tell_which_step_is_taken_today(book: RuleBook, start: int, today: float) -> None:
    taper = [step(n + 1, mg, **days(5)) for n, mg in enumerate((40, 30, 20))]
    record = read(book, statement(PREDNISONE, *taper, **began(start)))

    assert prednisone(book, *taper, **began(start)) == point(today)
    assert "dosage-unclear" not in codes_of(record)


def test_the_last_step_may_go_on(book: RuleBook) -> None:
    taper = step(1, 40, **days(5)), step(2, 5)

    assert prednisone(book, *taper, **began(4)) == point(40)
    assert prednisone(book, *taper, **began(400)) == point(5)


@pytest.mark.parametrize(("end", "today"), [(ago(1), 30), (TODAY, 40)])
def test_recorded_periods_tell_which_step_is_taken_today(book: RuleBook, end: str, today: float) -> None:
    start = str(AS_OF + timedelta(days=1)) if end == TODAY else TODAY
    taper = step(1, 40, **period(ago(10), end)), step(2, 30, **period(start))

    assert prednisone(book, *taper) == point(today)


def test_a_step_ends_when_the_next_one_begins(book: RuleBook) -> None:
    assert prednisone(book, step(1, 40, **period(ago(9))), step(2, 30, **period(ago(2)))) == point(30)


def test_without_a_start_every_step_may_be_todays(book: RuleBook) -> None:
    taper = [step(n + 1, mg, **days(5)) for n, mg in enumerate((40, 30, 20))]

    assert prednisone(book, *taper, effectivePeriod=None) == Interval(20, 40)


def test_of_a_taper_that_was_only_ordered_the_steps_that_may_be_reached_count(book: RuleBook) -> None:
    taper = [step(n + 1, mg, **days(5)) for n, mg in enumerate((40, 30, 20))]
    (product,) = read(book, request(PREDNISONE, *taper, authoredOn=ago(6))).products

    assert product.amounts["glucocorticoid"][0] == Interval(30, 40)


def test_numbered_elements_that_name_different_hours_are_parts_of_one_day(book: RuleBook) -> None:
    morning, night = step(1, 10, when=["MORN"]), step(2, 5, when=["NIGHT"])

    assert prednisone(book, morning, night) == point(15)
    assert prednisone(book, step(1, 10, timeOfDay=["08:00:00"]), step(2, 5, timeOfDay=["20:00:00"])) == point(15)
    assert prednisone(book, *(limited(dose, **days(60)) for dose in (morning, night)), **began(30)) == point(15)
    assert prednisone(book, limited(morning, **days(60)), limited(night, **days(90)), **began(30)) == point(10)
    assert prednisone(book, morning, step(2, 5, when=["MORN"])) == Interval(5, 10)
    assert prednisone(book, morning, step(2, 5)) == Interval(5, 10)


def test_a_numbered_element_as_needed_may_stand_beside_the_others(book: RuleBook) -> None:
    assert prednisone(book, step(1, 10), dosage(5, "mg", sequence=2, asNeededBoolean=True)) == Interval(0, 15)


def test_a_step_in_which_nothing_is_taken_is_a_step(book: RuleBook) -> None:
    pause = step(1, 40, **days(5)), step(2, 0, **days(5)), step(3, 20, **days(5))

    assert prednisone(book, *pause, **began(7)) == point(0)
    assert prednisone(book, step(1, 40), step(2, 0)) == Interval(0, 40)


def test_the_largest_intake_is_that_of_one_step(book: RuleBook) -> None:
    two, one = dosage(2, sequence=1), dosage(1, sequence=2)
    (product,) = read(book, statement(CARBONATE_500, two, one)).products

    assert product.amounts["calcium"] == (Interval(500, 1000), Interval(500, 1000))


def test_a_taper_lasts_as_long_as_its_steps_together(book: RuleBook) -> None:
    def long_enough(*lengths: int) -> str:
        taper = [step(n + 1, 40, **days(length)) for n, length in enumerate(lengths)]
        return chart(book, statement(PREDNISONE, *taper, **began(10))).state("glucocorticoid for 90 days").word

    assert long_enough(45, 44) == "absent"
    assert long_enough(45, 45) == "present"


def test_an_ordered_course_lasts_as_long_as_it_says(book: RuleBook) -> None:
    def long_enough(**length: Any) -> str:
        order = request(PREDNISONE, limited(dosage(10, "mg"), **length), authoredOn=ago(10))
        return chart(book, order).state("glucocorticoid for 90 days").word

    spread = {"boundsRange": {"low": quantity(60, "d"), "high": quantity(120, "d")}}
    assert [long_enough(**days(89)), long_enough(**days(90)), long_enough(**spread)] == ["absent", "present", "unknown"]


# --- courses of a stated length


def states(book: RuleBook, *resources: Json) -> tuple[str, set[str]]:
    """The state of the tetracycline on record, and the issues about its time."""
    record = read(book, *resources)
    found = [course.state.word for course in record.courses.get("tetracycline", ())]
    return (found or ["absent"])[0], codes_of(record) & {"course-over", "course-may-be-over", "medication-status"}


@pytest.mark.parametrize(
    ("start", "state"), [(6, "present"), (7, "present"), (8, "absent"), (400, "absent")]
)  # fmt: skip
@pytest.mark.parametrize(
    "length", [days(7), days(1, "wk"), {"count": 7}, {"boundsDuration": {"value": 7, "unit": "days"}}]
)
def test_a_course_of_seven_days_is_over_when_start_and_length_lie_in_the_past(
    book: RuleBook, length: Json, start: int, state: str
) -> None:
    course = statement(DOXYCYCLINE, limited(dosage(), **length), **began(start))

    assert states(book, course) == (state, {"course-over"} if state == "absent" else set())


def test_a_course_whose_length_is_a_range_may_be_over_between_its_ends(book: RuleBook) -> None:
    ends = {"boundsRange": {"low": quantity(7, "d"), "high": quantity(10, "d")}}
    for start, state in ((7, "present"), (8, "unknown"), (10, "unknown"), (11, "absent")):
        assert states(book, statement(DOXYCYCLINE, limited(dosage(), **ends), **began(start)))[0] == state, start


def test_a_course_of_a_stated_length_without_a_start_may_be_over(book: RuleBook) -> None:
    course = statement(DOXYCYCLINE, limited(dosage(), **days(7)), effectivePeriod=None)

    assert states(book, course) == ("unknown", {"course-may-be-over"})
    assert states(book, {**course, "dateAsserted": ago(7)})[0] == "unknown"
    assert states(book, {**course, "dateAsserted": ago(8)})[0] == "absent"


def test_a_number_of_intakes_is_a_length_by_the_intakes_a_day(book: RuleBook) -> None:
    twice = dosage(frequency=2)
    by_code = {**dosage(frequency=None), "timing": {"repeat": {"count": 14}, "code": {"text": "BID"}}}
    for dose in (limited(twice, count=14), by_code):
        for start, state in ((7, "present"), (8, "unknown"), (14, "unknown"), (15, "absent")):
            assert states(book, statement(DOXYCYCLINE, dose, **began(start)))[0] == state, start
    assert states(book, statement(DOXYCYCLINE, limited(dosage(), count=7, countMax=10), **began(9)))[0] == "unknown"


@pytest.mark.parametrize("length", [{"boundsDuration": {"value": 7}}, {"boundsDuration": {"value": "7", "code": "d"}}])
def test_a_length_that_cannot_be_read_ends_nothing_for_certain(book: RuleBook, length: Json) -> None:
    assert states(book, statement(DOXYCYCLINE, limited(dosage(), **length), **began(400)))[0] == "unknown"


def test_a_course_that_was_said_to_be_taken_after_its_end_may_go_on(book: RuleBook) -> None:
    course = statement(DOXYCYCLINE, limited(dosage(), **days(7)), **began(30), dateAsserted=ago(2))

    assert states(book, course)[0] == "unknown"


@pytest.mark.parametrize(("ordered", "state"), [(7, "present"), (8, "unknown"), (14, "unknown"), (15, "absent")])
def test_an_ordered_course_may_begin_within_its_length_after_the_order(
    book: RuleBook, ordered: int, state: str
) -> None:
    order = request(DOXYCYCLINE, limited(dosage(), **days(7)), authoredOn=ago(ordered))

    assert states(book, order)[0] == state


def test_an_order_that_may_be_repeated_may_go_on(book: RuleBook) -> None:
    order = request(DOXYCYCLINE, limited(dosage(), **days(7)), authoredOn=ago(20))

    assert states(book, order)[0] == "absent"
    assert states(book, {**order, "dispenseRequest": {"numberOfRepeatsAllowed": 1}})[0] == "unknown"


def test_a_supply_that_ran_out_does_not_end_a_course(book: RuleBook) -> None:
    supply = {"expectedSupplyDuration": quantity(30, "d"), "validityPeriod": {"end": ago(100)}}

    assert states(book, request(DOXYCYCLINE, dosage(), dispenseRequest=supply))[0] == "present"


def test_a_period_of_the_dosage_ends_a_course_that_has_only_a_start(book: RuleBook) -> None:
    course = statement(DOXYCYCLINE, limited(dosage(), **period(ago(20), ago(1))), **began(20))

    assert states(book, course)[0] == "absent"
    assert states(book, {**course, "dateAsserted": ago(1)})[0] == "absent"
    assert states(book, {**course, "dateAsserted": TODAY})[0] == "present"


def test_a_course_that_is_over_raises_no_interaction(book: RuleBook) -> None:
    calcium = statement(CARBONATE_500, dosage())

    def said(start: int) -> set[str]:
        course = statement(DOXYCYCLINE, limited(dosage(), **days(7)), identity="doxy", **began(start))
        return {item.rule for item in answer(book, calcium, course).decision.said}

    assert said(6) - said(300) == {"INT-02"}


def test_a_calcium_course_that_is_over_is_no_calcium_product(book: RuleBook) -> None:
    course = statement(CARBONATE_500, limited(dosage(), **days(14)), **began(90))
    found = answer(book, course)

    assert (found.outcome, found.decision.decided_by) == ("not-applicable", "SCOPE-03")


def test_an_injection_that_was_ordered_once_acts_on(book: RuleBook) -> None:
    once = request(
        DENOSUMAB, limited(dosage(60, "mg", frequency=1, period=6, every="mo"), count=1), authoredOn=ago(200)
    )

    assert [course.state.word for course in read(book, once).courses["denosumab"]] == ["present"]


# --- what is only planned


def test_a_planned_medicine_is_neither_taken_nor_not_taken(book: RuleBook) -> None:
    planned = statement(CARBONATE_500, dosage(), status="intended")
    record = read(book, planned)

    assert [product.state.word for product in record.products] == ["unknown"]
    assert "planned-medicine" in codes_of(record)
    assert "medication-status" not in codes_of(record)


def test_a_planned_dose_counts_from_none_to_all_of_it(book: RuleBook) -> None:
    both = statement(CARBONATE_500, dosage()), statement("RxNorm 308915", dosage(), identity="b", status="intended")
    fact = chart(book, *both).value("calcium supplement dose")

    assert fact is not None
    assert fact.value == Interval(500, 800)


def test_a_medicine_that_is_planned_for_later_is_not_taken_yet(book: RuleBook) -> None:
    start = str(AS_OF + timedelta(days=1))
    record = read(book, statement(CARBONATE_500, dosage(), status="intended", effectivePeriod={"start": start}))

    assert record.products == []
    assert "planned-medicine" in codes_of(record)


def test_a_medicine_that_was_planned_until_a_past_day_is_not_taken(book: RuleBook) -> None:
    past = {"start": ago(90), "end": ago(1)}

    assert read(book, statement(CARBONATE_500, dosage(), status="intended", effectivePeriod=past)).products == []


def told(book: RuleBook, *resources: Json) -> Json:
    card: Json = result_of(answer(book, *resources))["cards"][0]
    return card


@pytest.mark.parametrize("status", ["intended", "unknown"])
def test_the_deciding_card_names_a_calcium_product_that_may_be_taken(book: RuleBook, status: str) -> None:
    card = told(book, statement(CARBONATE_500, dosage(), status=status))

    assert "not certain that it is taken" in card["detail"]
    assert card["extension"][EXTENSION]["maybeTaken"] == ["MedicationStatement/m"]
    assert "not certain" not in told(book, statement(CARBONATE_500, dosage()))["detail"]
    assert "not certain" not in told(book)["detail"]


def test_the_deciding_card_names_another_medicine_that_may_be_taken(book: RuleBook) -> None:
    warfarin = statement("RxNorm 11289", text="warfarin", identity="vka", status="intended")
    detail = told(book, statement(CARBONATE_500, dosage()), warfarin)["detail"]

    assert "- warfarin: A medicine is planned" in detail


def calcium_a_day(book: RuleBook, *resources: Json) -> Interval:
    fact = chart(book, *resources).value("calcium supplement dose")
    assert fact is not None
    return fact.value


def test_an_order_that_may_be_over_and_a_statement_are_one_product(book: RuleBook) -> None:
    said, ordered = statement(CARBONATE_500, dosage()), request(CARBONATE_500, limited(dosage(), **days(90)))

    assert calcium_a_day(book, said, {**ordered, "authoredOn": ago(100)}) == point(500)
    assert calcium_a_day(book, {**said, "status": "unknown"}, request(CARBONATE_500, dosage())) == point(500)


def test_a_planned_product_beside_the_same_one_that_is_taken_may_come_on_top(book: RuleBook) -> None:
    said = statement(CARBONATE_500, dosage())
    planned = statement(CARBONATE_500, dosage(), identity="b", status="intended")

    assert calcium_a_day(book, said, planned) == Interval(500, 1000)
    assert calcium_a_day(book, said, planned, request(CARBONATE_500, dosage())) == Interval(500, 1000)


@pytest.mark.parametrize(("start", "read_"), [(TODAY, True), (str(AS_OF + timedelta(days=1)), False)])
def test_a_goal_that_begins_later_sets_no_target_yet(book: RuleBook, start: str, *, read_: bool) -> None:
    ends = {"low": {"value": 2, "code": "{INR}"}, "high": {"value": 3, "code": "{INR}"}}
    target = [{"measure": {"coding": [{"system": "http://loinc.org", "code": "6301-6"}]}, "detailRange": ends}]
    goal = {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "subject": {"reference": "Patient/p"},
            "startDate": start, "target": target}  # fmt: skip

    assert bool(read(book, goal).targets) is read_


def test_the_card_that_finds_no_product_names_the_active_order_whose_stated_time_is_over(book: RuleBook) -> None:
    """Dropped without a word it would be "no active calcium supplement" about a patient who may still take it."""
    over = statement(CARBONATE_500, limited(dosage(), **days(30)), **began(31))
    lasting = statement(CARBONATE_500, limited(dosage(), **days(30)), **began(30))
    card = told(book, over)

    assert answer(book, over).outcome == "not-applicable"
    assert "not counted: ask whether it is still taken**\n- " in card["detail"]
    assert card["extension"][EXTENSION]["courseOver"] == ["MedicationStatement/m"]
    assert "still taken" not in told(book, lasting)["detail"]


def test_a_card_that_holds_calcium_says_nothing_of_a_course_that_is_over(book: RuleBook) -> None:
    over = statement("RxNorm 308915", limited(dosage(), **days(7)), identity="o", **began(400))
    taken, high = statement(CARBONATE_500, dosage()), observation("LOINC 17861-6", 11.6, "mg/dL")

    assert answer(book, taken, over, high).outcome == "hold"
    assert "not counted: ask" not in told(book, taken, over, high)["detail"]


# --- an end that was recorded

ENDED: dict[str, Json] = {
    "the period of a statement": statement(CARBONATE_500, dosage(), effectivePeriod={"start": ago(99), "end": ago(1)}),
    "the bounds of an order": request(CARBONATE_500, limited(dosage(), **period(ago(99), ago(1)))),
}


@pytest.mark.parametrize("kind", ENDED)
def test_an_active_medicine_whose_recorded_end_has_passed_is_named_by_the_card_that_finds_no_product(
    book: RuleBook, kind: str
) -> None:
    card = told(book, ENDED[kind])
    source = f"{ENDED[kind]['resourceType']}/{ENDED[kind]['id']}"

    assert "course-over" in codes_of(read(book, ENDED[kind]))
    assert card["extension"][EXTENSION]["courseOver"] == [source]


def test_a_stopped_medicine_whose_end_has_passed_is_no_issue(book: RuleBook) -> None:
    ended = statement(CARBONATE_500, dosage(), status="stopped", effectivePeriod={"start": ago(99), "end": ago(1)})

    assert "course-over" not in codes_of(read(book, ended))


def test_an_injection_that_still_acts_after_its_period_is_not_said_to_be_over(book: RuleBook) -> None:
    acting = statement(DENOSUMAB, effectivePeriod={"start": ago(60), "end": ago(60)})
    record = read(book, acting)

    assert record.courses["denosumab"][0].state.word == "present"
    assert "course-over" not in codes_of(record)


@pytest.mark.parametrize(("end", "state"), [(-1, "unknown"), (0, "absent"), (1, "absent"), (None, "absent")])
def test_a_medicine_that_is_completed_before_its_recorded_end_may_still_be_taken(
    book: RuleBook, end: int | None, state: str
) -> None:
    time = {"start": ago(99), **({} if end is None else {"end": ago(end)})}
    record = read(book, statement(CARBONATE_500, dosage(), status="completed", effectivePeriod=time))

    assert [product.state.word for product in record.products] == ([state] if state == "unknown" else [])
    assert ("medication-status" in codes_of(record)) is (state == "unknown")


def test_a_medicine_that_is_not_recognised_and_completed_before_its_end_is_counted(book: RuleBook) -> None:
    time = {"start": ago(9), "end": ago(-9)}

    assert [
        u.name for u in read(book, statement("", text="Foo", status="completed", effectivePeriod=time)).unrecognised
    ] == ["Foo"]


def test_a_medicine_that_begins_later_is_an_issue_and_is_not_taken_yet(book: RuleBook) -> None:
    record = read(book, statement(CARBONATE_500, dosage(), effectivePeriod={"start": ago(-1)}))

    assert record.products == []
    assert "planned-medicine" in codes_of(record)
