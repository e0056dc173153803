"""What changed between two versions of the rules, in words, and the patients whose answers change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from cds.commands.versions import diff_command
from cds.evaluation import evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.quantity import Interval
from cds.review.changes import changes
from cds.review.difference import Effect, Standing, Voice, by_rule, difference, difference_data, direction_of, moves
from cds.review.mutation import mutants
from cds.review.people import people_in, people_of_cases
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Frozen, Joined, RuleBook

HERE = Path(__file__).resolve().parent
RULES = HERE.parent / "rules"
DAY = date(2026, 11, 22)
PATIENTS = [json.loads(line) for line in (HERE / "patients.jsonl").read_text(encoding="utf-8").splitlines()]


class Planted(NamedTuple):
    """A change planted into a rule file, and what must be said about it."""

    file: str
    before: str
    after: str
    said: str
    level: str = "major"


PLANTED = (
    Planted("vitamin-d/findings.yaml", "25-OH vitamin D is below 20 ng/mL", "25-OH vitamin D is below 30 ng/mL",
            "'25-OH vitamin D below 20': threshold 20 ng/mL -> 30 ng/mL (25-OH vitamin D is below 20 ng/mL -> "
            "25-OH vitamin D is below 30 ng/mL)"),
    Planted("terms/derived.yaml", "      - 180 days, if thiazide", "      - 120 days, if thiazide",
            "term 'calcium to use': usable, if thiazide: 180 days -> 120 days"),
    Planted("terms/conditions.yaml", "      - SNOMED 64859006 Osteoporosis\n",
            "      - https://hospital.example/codes OST Osteoporosis\n",
            "term 'osteoporosis': codes added: https://hospital.example/codes OST Osteoporosis"),
    Planted("terms/products.yaml", "    strength: 1250 mg\n    calcium: 500 mg",
            "    strength: 1250 mg\n    calcium: 550 mg",
            "product RxNorm 282465 calcium carbonate 1250 MG (500 MG elemental) tablet: calcium in one: 500 -> 550"),
    Planted("vitamin-d/vd-03-from-20-to-below-30.yaml", "    - reason to aim at more vitamin D\n", "",
            "VD-03: condition removed: reason to aim at more vitamin D"),
    Planted("serum-calcium/ca-01-high-calcium.yaml", "order-pth, unless PTH with a high calcium in the last 90 days",
            "order-pth", "CA-01: says 'order-pth': unless PTH with a high calcium in the last 90 days -> always",
            "minor"),
    Planted("precedence.yaml", "      - PTH-01\n      - CA-01\n", "      - CA-01\n      - PTH-01\n",
            "tier 'hold': deciding order: PTH-01 > CA-01 -> CA-01 > PTH-01"),
    Planted("silencing.yaml", "      - INT-04\n      - INT-11\n", "      - INT-11\n",
            "silencing 'outcome hold, timing of calcium': no card of removed: INT-04"),
    Planted("co-nutrients/con-05-high-dose-vitamin-c.yaml", "grade:\n  IOM2000: ", "grade:\n  IOM2000: very ",
            "CON-05: grade added: IOM2000: very not graded", "patch"),
    Planted("serum-calcium/ca-01-high-calcium.yaml", "if unknown: ask", "if unknown: ignore",
            "CA-01: if unknown: ask -> ignore"),
    Planted("terms/derived.yaml", "mg/dL per g/dL of albumin: 0.8", "mg/dL per g/dL of albumin: 1.0",
            "term 'corrected calcium': number 'mg/dL per g/dL of albumin': 0.8 -> 1"),
    Planted("terms/intake.yaml", "1200 for women from 51 years", "1300 for women from 51 years",
            "term 'recommended intake': for women from 51 years: 1200 -> 1300"),
    Planted("serum-calcium/ca-01-high-calcium.yaml", "  - KDIGOMBD2017\ngrade", "grade",
            "CA-01: evidence removed: KDIGOMBD2017", "patch"),
    Planted("serum-calcium/ca-01-high-calcium.yaml", "  indicator: warning", "  indicator: critical",
            "CA-01: indicator added: critical always", "minor"),
    Planted("serum-calcium/ca-01-high-calcium.yaml", "consider pausing calcium and vitamin D; look for the cause.",
            "look for the cause.", "CA-01: card fallback: Serum calcium is high: consider", "patch"),
)  # fmt: skip


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real rules with every planted change."""
    folder = Path(shutil.copytree(RULES, tmp_path_factory.mktemp("planted") / "rules"))
    for change in PLANTED:
        path = folder / change.file
        text = path.read_text("utf-8")
        assert change.before in text, change
        path.write_text(text.replace(change.before, change.after, 1), "utf-8")
    return folder


@pytest.fixture(scope="module")
def new(planted: Path) -> RuleBook:
    return read_rulebook(planted, FORMULAS)


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented patients of the tests, one Bundle a line."""
    path = tmp_path_factory.mktemp("population") / "patients.ndjson"
    path.write_text("\n".join(json.dumps(patient["bundle"]) for patient in PATIENTS), "utf-8")
    return path


@pytest.mark.parametrize("change", PLANTED, ids=lambda change: change.said[:40])
def test_a_planted_change_is_named_with_both_values(change: Planted, book: RuleBook, new: RuleBook) -> None:
    found = [item for item in changes(book, new) if item.what.startswith(change.said)]
    assert [item.level for item in found] == [change.level]
    assert found[0].before or found[0].after


def test_nothing_is_named_that_was_not_planted(book: RuleBook, new: RuleBook) -> None:
    unplanted = [item.what for item in changes(book, new) if not item.what.startswith(tuple(p.said for p in PLANTED))]
    assert unplanted == [
        "term 'osteoporosis': codes removed: SNOMED 64859006 Osteoporosis",
        "CA-01: indicator removed: warning always",
        "CON-05: grade removed: IOM2000: not graded",
    ]


def test_a_change_names_the_rules_that_it_reaches(book: RuleBook, new: RuleBook) -> None:
    found = {item.name: item.rules for item in changes(book, new) if item.kind in ("finding", "rule")}
    assert found["25-OH vitamin D below 20"] == ("BONE-03", "VD-10")
    assert found["CA-01"] == ("CA-01",)


def test_the_patients_who_change_are_exactly_those_found_by_evaluating_both(
    book: RuleBook, new: RuleBook, population: Path
) -> None:
    found = difference(book, new, people_in([str(population)], DAY))
    expected = {}
    for number, patient in enumerate(PATIENTS, 1):
        before, after = (evaluate(read_record(patient["bundle"], rules, DAY), rules, DAY) for rules in (book, new))
        if before.outcome != after.outcome:
            expected[f"{population}:{number}"] = (before.outcome, after.outcome)
    assert {e.patient: (e.before.outcome, e.after.outcome) for e in found.effects if e.outcome_changes} == expected
    assert expected
    assert found.patients == len(PATIENTS)
    assert {key: len(own) for key, own in moves(found.effects).items()} == {
        pair: list(expected.values()).count(pair) for pair in expected.values()
    }


def test_a_patient_stands_under_each_rule_that_speaks_otherwise(
    book: RuleBook, new: RuleBook, population: Path
) -> None:
    found = difference(book, new, people_in([str(population)], DAY))
    listed = {(of.rule, name) for of in by_rule(found.effects) for names in of[1:] for name in names}
    assert listed == {(rule, effect.patient) for effect in found.effects for rule in effect.rules}


def test_the_same_rules_change_nobody(book: RuleBook) -> None:
    found = difference(book, book, people_of_cases(book))
    assert (found.changes, found.effects, found.direction, found.proposed) == ([], [], "none", book.version)
    assert found.patients > 1000


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [("continue", "hold", "stricter"), ("stop", "adjust-dose", "looser"), ("continue", "insufficient-data", "stricter"),
     ("insufficient-data", "continue", "looser"), ("hold", "insufficient-data", "looser"),
     ("not-applicable", "hold", "other")],
)  # fmt: skip
def test_an_outcome_that_takes_more_calcium_away_is_stricter(
    before: str, after: str, direction: str, book: RuleBook
) -> None:
    effect = Effect("p", Standing(before, "CA-01", ()), Standing(after, "CA-01", ()))
    assert direction_of(book, effect) == direction


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [((), ("hold-calcium",), "stricter"), (("hold-calcium",), (), "looser"), ((), ("order-pth",), "other"),
     (("hold-calcium",), ("hold-vitamin-d",), "mixed")],
)  # fmt: skip
def test_advice_that_holds_more_is_stricter(
    before: tuple[str, ...], after: tuple[str, ...], direction: str, book: RuleBook
) -> None:
    effect = Effect("p", *(Standing("continue", "CON-06", (Voice("CA-01", codes),)) for codes in (before, after)))
    assert direction_of(book, effect) == direction


def test_stricter_for_some_and_looser_for_others_is_mixed(book: RuleBook) -> None:
    one, other = Standing("continue", "CON-06", ()), Standing("hold", "CA-01", ())
    both = replace(difference(book, book, []), effects=[Effect("a", one, other), Effect("b", other, one)])
    assert both.direction == "mixed"


def altered(value: Any) -> Any:
    """A value of the same kind that is not the same; None where there is no such value."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case Interval():
            return value._replace(high=value.high + 1)
        case Joined():
            return replace(value, parts=value.parts[:-1])
        case int() | float():
            return value + 1
        case Frozen():
            return Frozen(dict(list(value.items())[:-1])) if value else None
        case tuple() | frozenset():
            return type(value)(list(value)[:-1]) if value and not hasattr(value, "_fields") else None
        case _:
            return None


NAMES = ("spot", "spots", "name", "id", "code", "text", "attributes")
"""What names a thing, says where it stands, is said by its definition, or is inherited from the rulebook as a whole."""


def _field_changes(items: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """For each kind of thing and each of its fields, one thing whose field is altered."""
    seen = set()
    for key, item in items.items():
        for name in item._fields:
            kind = f"{type(item).__name__}.{name}"
            other = "newest of" if name == "formula" else altered(getattr(item, name))
            if kind not in seen and name not in NAMES and other is not None:
                seen.add(kind)
                yield kind, key, item._replace(**{name: other})


@pytest.mark.parametrize("field", ["rules", "findings", "terms", "advice", "never", "sources"])
def test_a_change_of_any_field_of_any_kind_of_thing_is_said(field: str, book: RuleBook) -> None:
    items = getattr(book, field)
    written = {key: item for key, item in items.items() if getattr(item, "chapter", True)}
    for kind, key, item in _field_changes(written):
        found = changes(book, replace(book, **{field: Frozen({**items, key: item})}))
        assert found, kind
        assert all(change.what and change.name == key for change in found), kind


@pytest.mark.parametrize("field", ["tiers", "removals"])
def test_a_change_of_any_field_of_tiers_and_silencing_is_said(field: str, book: RuleBook) -> None:
    items = {str(number): item for number, item in enumerate(getattr(book, field))}
    for kind, key, item in _field_changes(items):
        assert changes(book, replace(book, **{field: tuple({**items, key: item}.values())})), kind
    reverse = replace(book, **{field: tuple(reversed(getattr(book, field)))})
    assert any("order of" in change.what for change in changes(book, reverse))


def test_a_change_of_any_field_of_the_rulebook_is_said(book: RuleBook) -> None:
    for field in fields(book):
        other = altered(getattr(book, field.name))
        if other is not None and field.name not in ("version", "sha256"):
            assert changes(book, replace(book, **{field.name: other})), field.name
    products = book.products
    assert changes(book, replace(book, products=products._replace(main=products.nutrients["magnesium"])))
    for name in products._fields:
        if (other := altered(getattr(products, name))) is not None:
            assert changes(book, replace(book, products=products._replace(**{name: other}))), name


@pytest.mark.parametrize("field", ["nutrients", "intents", "salts"])
def test_a_change_of_any_field_of_what_products_are_counted_in_is_said(field: str, book: RuleBook) -> None:
    items = getattr(book.products, field)
    for kind, key, item in _field_changes(items):
        products = book.products._replace(**{field: Frozen({**items, key: item})})
        found = changes(book, replace(book, products=products))
        assert any(change.what and change.name == key for change in found), kind


def test_every_small_change_of_the_mutation_is_said(book: RuleBook) -> None:
    for mutant in mutants(book)[::45]:
        found = changes(book, mutant.change(book))
        assert {change.name for change in found} >= {mutant.finding or mutant.rule}, mutant.what


def test_a_rule_that_is_switched_off_or_in_shadow_is_said(book: RuleBook) -> None:
    off = changes(book, replace(book, off=frozenset({"VD-03"}), shadow=frozenset({"CA-04"})))
    assert [change.what for change in off] == ["CA-04: switched: on -> shadow", "VD-03: switched: on -> off"]


def run(*words: object) -> Any:
    return CliRunner().invoke(diff_command, [str(word) for word in words])


def test_the_command_says_changes_and_patients(planted: Path, population: Path) -> None:
    done = run(RULES, planted, "--population", population, "--as-of", "2026-11-22")
    assert done.exit_code == 0, done.output
    for change in PLANTED:
        assert change.said in done.output
    assert f"{len(PATIENTS)} patients:" in done.output
    assert "By rule:" in done.output


def test_the_json_is_that_of_the_comparison(book: RuleBook, new: RuleBook, planted: Path, population: Path) -> None:
    done = run(RULES, planted, "--population", population, "--as-of", "2026-11-22", "--json")
    expected = difference_data(difference(book, new, people_in([str(population)], DAY)))
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))
    assert {"version", "sha256"} == json.loads(done.stdout)["old"].keys()


def test_a_patient_who_cannot_be_read_is_named_and_the_others_are_compared(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{", "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(PATIENTS[0]["bundle"]), "utf-8")
    done = run(RULES, RULES, "--population", tmp_path)
    assert done.exit_code == 1
    assert "1 patients: 0 get another outcome" in done.output
    assert f"not read: {tmp_path / 'a.json'}: This is not JSON" in done.output


def test_a_population_of_nobody_is_wrong_use(tmp_path: Path) -> None:
    done = run(RULES, RULES, "--population", tmp_path)
    assert done.exit_code == 2
    assert "--population: these places hold no patient." in done.output


def test_rules_without_cases_are_compared_by_nobody_and_this_is_said(tmp_path: Path) -> None:
    small = Path(shutil.copytree(HERE / "good_rules", tmp_path / "rules"))
    path = small / "calcium" / "ca-01-high-calcium.yaml"
    path.write_text(path.read_text("utf-8").partition("cases:")[0], "utf-8")
    done = run(small, small)
    assert "0 patients (invented: the cases beside the rules; name others with --population): nobody was compared." in (
        done.output
    )
    assert "No patient changes" not in done.output


def test_another_order_of_the_outcomes_is_said(book: RuleBook) -> None:
    """The order says which answer is stricter."""
    turned = replace(book, outcomes=Frozen(dict(reversed(book.outcomes.items()))))
    said = [change.what for change in changes(book, turned)]
    assert said == ["rulebook: order of the outcomes: " + " > ".join(book.outcomes) + " -> "
                    + " > ".join(turned.outcomes)]  # fmt: skip


def test_an_exception_to_what_is_proved_that_is_gone_is_a_change(book: RuleBook) -> None:
    assert book.safety is not None
    fewer = replace(book, safety=book.safety._replace(exceptions=book.safety.exceptions[1:]))
    (said,) = [change.what for change in changes(book, fewer)]
    assert said.startswith(
        "rulebook: exception 'calcium is treatment' is gone: of getting worse and a lost result: any of ("
    )


@pytest.mark.parametrize(
    "words", [("no-such-revision", RULES), (RULES, HERE), (RULES, RULES, "--population", "/nowhere/at-all.json")]
)
def test_what_cannot_be_compared_is_wrong_use(words: tuple[object, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert "Error: " in done.output


def test_a_git_revision_can_be_compared(tmp_path: Path) -> None:
    import subprocess

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", tmp_path, "-c", "user.name=x", "-c", "user.email=x@y.example", *words], check=True,
                       capture_output=True)  # fmt: skip

    folder = Path(shutil.copytree(RULES, tmp_path / "rules"))
    git("init")
    git("add", ".")
    git("commit", "-m", "x")
    path = folder / PLANTED[0].file
    path.write_text(path.read_text("utf-8").replace(PLANTED[0].before, PLANTED[0].after), "utf-8")
    done = run("HEAD", folder, "--rules", folder)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"[major] {PLANTED[0].said}")


def test_a_code_that_is_said_under_two_conditions_may_change_in_either(book: RuleBook) -> None:
    rule = book.rules["CA-01"]
    always = next(saying for saying in rule.advice if not saying.conditions)
    other = next(saying for saying in rule.advice if saying.conditions)
    twice = (*rule.advice, always._replace(conditions=other.conditions))
    new = replace(book, rules=Frozen({**book.rules, "CA-01": rule._replace(advice=twice)}))
    (change,) = changes(book, new)
    assert change.what.startswith(f"CA-01: says '{always.code}': always -> always; or ")
    (back,) = changes(new, book)
    assert (back.before, back.after) == (change.after, change.before)
    same = (other, *twice)
    assert changes(new, replace(new, rules=Frozen({**new.rules, "CA-01": rule._replace(advice=same)})))
