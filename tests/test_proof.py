"""Proofs about the whole rulebook: they hold of the real one, planted faults are found, witnesses are confirmed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cds.forms.comparing import Compared
from cds.proof import always
from cds.rulebook.model import Sense
from cds.rulebook.model.form import Bound, Comparison
from cds.rulebook.model.rule import Card, CardText

pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")

import z3
from generated import crowds, people
from hypothesis import HealthCheck, given
from people import AS_OF, SUBJECT, bundle, concept, condition, dosage, observation, patient, statement
from profiles import examples

from cds.bookshelf import open_rulebook
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.proof.compare import compare_rules, compare_versions
from cds.proof.prove import properties_of, prove
from cds.proof.report import Proof, cached_proofs, keep_proofs
from cds.proof.search import Single
from cds.quantity import State
from cds.reasoning import compiler
from cds.rulebook.model import Frozen, Joined, Part, Removal, Rule, RuleBook

ROOT = Path(__file__).resolve().parent.parent
LADDER = "25-OH vitamin D from 12 to below 20"


def with_rule(book: RuleBook, rule: Rule) -> RuleBook:
    return replace(book, rules=Frozen({**book.rules, rule.id: rule}))


def with_definition(book: RuleBook, finding: str, definition: Any) -> RuleBook:
    changed = book.findings[finding]._replace(definition=definition)
    return replace(book, findings=Frozen({**book.findings, finding: changed}))


def with_ladder_from(book: RuleBook, number: float) -> RuleBook:
    """The rulebook whose step 'from 12 to below 20' begins at another number."""
    sentence = book.findings[LADDER].definition
    assert isinstance(sentence, Compared)
    lower = Comparison("at least", Bound(number, "ng/mL"))
    return with_definition(book, LADDER, replace(sentence, comparisons=(lower, sentence.comparisons[1])))


def without_clause(book: RuleBook, entry: str, clause: str) -> RuleBook:
    """The rulebook in whose silencing.yaml an entry has lost one line."""

    def changed(removal: Removal) -> Removal:
        return removal._replace(when=tuple(c for c in removal.when if c.value != clause))

    return replace(book, removals=tuple(changed(r) if r.name == entry else r for r in book.removals))


def only_rules(book: RuleBook, *names: str) -> RuleBook:
    """The rulebook with all other rules left out."""
    others = frozenset(book.rules) - {*names, book.default}
    return replace(book, off=others, left_out=others)


def product_says(witness: dict[str, Any], seen: dict[str, Any], book: RuleBook) -> None:
    """The product gives for the witness exactly what the proof said, and he is labelled as invented."""
    decision = evaluate(read_record(witness, book, AS_OF.replace(day=1)), book, AS_OF.replace(day=1)).decision
    codes = {code for said in decision.said for code in said.codes}
    assert seen["asOf"] == "2026-01-01"
    assert (decision.outcome, decision.decided_by) == (seen["outcome"], seen["decidedBy"])
    assert sorted(said.rule for said in decision.said) == seen["fired"]
    assert sorted(codes) == seen["advice"]
    assert witness["meta"]["tag"][0]["code"] == "HTEST"
    assert "Invented" in witness["entry"][0]["resource"]["name"][0]["text"]


def broken(book: RuleBook, name: str) -> list[Proof]:
    """The proofs of one property that do not hold, their witnesses confirmed."""
    found = [proof for proof in prove(book, [name]) if proof.holds is not True]
    for proof in found:
        for witness, seen in ((proof.witness, proof.seen), (proof.worse, proof.worse_seen)):
            if witness is not None and seen is not None:
                product_says(witness, seen, book)
    return found


@pytest.fixture(scope="module")
def proofs(book: RuleBook) -> tuple[Proof, ...]:
    return prove(book)


def test_the_real_rulebook_has_every_property(proofs: tuple[Proof, ...], book: RuleBook) -> None:
    assert [(proof.name, proof.says, proof.rules) for proof in proofs if proof.holds is not True] == []
    assert [proof.name for proof in proofs] == list(properties_of(book))
    assert [proof.name for proof in proofs if proof.asked == 0] == []


def test_the_safety_properties_of_the_real_rulebook_try_every_change(proofs: tuple[Proof, ...]) -> None:
    asked = {proof.name: proof.asked for proof in proofs if proof.name.startswith("safe-")}
    assert asked == {"safe-contraindication": 8, "safe-kidneys": 1, "safe-calcium": 1, "safe-normal-lost": 12,
                     "safe-lost": 14}  # fmt: skip


SINGLE: dict[int, Single] = {}


def single_of(book: RuleBook) -> Single:
    return SINGLE.setdefault(id(book), Single(book))


def admitted(book: RuleBook, resources: Iterable[dict[str, Any]]) -> None:
    """The laws allow what the product found about a record, and the decision that follows is the product's."""
    evaluation = evaluate(read_record(bundle(*resources), book, AS_OF), book, AS_OF)
    single, inferred, decision = single_of(book), evaluation.inferred, evaluation.decision
    patient, answer = single.answer.patient, single.answer
    base = inferred.program.names[: inferred.program.base]
    states = [patient.state(name).is_state(State(inferred.state(name))) for name in base]
    assert single.search.solver.check(*states) == z3.sat
    said = {(item.rule, code) for item in decision.said for code in item.codes}
    kept = [answer.says[pair] for pair in said]
    whole = z3.And(answer.outcome[decision.outcome], answer.decided_by(decision.decided_by), *kept)
    assert single.search.is_impossible(*states, z3.Not(whole))


@given(resources=people(9))
@examples(12, suppress_health_check=list(HealthCheck))
def test_every_record_is_among_the_patients_of_the_proofs(resources: list[dict[str, Any]]) -> None:
    admitted(open_rulebook_once(), resources)


@given(resources=crowds())
@examples(12, suppress_health_check=list(HealthCheck))
def test_records_with_many_results_of_one_kind_are_among_them(resources: list[dict[str, Any]]) -> None:
    admitted(open_rulebook_once(), resources)


def test_records_of_operations_and_fractures_of_any_day_are_among_them(book: RuleBook) -> None:
    surgery = {"resourceType": "Procedure", "id": "op", "status": "completed", "subject": SUBJECT}
    surgery["code"] = concept("CPT 60240")
    hip = condition("ICD-10-CM S72.001A", identity="hip", onsetDateTime="2011-03-01")
    admitted(book, [patient(), statement(), hip, surgery])
    for day in ("2025-12-30", "2025-10-01", "2019"):
        admitted(book, [patient(), statement(), hip, {**surgery, "performedDateTime": day}])
    admitted(book, [patient(gender="male"), statement(), {**hip, "onsetDateTime": "1990"}])


BOOKS: list[RuleBook] = []


def open_rulebook_once() -> RuleBook:
    if not BOOKS:
        BOOKS.append(open_rulebook(ROOT / "rules"))
    return BOOKS[0]


def test_a_patient_whom_no_rule_answers_is_found(book: RuleBook) -> None:
    """Without the decision of SCOPE-03 somebody without a calcium product would be told to go on with it."""
    (proof, *_) = broken(with_rule(book, book.rules["SCOPE-03"]._replace(votes=())), "one-outcome")
    assert proof.holds is False
    assert proof.seen is not None
    assert (proof.seen["outcome"], proof.seen["decidedBy"]) == ("continue", "CON-06")
    assert "CON-06" not in proof.seen["fired"]


def test_a_gap_of_a_ladder_is_found(book: RuleBook) -> None:
    (proof,) = broken(with_ladder_from(book, 13), "ladders")
    assert proof.holds is False
    assert proof.seen is not None
    assert {"VD-01", "VD-02"} & set(proof.seen["fired"]) == set()
    quantity = next(entry["resource"]["valueQuantity"] for entry in (proof.witness or {})["entry"]
                    if "Vit D" in str(entry) or "25-hydroxy" in str(entry))  # fmt: skip
    assert 12 <= quantity["value"] < 13


def test_an_overlap_of_a_ladder_is_found(book: RuleBook) -> None:
    (proof,) = broken(with_ladder_from(book, 11), "ladders")
    assert proof.holds is False
    assert proof.rules == ("VD-01", "VD-02")
    assert proof.witness is not None


def step_from_20(book: RuleBook, definition: Any, **others: Any) -> RuleBook:
    """The rulebook whose step 'from 20 to below 30' is defined otherwise, with other findings beside it."""
    for name, sentence in others.items():
        other = book.findings[LADDER]._replace(name=name, definition=sentence)
        book = replace(book, findings=Frozen({**book.findings, name: other}))
    return with_definition(book, "25-OH vitamin D from 20 to below 30", definition)


def of_vitamin_d(word: str, number: float) -> Compared:
    return Compared("25-OH vitamin D", (Comparison(word, Bound(number, "ng/mL")),))


@pytest.mark.parametrize(
    ("number", "part", "holds"),
    [
        (20, Part("low"), True),
        (18, Part("low"), False),
        (22, Part("low"), False),
        (18, Part("below", Sense.NOT), False),
    ],
)
def test_a_step_that_joins_comparisons_of_one_term_is_taken(
    number: float, part: Part, holds: bool, book: RuleBook
) -> None:
    """As it was: such a step was no step any more, and the ladder without it held."""
    ends = {"low": of_vitamin_d("at least", number), "below": of_vitamin_d("below", number)}
    changed = step_from_20(book, Joined("all", (part, Part("high"))), high=of_vitamin_d("below", 30), **ends)
    (proof,) = prove(changed, ["ladders"])
    assert proof.holds is holds
    assert "VD-03" in f"{proof.says} {proof.rules}"


def test_a_step_that_cannot_be_taken_leaves_its_ladder_open_and_is_named(book: RuleBook) -> None:
    mixed = Joined("any", (Part("step"), Part("osteoporosis")))
    (proof,) = prove(step_from_20(book, mixed, step=of_vitamin_d("at least", 20)), ["ladders"])
    assert proof.holds is None
    assert proof.rules == ("VD-03",)
    assert proof.says.startswith("VD-03 compares '25-OH vitamin D' and joins that with something else")


def test_a_rule_that_names_its_step_behind_another_finding_is_named(book: RuleBook) -> None:
    rule = book.rules["VD-03"]
    swapped = with_rule(book, rule._replace(when=replace(rule.when, parts=rule.when.parts[::-1])))
    (proof,) = prove(swapped, ["ladders"])
    assert "VD-06, and as a condition only VD-03" in proof.says


def test_a_rule_that_cannot_fire_is_found(book: RuleBook) -> None:
    never = Joined("all", (Part("under 18"), Part("adult")))
    dead = with_rule(book, book.rules["CAC-05"]._replace(when=never))
    found = broken(only_rules(dead, "CAC-05", "SCOPE-03"), "reachable")
    assert [(proof.holds, proof.rules) for proof in found] == [(False, ("CAC-05",)), (False, ("CAC-05",))]
    assert "never fires: no such patient exists" in found[0].says


def test_a_rule_that_is_always_overruled_is_found(book: RuleBook) -> None:
    entry = next(removal for removal in book.removals if removal.name == "magnesium to be avoided")
    always = entry._replace(cards=frozenset({"CON-03"}), when=(entry.when[0]._replace(kind="fires", value="CON-03"),))
    overruled = replace(book, removals=tuple(always if r is entry else r for r in book.removals))
    (proof,) = broken(only_rules(overruled, "CON-03", "SCOPE-03"), "reachable")
    assert proof.says == "CON-03 is always overruled: no such patient exists."


def test_codes_that_contradict_each_other_are_found_with_a_patient(book: RuleBook) -> None:
    """As it was: a calcium of 12 beside a normal one of the same day, and low vitamin D."""
    found = broken(without_clause(book, "high calcium", "CA-02"), "contradictions")
    assert {"'stop-vitamin-d' and 'vitamin-d-repletion'" in proof.says for proof in found} == {True, False}
    assert all(proof.holds is False and proof.seen is not None for proof in found)
    assert all(proof.seen is not None and "CA-02" in proof.seen["fired"] for proof in found)


def test_a_claim_that_no_card_may_make_is_found_with_a_patient_who_reads_it(book: RuleBook) -> None:
    phrase = next(claim.phrases[0] for claim in book.never.values() if claim.phrases)
    rule = book.rules["CON-05"]
    claims = with_rule(book, rule._replace(card=rule.card._replace(summary=f"It is known that {phrase}.")))
    (proof,) = broken(claims, "never-claims")
    assert proof.holds is False
    assert proof.seen is not None
    assert "CON-05" in proof.seen["fired"]


class WithoutItsPlainText(Card):
    """A card as no rule file can say it: only its variants have a text."""

    @property
    def texts(self) -> tuple[CardText, ...]:
        return super().texts[:-1]


def test_a_card_that_may_have_no_text_is_found(book: RuleBook) -> None:
    rule = book.rules["CA-01"]
    mute = with_rule(book, rule._replace(card=WithoutItsPlainText(*rule.card)))
    assert [proof.says for proof in broken(mute, "never-errors")] == ["The card of CA-01 has not exactly one text."]


def test_an_engine_that_reads_a_sense_otherwise_is_found(book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    told = compiler.rails_of
    monkeypatch.setattr(always, "rails_of", lambda sense: told(Sense.IS if sense is Sense.POSSIBLE else sense))
    (proof,) = broken(book, "never-errors")
    assert "'possible' of unknown" in proof.says


def test_a_lost_result_that_loosens_the_answer_is_found_with_both_patients(book: RuleBook) -> None:
    """A hold in kidney failure that would ask for a phosphate first."""
    rule = book.rules["RENAL-03"]
    when = replace(rule.when, parts=(*rule.when.parts, Part("phosphate in the last 365 days")))
    found = broken(with_rule(book, rule._replace(when=when)), "safe-normal-lost")
    assert found
    proof = found[0]
    assert proof.holds is False
    assert "phosphate of 3.5: lost" in proof.says
    assert proof.seen is not None
    assert proof.worse_seen is not None
    assert (proof.seen["outcome"], proof.seen["decidedBy"]) == ("hold", "RENAL-03")
    assert proof.worse_seen["outcome"] != "hold"
    assert len((proof.worse or {})["entry"]) < len((proof.witness or {})["entry"])


def test_a_risk_that_is_too_old_to_be_used_is_no_longer_taken_for_none(book: RuleBook) -> None:
    """As it was: weak kidneys, once their eGFR is too old, passed for low risk; with better ones it is still usable."""
    finding = book.findings["low dose and low risk"].definition
    assert isinstance(finding, Joined)
    parts = tuple(part for part in finding.parts if part.finding != "weak kidneys, never rechecked")
    changed = with_definition(book, "low dose and low risk", replace(finding, parts=parts))
    assert [low_risk(one, egfr) for one in (book, changed) for egfr in (44, 46)] == [False, False, True, False]
    assert [proof.holds for proof in prove(changed, ["safe-kidneys"]) if proof.holds is not True] != []


def low_risk(book: RuleBook, egfr: float) -> bool:
    """Whether somebody of 50 with an eGFR of 200 days ago, which counts for 365 days from 45 on, needs no tests."""
    kidneys = observation("LOINC 98979-8", egfr, "mL/min/{1.73_m2}", day="2025-06-25")
    data = bundle(patient(birth="1976-01-01"), statement("RxNorm 282465", dosage()), kidneys)
    said = evaluate(read_record(data, book, AS_OF), book, AS_OF).decision.said
    return "low-risk-no-labs" in {code for item in said for code in item.codes}


def related(proofs: Iterable[Proof]) -> dict[str, bool | None]:
    return {proof.name: proof.holds for proof in proofs}


def test_two_rules_are_compared(book: RuleBook) -> None:
    found = compare_rules(book, "PTH-01", "CA-01")
    assert related(found) == {"equivalent": False, "implies": False, "implied": False, "disjoint": False}
    for proof in found:
        if proof.witness is not None and proof.seen is not None:
            product_says(proof.witness, proof.seen, book)
    assert related(compare_rules(book, "VD-05", "VD-06"))["disjoint"] is True


def test_two_versions_of_a_rule_are_compared(book: RuleBook) -> None:
    wider = with_ladder_from(book, 11)
    found = compare_versions(wider, book, "VD-02")
    assert related(found) == {"equivalent": False, "implies": False, "implied": True, "disjoint": False}
    assert related(compare_versions(wider, book, "VD-04"))["equivalent"] is True


def cds(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cds", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **more}, timeout=300, cwd=ROOT)


def test_the_witness_of_a_changed_copy_goes_through_cds_evaluate(tmp_path: Path) -> None:
    rules, out = tmp_path / "rules", tmp_path / "witnesses"
    shutil.copytree(ROOT / "rules", rules)
    findings = rules / "vitamin-d" / "findings.yaml"
    text = findings.read_text(encoding="utf-8")
    findings.write_text(text.replace("at least 12 and below 20", "at least 11 and below 20"), encoding="utf-8")
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = cds("prove", rules, "--only", "ladders", "--json", "--witnesses", out, **cache)
    proof = json.loads(done.stdout)
    (written,) = out.iterdir()
    again = cds("evaluate", written, "--rules", rules, "--as-of", proof["seen"]["asOf"], "--json", **cache)
    result = json.loads(again.stdout)
    assert (done.returncode, again.returncode) == (1, 0)
    assert {key: result[key] for key in proof["seen"]} == proof["seen"]


def test_a_wrong_property_or_rule_is_wrong_use_and_the_nearest_is_offered() -> None:
    one, other = cds("prove", "--only", "ladder"), cds("prove", "--compare", "CA-01", "CA02")
    assert (one.returncode, other.returncode) == (2, 2)
    assert "Did you mean 'ladders'?" in one.stderr
    assert "Did you mean 'CA-02'?" in other.stderr


def test_without_the_solver_the_command_says_what_to_install(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['z3'] = None; sys.argv = ['cds', 'prove']; from cds.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, cwd=ROOT,
                          env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)})  # fmt: skip
    assert done.returncode == 2
    assert "pip install 'calcium-cds[prove]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_proved_is_kept_for_this_rulebook_alone_and_read_without_the_solver(
    book: RuleBook, proofs: tuple[Proof, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cached_proofs(book) is None
    keep_proofs(book, proofs)
    assert cached_proofs(book) == proofs
    assert cached_proofs(replace(book, sha256="another")) is None
    assert cached_proofs(replace(book, off=frozenset({"CA-03"}))) is None
    read = ("import sys; from cds import open_rulebook; from cds.proof import cached_proofs; "
            "print(len(cached_proofs(open_rulebook())), 'z3' in sys.modules)")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, cwd=ROOT,
                          env={**os.environ, "CDS_RULES": str(ROOT / "rules")})  # fmt: skip
    assert done.stdout.split() == [str(len(proofs)), "False"]
    for nothing in ("damaged", "[]"):
        next(tmp_path.glob("calcium-cds/*.proofs")).write_text(nothing, encoding="utf-8")
        assert cached_proofs(book) is None
