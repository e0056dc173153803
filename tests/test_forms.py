"""Every form of finding has all its meanings, and every sentence of the rules is printed back as it was read."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from people import AS_OF, observation, quantity, read

import cds.forms
from cds.facts.chart import chart_of
from cds.forms.comparing import Compared, OtherScale
from cds.forms.limits import LOWER, UPPER, OutsideLimits, limits_of
from cds.forms.nothing import NoneRecorded
from cds.forms.registry import FORMS, SENTENCES, parse_sentence
from cds.intake.record import Record
from cds.proof.patient import Patient
from cds.proof.three_valued import ThreeValued
from cds.proof.values import Variables
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.lines import window_line
from cds.rulebook.model import Condition, Finding, Frozen, Medication, RuleBook, Window
from cds.rulebook.model.form import Comparison, Form, Unread
from cds.rulebook.printing import window_text

WITHOUT_MUTANTS = """
    ResultUnused ResultOfTermUnused NewerResultUnused DependsOn ChangedBy OutsideLimits Missing Known Recorded After
    Conflicting TakenFrom Repeated Given
    DoseDateUnknown Started Lasted OpenEnded NoneRecorded Happened HappenedAtAge OfSex Uncertain
""".split()
"""Forms of which no small change is tried: they have no number, or one that no case can tell from the next."""
NUMBERS = re.compile(r"\d+\.\d+")


def every_form() -> set[str]:
    """The names of the classes in the modules of forms that can be made, found by looking."""
    found: list[type[Form]] = list(Form.__subclasses__())
    for form in found:
        found += form.__subclasses__()
    known = (form for form in found if form.__module__.startswith("cds.forms"))
    return {form.__name__ for form in known if form.example or form.__name__ == NoneRecorded.__name__}


def own(form: type[Form], name: str) -> bool:
    return getattr(form, name) is not getattr(Form, name)


def test_every_form_is_registered() -> None:
    modules = {path.stem for path in Path(inspect.getfile(cds.forms)).parent.glob("*.py")} - {"__init__", "registry"}
    assert {form.__module__.rpartition(".")[2] for form in FORMS} == modules - {"of_terms"}
    assert every_form() == {form.__name__ for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_all_its_meanings(form: type[Form]) -> None:
    assert own(form, "check")
    assert own(form, "prove")
    assert own(form, "terms") or own(form, "findings") or own(form, "reads_issues")
    assert isinstance(form.when_unread, Unread)
    assert own(form, "mutants") is (form.__name__ not in WITHOUT_MUTANTS)
    assert own(form, "time") is ("days" in form.__dataclass_fields__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", SENTENCES)
def test_the_example_of_a_form_is_read_and_printed_back(form: type[Form]) -> None:
    found = parse_sentence(form.example)
    assert type(found) is form
    assert str(found) == form.example


def test_every_sentence_of_the_rules_is_printed_back(book: RuleBook) -> None:
    written = [finding for finding in book.findings.values() if finding.text]
    assert len(written) > 200
    for finding in written:
        assert parse_sentence(str(finding.definition)) == finding.definition
        assert _plain(str(finding.definition)) == _plain(finding.text)


def _plain(text: str) -> str:
    """12.0 and 12 are one number."""
    return NUMBERS.sub(lambda found: f"{float(found[0]):g}", text)


def some_of_each(book: RuleBook) -> dict[type[Form], Form]:
    """A finding of each form that the rules use, and the example of each other one about a term that fits."""
    injected = next(term.name for term in book.terms.values() if isinstance(term, Medication))
    recorded = next(term.name for term in book.terms.values() if isinstance(term, Condition))
    found = {type(finding.definition): finding.definition for finding in book.findings.values()}
    for form in SENTENCES:
        if form not in found:
            text = form.example.replace("MEDICINE", injected).replace("CONDITION", recorded)
            definition = parse_sentence(text)
            assert definition is not None
            assert set(definition.terms) <= book.terms.keys(), form
            found[form] = definition
    return found


@pytest.fixture(scope="module")
def patient(book: RuleBook) -> Patient:
    """The solver's patient of a rulebook with a finding of each form, by the name of its class."""
    spot = next(iter(book.findings.values())).spot
    tried = {form.__name__: Finding(form.__name__, one, "", (), "", spot) for form, one in some_of_each(book).items()}
    return Patient(replace(book, findings=Frozen({**book.findings, **tried})), Variables())


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_evaluated_proved_and_changed(form: type[Form], patient: Patient) -> None:
    definition = patient.book.findings[form.__name__].definition
    assert type(definition) is form
    assert isinstance(chart_of(Record(""), patient.book, date(2026, 1, 15)).state(form.__name__), State)
    assert isinstance(patient.states[form.__name__], ThreeValued)
    changed = [mutant for _, mutant in definition.mutants(patient.book)]
    assert all(type(mutant) is form and mutant != definition for mutant in changed)
    assert len(set(changed)) == len(changed)


def test_a_value_on_a_scale_that_the_sentence_names_is_judged_by_its_bounds() -> None:
    found = parse_sentence("PTH is above 65 pg/mL (molar: above 6.9 pmol/L)")
    assert isinstance(found, Compared)
    assert found.other_scale == OtherScale("molar", (Comparison("above", found.other_scale.comparisons[0].bound),))
    assert str(found) == "PTH is above 65 pg/mL (molar: above 6.9 pmol/L)"


LIMIT = "calcium to use is above upper limit of calcium"


@pytest.mark.parametrize(("sentence", "state"), [
    (f"{LIMIT} minus 0.3 mg/dL", UNKNOWN),
    (f"{LIMIT} minus 0.3 mg/dL (ionised: above upper limit of calcium minus 0.07 mmol/L)", PRESENT),
    (LIMIT, ABSENT),
])  # fmt: skip
def test_a_number_of_the_own_scale_judges_no_value_on_another_one(book: RuleBook, sentence: str, state: State) -> None:
    ionised = {**observation("LOINC 1995-0", 1.26, "mmol/L"), "referenceRange": [{"high": quantity(1.32, "mmol/L")}]}
    spot = next(iter(book.findings.values())).spot
    asked = Finding("asked", parse_sentence(sentence), "", (), "", spot)
    own = replace(book, findings=Frozen({**book.findings, "asked": asked}))
    assert chart_of(read(own, ionised), own, AS_OF).state("asked") is state


def test_a_term_has_a_lower_and_an_upper_limit_or_none(book: RuleBook) -> None:
    judged = next(f.definition.term for f in book.findings.values() if isinstance(f.definition, OutsideLimits))
    assert [term.formula for term in limits_of(judged, book.terms)] == [LOWER, UPPER]
    assert limits_of("age", book.terms) == ()


@pytest.mark.parametrize("text", ["365 days", "180 days, if thiazide", "90 days, if at most 0", "90 days, if below 15"])
def test_a_window_is_printed_with_its_condition(text: str) -> None:
    when, days = window_text(window_line(text) or Window(None))
    assert f"{days}{when.removeprefix('usable')}" == text
