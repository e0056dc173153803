"""Term files -> terms, every one-line form in them read and checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cds.quantity import Interval, unit_key
from cds.rulebook import lines
from cds.rulebook.formula import Formulas, roles_of
from cds.rulebook.model import (
    FIRST_CODE,
    AnyTerm,
    Code,
    Computed,
    Condition,
    Demographic,
    Dose,
    Frozen,
    GoalTerm,
    Instead,
    Measurement,
    Medication,
    ProductBook,
    ProductTerm,
    Row,
    Window,
)
from cds.rulebook.report import Where
from cds.rulebook.shapes.shape import OneOrMore
from cds.rulebook.shapes.term import (
    ComputedShape,
    ConditionShape,
    DoseShape,
    GoalShape,
    MeasurementShape,
    MedicationShape,
    ProductTermShape,
    TermShape,
)

T = TypeVar("T")


def link_term(name: str, shape: TermShape, where: Where, products: ProductBook, formulas: Formulas) -> AnyTerm:
    """The term of one entry; what cannot be read is reported and left out."""
    common: dict[str, Any] = {
        "name": name,
        "says": shape.says,
        "spot": where.spot,
        "unit": getattr(shape, "unit", ""),
        "evidence": tuple(getattr(shape, "evidence", ())),
    }
    match shape:
        case MeasurementShape():
            return _measurement(shape, where, common)
        case ConditionShape():
            return _condition(shape, where, common)
        case MedicationShape():
            return _medication(shape, where, common)
        case ProductTermShape():
            return _product(shape, where, products, common)
        case DoseShape():
            return _dose(shape, where, products, common)
        case GoalShape():
            return GoalTerm(**common, of=shape.of)
        case ComputedShape():
            return _computed(shape, where, common, formulas)
        case _:
            return Demographic(**common, element=shape.element)


def several(value: OneOrMore) -> tuple[str, ...]:
    """A list, or a single text, or texts separated by commas."""
    texts = value.split(", ") if isinstance(value, str) else value
    return tuple(text for text in texts if text)


def read_lines(texts: list[str], read: Callable[[str], T | None], where: Where, form: str) -> tuple[T, ...]:
    """The lines that have the form; the others are reported with the form they should have."""
    found = []
    for index, text in enumerate(texts):
        if (item := read(text)) is None:
            where.at(index).problem(f"'{text}' cannot be read.", f"Write it like '{form}'.", "wrong-value")
        else:
            found.append(item)
    return tuple(found)


def read_codes(texts: list[str], where: Where) -> tuple[Code, ...]:
    """The codes of code lines."""
    form = "LOINC 1234-5 name of the test"
    codes = []
    for index, text in enumerate(texts):
        code = lines.code_line(text)
        if code is None:
            where.at(index).problem(f"'{text}' is not a code.", f"Write it like '{form}'.", "bad-code-line")
        else:
            codes.append(code)
    return tuple(codes)


def days_of(text: str, where: Where) -> int | None:
    """The number of ``90 days``."""
    if not text:
        return None
    window = lines.window_line(text)
    if window is None or window.days is None:
        where.problem(f"'{text}' is no number of days.", "Write it like '90 days'.", "wrong-value")
        return None
    return window.days


def range_of(text: str, where: Where) -> Interval:
    """The interval of ``4 to 20``."""
    found = lines.amount(text)
    if found is None or found[1]:
        where.problem(f"'{text}' is no range.", "Write it like '4 to 20'.", "wrong-value")
        return Interval(0, 0)
    return found[0]


def _units(shape: MeasurementShape, where: Where) -> Frozen[str, float]:
    place = where.at("also accepted")
    pairs = ((unit_key(shape.unit), 1.0), *read_lines(shape.also_accepted, lines.unit_line, place, "mmol/L x 4.008"))
    units = dict(pairs)
    if len(units) < len(pairs):
        todo = "Keep one of the two; upper and lower case do not matter."
        place.problem("a unit stands twice.", todo, "duplicate-name")
    return Frozen(units)


def read_windows(texts: list[str], where: Where) -> tuple[Window, ...]:
    """How long values stay usable."""
    return read_lines(texts, lines.window_line, where, "180 days, if NAME OF A FINDING")


def _percent(text: str, where: Where) -> float | None:
    found = lines.percent(text) if text else None
    if text and found is None:
        where.problem(f"'{text}' is no percentage.", "Write it like '15 %'.", "wrong-value")
    return found


def _measurement(shape: MeasurementShape, where: Where, common: dict[str, Any]) -> Measurement:
    codes = read_codes(shape.codes, where.at("codes"))
    choose = lines.choice_line(shape.choose)
    if choose.how == FIRST_CODE:
        codes = tuple(Code(c.system, c.code, c.display, rank) for rank, c in enumerate(codes))
    return Measurement(
        **common,
        codes=codes,
        units=_units(shape, where),
        plausible=range_of(shape.plausible, where.at("plausible")),
        usual=shape.usual,
        step=shape.step,
        choose=choose,
        decimals=shape.decimals,
        windows=read_windows(shape.usable_for, where.at("usable for")),
        conflict=_percent(shape.conflict_above, where.at("conflict above")),
        refused=read_codes(shape.never_read, where.at("never read")),
        known_as=tuple(shape.known_as),
        unitless=shape.without_a_unit == "accepted",
        integer=shape.without_a_unit != "refused",
    )


def _condition(shape: ConditionShape, where: Where, common: dict[str, Any]) -> Condition:
    condition = Condition(
        **common,
        codes=read_codes(shape.codes, where.at("codes")),
        names=tuple(shape.named),
        questions=read_codes(shape.asked_as, where.at("asked as")),
        patient_element=shape.patient_element,
        anywhere=shape.named_anywhere_in_the_text,
        also_inactive=shape.also_when_inactive,
        forgotten_after=days_of(shape.forgotten_after, where.at("forgotten after")),
        unknown_after=days_of(shape.unknown_after, where.at("unknown after")),
        yes=read_codes(shape.codes_for_yes, where.at("codes for yes")),
        yes_words=tuple(shape.words_for_yes),
        no=read_codes(shape.codes_for_no, where.at("codes for no")),
        no_words=tuple(shape.words_for_no),
    )
    check_answers(condition, where)
    return condition


def check_answers(term: Condition, where: Where) -> None:
    """Report answers to a question that is not asked, and answers that mean yes and no."""
    if (term.yes or term.yes_words or term.no or term.no_words) and not term.questions:
        todo = "Name the observation that asks under 'asked as', or take the answers out."
        where.problem(f"'{term.name}' has answers and no question.", todo, "missing-key")
    codes = {code[:2] for code in (*term.codes, *term.yes)}
    words = {word.lower() for word in (*term.names, *term.yes_words)}
    both = [code.code for code in term.no if code[:2] in codes]
    both += [word for word in term.no_words if word.lower() in words]
    for answer in both:
        where.problem(f"'{answer}' means yes and no.", "Keep it in one of the lists.", "duplicate-name")


def _medication(shape: MedicationShape, where: Where, common: dict[str, Any]) -> Medication:
    return Medication(
        **common,
        codes=read_codes(shape.codes, where.at("codes")),
        names=tuple(shape.named),
        oral=shape.route == "oral",
        acts_for=days_of(shape.an_injection_counts_for, where.at("an injection counts for")),
    )


def _product(shape: ProductTermShape, where: Where, products: ProductBook, common: dict[str, Any]) -> ProductTerm:
    for nutrient in several(shape.holds):
        where.at("holds").known(nutrient, products.nutrients, "nutrient name")
    for salt in several(shape.salt):
        where.at("salt").known(salt, products.salts, "salt name")
    return ProductTerm(
        **common,
        holds=several(shape.holds),
        salts=several(shape.salt),
        intents=_intents(shape.intent, where.at("intent"), products),
    )


def _intents(listed: OneOrMore, where: Where, products: ProductBook) -> tuple[str, ...]:
    for intent in several(listed):
        where.known(intent, products.intents, "intent name")
    return several(listed)


def _dose(shape: DoseShape, where: Where, products: ProductBook, common: dict[str, Any]) -> Dose:
    where.at("nutrient").known(shape.nutrient, products.nutrients, "nutrient name")
    nutrient = products.nutrients.get(shape.nutrient)
    return Dose(
        **common,
        nutrient=shape.nutrient,
        plausible=range_of(shape.plausible, where.at("plausible")),
        step=shape.step,
        intents=_intents(shape.intent, where.at("intent"), products),
        single=shape.per == "intake",
        unprescribed=shape.only == "not prescribed",
        factors=nutrient.units if nutrient else Frozen(),
    )


def _computed(shape: ComputedShape, where: Where, common: dict[str, Any], formulas: Formulas) -> Computed:
    roles = roles_of(shape.from_, formulas.get(shape.formula))
    rows: tuple[Row, ...] = read_lines(
        shape.table, lines.row_line, where.at("table"), "1000 for women from 19 to 50 years"
    )
    instead: tuple[Instead, ...] = read_lines(
        shape.instead, lines.instead_line, where.at("instead"), "2500, if NAME OF A FINDING"
    )
    return Computed(
        **common,
        formula=shape.formula,
        roles=roles,
        numbers=Frozen(shape.numbers),
        step=shape.step,
        decimals=shape.decimals,
        windows=read_windows(shape.usable_for, where.at("usable for")),
        rows=rows,
        instead=instead,
        note=shape.note,
    )
