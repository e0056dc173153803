"""Values in cases: any unit that the term accepts is converted; what no unit, no scale or no body allows is refused.

The cases stand in a hospital's overlay over the real rules, as an author would write them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cds.cards.wording import unit_text
from cds.errors import RulebookError
from cds.evaluation import Evaluator
from cds.facts.formulas import FORMULAS
from cds.quantity import Interval, point, spelled, unit_key
from cds.review.cases import chart_of_case, failures
from cds.rulebook.cases import NoValueError, given_values
from cds.rulebook.model import RuleBook
from cds.rulebook.overlaying import read_overlaid
from cds.rulebook.scales import Scale, scales_of

RULES = Path(__file__).resolve().parent.parent / "rules"
Read = Callable[[str, dict[str, str]], RuleBook]
CASE = """\
    - case: number {number}
      given:
        {name}: '{text}'
      expect: {expect}
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Loads the real rules with cases of a rule, each one value and what the rule is expected to do."""
    (tmp_path / "overlay.yaml").write_text("name: x\nowner: x\nreason: cases\n", "utf-8")

    def load(rule: str, cases: dict[str, str]) -> RuleBook:
        lines = [f"cases:\n  {rule}:\n"]
        for number, (given, expect) in enumerate(cases.items(), 1):
            name, text = given.split(": ", 1)
            lines.append(CASE.format(number=number, name=name, text=text, expect=expect))
        (tmp_path / "cases.yaml").write_text("".join(lines), "utf-8")
        return read_overlaid(RULES, [tmp_path], FORMULAS)

    return load


def own_failures(book: RuleBook) -> list[str]:
    """What fails of the cases that the overlay brings."""
    found = failures(book, Evaluator(book))
    return [f"{item.case.given}: expected {item.expected}, seen {item.seen}" for item in found
            if item.case.spot.file.endswith("/cases.yaml")]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "cases"),
    [
        ("VD-01", {"25-OH vitamin D: 29.9 nmol/L": "fires", "25-OH vitamin D: 30 nmol/L": "nothing",
                   "25-OH vitamin D: 45 nmol/L": "nothing", "25-OH vitamin D: 11.9 ug/L": "fires"}),
        ("VD-02", {"25-OH vitamin D: 45 nmol/L": "fires", "25-OH vitamin D: 50 nmol/L": "nothing"}),
        ("CA-01", {"calcium to use: 2.65 mmol/L (serum calcium)": "hold",
                   "calcium to use: 2.61 mmol/L (albumin-corrected calcium)": "nothing",
                   "newest calcium: 1.33 mmol/L (ionised calcium)": "hold",
                   "newest calcium: 1.32 mmol/L (ionised calcium)": "nothing",
                   "calcium to use: 1.33 mmol/L (ionised calcium)": "ask",
                   "calcium to use: 10.6 mg/dL": "hold", "calcium to use: 106 mg/L": "hold"}),
        ("CA-03", {"calcium set aside: 2.65 mmol/L (serum calcium)": "fires",
                   "calcium set aside: 2.62 mmol/L (serum calcium)": "nothing"}),
        ("DOSE-03", {"total calcium intake: 1501 mg/day": "fires", "total calcium intake: 1.5 g/d": "nothing"}),
    ],
)  # fmt: skip
def test_a_value_is_read_in_every_unit_of_its_term(rule: str, cases: dict[str, str], read: Read) -> None:
    assert own_failures(read(rule, cases)) == []


@pytest.mark.slow
def test_a_measurement_in_brackets_is_the_one_that_was_used(read: Read) -> None:
    cases = {"calcium to use: 0.99 mmol/L (ionised calcium)": "fires", "calcium to use: 7.4 mg/dL": "fires"}
    book = read("CA-05", cases)
    charts = [chart_of_case(book, case) for case in book.rules["CA-05"].cases[-2:]]
    assert [chart.state("ionised calcium was used").word for chart in charts] == ["present", "absent"]


@pytest.mark.slow
def test_results_of_one_line_are_converted_one_by_one_and_the_newest_counts(read: Read) -> None:
    book = read("VD-01", {"25-OH vitamin D: 20 ng/mL, 5 days ago; 24.96 nmol/L, 100 days ago": "nothing"})
    chart = chart_of_case(book, book.rules["VD-01"].cases[-1])
    fact = chart.value("25-OH vitamin D")
    assert fact is not None
    assert (fact.value, fact.unit) == (point(20), "ng/mL")
    assert [reading.value for reading in chart.supposed.past["25-OH vitamin D"]] == [point(20), point(10)]


@pytest.mark.slow
def test_below_and_above_a_number_run_to_the_end_of_what_can_be(read: Read) -> None:
    book = read("BONE-04", {"DXA T-score: below -2.5": "nothing", "25-OH vitamin D: above 50 nmol/L": "nothing"})
    below, above = (chart_of_case(book, case) for case in book.rules["BONE-04"].cases[-2:])
    score, vitamin = below.value("DXA T-score"), above.value("25-OH vitamin D")
    assert score is not None
    assert score.value == Interval(-8, -2.5, high_open=True)
    assert below.state("T-score of -2.5 or lower").word == "present"
    assert vitamin is not None
    assert vitamin.value.low == pytest.approx(50 / 2.496)
    assert vitamin.value.low_open


REFUSED = {
    "25-OH vitamin D: 19.9 banana": "'banana' is not a unit of 25-OH vitamin D. "
    "Write the number in ng/mL, nmol/L or ug/L. [unknown-unit]",
    "25-OH vitamin D: 45 nmol/ml": "'nmol/ml' is not a unit of 25-OH vitamin D. Did you mean 'nmol/L'? "
    "Write the number in ng/mL, nmol/L or ug/L. [unknown-unit]",
    "25-OH vitamin D: 45": "'45' has no unit. Write the number in ng/mL, nmol/L or ug/L. [unknown-unit]",
    "25-OH vitamin D: 1000 ng/mL": "'1000 ng/mL' cannot be: values run from 0 to 400 ng/mL. "
    "Mend the number or its unit. [bad-case]",
    "calcium to use: 2.65 mmol/L, 10 days ago": "'2.65 mmol/L' can be albumin-corrected calcium or ionised calcium. "
    "Write '2.65 mmol/L (albumin-corrected calcium)' or '2.65 mmol/L (ionised calcium)'. [bad-case]",
    "calcium to use: 2.65 mmol/L (albumin)": "no value of calcium to use is one of albumin. Name in brackets "
    "albumin-corrected calcium, protein-corrected calcium, serum calcium, ionised calcium or "
    "calculated ionised calcium. [bad-case]",
    "calcium to use: 1.30 mg/dL": "'1.30 mg/dL' cannot be: values run from 4 to 20 mg/dL. "
    "Mend the number or its unit. [bad-case]",
    "calcium to use: 5.3 mmol/L (ionised calcium)": "'5.3 mmol/L (ionised calcium)' cannot be: "
    "values run from 0.5 to 3 mmol/L. Mend the number or its unit. [bad-case]",
    "calcium to use: 9.4 mg/dL; 1.2 mmol/L (ionised calcium)": "'9.4 mg/dL; 1.2 mmol/L (ionised calcium)' mixes two "
    "scales. Write all results in mg/dL. [bad-case]",
    "calcium supplement dose: 500 mg": "'mg' is not a unit of calcium supplement dose. Did you mean 'mg/d'? "
    "Write the number in mg/d. [unknown-unit]",
    "calcium supplement dose: -500 mg/d": "'-500 mg/d' cannot be: values run from 0 to 10000 mg/d. "
    "Mend the number or its unit. [bad-case]",
    "calcium single dose: 600 mg/d": "'mg/d' is not a unit of calcium single dose. Did you mean 'mg'? "
    "Write the number in mg. [unknown-unit]",
    "total calcium intake: -1 mg/d": "'-1 mg/d' cannot be: values run 0 mg/d or more. "
    "Mend the number or its unit. [bad-case]",
    "eGFR disagreement: 26": "'26' has no unit. Write the number in %. [unknown-unit]",
    "age: 60": "'60' has no unit. Write the number in years. [unknown-unit]",
    "sex: 1": "'1' is no sex. Write female, male or missing. [bad-case]",
    "phosphate: female": "'female' is no value. Write it like '10.6 mg/dL, 30 days ago' or 'missing'. [bad-case]",
    "phosphate: 4 mg/dL, -5 days ago": "'4 mg/dL, -5 days ago' is no value. "
    "Write it like '10.6 mg/dL, 30 days ago' or 'missing'. [bad-case]",
    "osteoporosis: 5 mg": "'5 mg' is no state of a finding. Write yes, no or unknown. [bad-case]",
}


@pytest.mark.slow
def test_what_is_no_value_of_its_term_is_refused_with_what_to_write(read: Read) -> None:
    with pytest.raises(RulebookError) as caught:
        read("VD-01", dict.fromkeys(REFUSED, "nothing"))
    said = [str(problem).split(".given.", 1)[1] for problem in caught.value.problems]
    assert said == [f"{given.split(': ', 1)[0]}: {message}" for given, message in REFUSED.items()]


@pytest.mark.slow
def test_a_refused_value_is_named_with_file_and_line(read: Read) -> None:
    with pytest.raises(RulebookError) as caught:
        read("VD-01", {"25-OH vitamin D: 19.9 banana": "nothing"})
    (problem,) = caught.value.problems
    assert problem.file.endswith("/cases.yaml")
    assert (problem.line, problem.place) == (5, "cases.VD-01[1].given.25-OH vitamin D")


def printed_units(scale: Scale) -> set[str]:
    """How messages and cards write the units of a scale: the refusal of a case, the lines of a card."""
    return {text for unit in (scale.unit, *scale.factors) for text in (spelled(unit), unit_text(unit))}


def test_every_unit_that_a_message_or_a_card_prints_for_a_term_is_accepted_in_a_case(book: RuleBook) -> None:
    tried, refused = 0, []
    for name, scale in ((name, scale) for name, term in book.terms.items() for scale in scales_of(term, book.terms)):
        low, high = scale.plausible.low, min(scale.plausible.high, 1e6)
        for unit in printed_units(scale):
            measure = f" ({scale.measures[0]})" if scale.measures else ""
            factor = scale.factors.get(unit_key(unit), 1)
            text = f"{(low + high) / 2 / factor:.6f} {unit}".strip() + measure
            tried += 1
            try:
                (value,) = given_values(text, name, book.terms)
                assert value.unit == scale.unit, text
            except NoValueError as error:
                refused.append(f"{name}: {error.what} {error.todo}")
    assert refused == []
    assert tried > 150


@pytest.mark.slow
def test_a_dose_is_written_in_the_unit_of_the_message(read: Read) -> None:
    doses = {"IU/d": 4001, "IU/day": 4001, "[iU]/d": 4001, "units/day": 4001}
    book = read("VD-07", {f"vitamin D dose: {number} {unit}": "fires" for unit, number in doses.items()})
    assert own_failures(book) == []
