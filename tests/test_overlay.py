"""A hospital's overlay: what it replaces, adds and switches off, and every way in which it can be wrong."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from people import AS_OF, CALCIUM, CARBONATE_500, CREATININE, bundle, condition, dosage, observation, patient, statement

from cds.bookshelf import open_rulebook
from cds.cli import app
from cds.errors import RulebookError
from cds.evaluation import Evaluation, Evaluator, evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.quantity import PRESENT, point
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failures
from cds.review.check import check
from cds.review.overlay_effects import overlay_cases_lacking, overlay_notes, overridden, side_by_side
from cds.review.remarks import remarks
from cds.review.signatures import signature_problems
from cds.review.signing import signature_of, write_signature
from cds.rulebook.folder import fingerprint
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Overlay, RuleBook
from cds.rulebook.overlaying import read_overlaid

HERE = Path(__file__).resolve().parent
RULES, HOSPITAL = HERE.parent / "rules", HERE / "hospital"
TODAY = date(2026, 11, 25)
LAB = "https://hospital.example/lab"
WOMAN = (patient(birth="1960-05-01"), statement(CARBONATE_500, dosage()), observation(CALCIUM, 9.4, "mg/dL"),
         observation(CREATININE, 0.8, "mg/dL", identity="k"))  # fmt: skip


@pytest.fixture(scope="module")
def local() -> RuleBook:
    """The real rules with the overlay of the invented hospital."""
    return read_overlaid(RULES, [HOSPITAL], FORMULAS)


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    """A copy of the overlay."""
    return Path(shutil.copytree(HOSPITAL, tmp_path / "hospital"))


def overlay_of(book: RuleBook) -> Overlay:
    assert book.overlay is not None
    return book.overlay


def of(book: RuleBook, *resources: Any) -> Evaluation:
    return evaluate(read_record(bundle(*resources), book, AS_OF), book, AS_OF)


def test_the_rulebook_knows_whose_overlay_it_has_and_what_was_replaced(local: RuleBook, book: RuleBook) -> None:
    overlay = overlay_of(local)
    assert (overlay.name, overlay.owner) == ("Invented Hospital", "pharmacy committee")
    assert overlay.base.sha256 == book.sha256
    assert [(item.before, item.after) for item in side_by_side(local)] == [
        ("25-OH vitamin D is below 12 ng/mL", "25-OH vitamin D is below 10 ng/mL"),
        ("25-OH vitamin D is at least 12 and below 20 ng/mL", "25-OH vitamin D is at least 10 and below 20 ng/mL"),
    ]
    assert [item.local.spot.file for item in side_by_side(local)] == ["hospital/vitamin-d/findings.yaml"] * 2
    assert [(item.rule, item.how) for item in overlay.switches] == [
        ("LIFE-01", "off"), ("CAC-05", "shadow"), ("CA-05", "shadow")]  # fmt: skip
    assert (local.off, local.shadow) == ({"LIFE-01"}, {"CAC-05", "CA-05"})


def test_a_rulebook_without_an_overlay_has_nothing_beside(book: RuleBook) -> None:
    assert book.overlay is None
    assert side_by_side(book) == []


def test_the_hash_covers_base_and_overlay(local: RuleBook, book: RuleBook, hospital: Path) -> None:
    again = read_overlaid(RULES, [hospital], FORMULAS)
    assert again.sha256 == local.sha256 != book.sha256
    (hospital / "overlay.yaml").write_text((hospital / "overlay.yaml").read_text("utf-8") + "\n", "utf-8")
    assert fingerprint(RULES, hospital) != local.sha256


def test_a_replaced_threshold_decides(local: RuleBook, book: RuleBook) -> None:
    low = observation("LOINC 62292-8", 11, "ng/mL", identity="d")
    fired = [{said.rule for said in of(rules, *WOMAN, low).decision.said} for rules in (book, local)]
    assert ["VD-01" in rules for rules in fired] == [True, False]
    assert ["VD-02" in rules for rules in fired] == [False, True]


def test_local_codes_names_products_and_units_are_read(local: RuleBook, book: RuleBook) -> None:
    coded = {"coding": [{"system": LAB, "code": "CA"}]}
    result = {**observation(CALCIUM, 10.9, "mg/dL", identity="x"), "code": coded}
    own = {"coding": [{"system": "https://hospital.example/formulary", "code": "4711"}]}
    tablet = {**statement(CARBONATE_500, dosage(2), identity="t"), "medicationCodeableConcept": own}
    resources = (
        patient(),
        result,
        tablet,
        statement("", dosage(), text="Ourcal Forte tablet", identity="b"),
        {**condition(identity="o"), "code": {"coding": [{"system": "urn:oid:1.2.3.4", "code": "OST"}]}},
    )
    record = read_record(bundle(*resources), local, AS_OF)  # fmt: skip
    assert [reading.value for reading in record.readings["serum calcium"]] == [point(10.9)]
    assert record.mentions["osteoporosis"][0].state is PRESENT
    assert [product.amounts["calcium"][0] for product in record.products] == [point(1000), point(600)]
    plain = read_record(bundle(*resources), book, AS_OF)
    assert "serum calcium" not in plain.readings
    assert "osteoporosis" not in plain.mentions
    named = read_record(bundle(patient(), condition(text="Brittle bones of this hospital")), local, AS_OF)
    assert "osteoporosis" in named.mentions


def test_an_added_rule_decides_in_its_tier(local: RuleBook) -> None:
    low = observation("LOINC 19123-9", 1.1, "mg/dL", identity="mg")
    decision = of(local, *WOMAN, low).decision
    assert (decision.outcome, decision.decided_by) == ("hold", "LOC-01")
    assert local.rules["LOC-01"].chapter == "Rules of this hospital"
    assert next(tier for tier in local.tiers if tier.name == "hold").rules[-1] == "LOC-01"


def test_a_rule_in_shadow_is_reported_and_does_not_decide(local: RuleBook) -> None:
    decision = of(local, *WOMAN, observation(CALCIUM, 7.0, "mg/dL", day="2026-01-14", identity="x")).decision
    assert decision.shadowed == ("CA-05",)
    assert decision.decided_by == "GUARD-01"


def test_check_is_clean_and_names_the_cases_that_the_overlay_overrides(local: RuleBook) -> None:
    result = check(local, TODAY, lambda done, total: None)
    assert [str(problem) for problem in result.problems] == []
    assert {note.code for note in result.notes} == {"case-overridden", "name-overridden"}
    assert {note.file for note in result.notes} >= {
        "vitamin-d/vd-01-below-12.yaml", "data/data-02-no-recent-calcium.yaml",
        "lifestyle/life-01-smoking-or-diabetes.yaml",
    }  # fmt: skip
    assert all("overridden by the overlay" in note.what for note in result.notes if note.code == "case-overridden")
    assert [str(note) for note in result.notes if note.code == "name-overridden"] == [
        f"hospital/vitamin-d/findings.yaml:{line}: finding '{name}' name: '12' is no longer its number. "
        "Did you mean 10? Nothing to do here: the name stays. [name-overridden]"
        for line, name in ((5, "25-OH vitamin D below 12"), (11, "25-OH vitamin D from 12 to below 20"))
    ]


def test_an_overlay_that_changes_a_rule_must_bring_a_case_for_it(hospital: Path) -> None:
    (hospital / "cases.yaml").unlink()
    changed = read_overlaid(RULES, [hospital], FORMULAS)
    cases = overridden(changed, failures(changed, Evaluator(changed, PlainReasoner(changed))))
    assert [str(problem) for problem in overlay_cases_lacking(changed, cases)] == [
        f"hospital/overlay.yaml:1: {rule}: the overlay changes what {rule} does, and brings no case for it. "
        "Add one to cases.yaml. [overlay-case-lacking]" for rule in ("BONE-02", "DATA-02", "INT-07", "VD-01", "VD-02")
    ]  # fmt: skip


def test_a_case_that_fails_with_and_without_the_overlay_is_still_a_failure(hospital: Path) -> None:
    edit(hospital, "cases.yaml", "      expect: nothing", "      expect: fires")
    changed = read_overlaid(RULES, [hospital], FORMULAS)
    failing = failures(changed, Evaluator(changed, PlainReasoner(changed)))
    assert [item.case.spot.file for item in failing if item not in overridden(changed, failing)] == [
        "hospital/cases.yaml"
    ]


def edit(hospital: Path, name: str, before: str, after: str) -> None:
    path = hospital / name
    text = path.read_text("utf-8") if path.exists() else ""
    assert before in text
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(before, after, 1) if before else after, "utf-8")


WRONG = {
    "a replaced finding that the base does not know": (
        "vitamin-d/findings.yaml", "  25-OH vitamin D below 12:", "  25-OH vitamin D below 13:",
        "hospital/vitamin-d/findings.yaml:5: replaces.25-OH vitamin D below 13: '25-OH vitamin D below 13' is not a "
        "finding. The nearest names have another number: '25-OH vitamin D below 12', '25-OH vitamin D below 20', "),
    "an added finding that the base has": (
        "local/findings.yaml", "  magnesium for admission here:", "  25-OH vitamin D above 100:",
        "'25-OH vitamin D above 100' is a finding of the base. Write it under 'replaces', or give it another name. "
        "[duplicate-name]"),
    "a sentence of no form": (
        "vitamin-d/findings.yaml", "when: 25-OH vitamin D is below 10 ng/mL", "when: 25-OH vitamin D looks low",
        "hospital/vitamin-d/findings.yaml:7: replaces.25-OH vitamin D below 12.when: '25-OH vitamin D looks low' has "
        "none of the forms"),
    "a threshold in another unit": (
        "vitamin-d/findings.yaml", "is below 10 ng/mL", "is below 25 nmol/L", "'nmol/L' is not the unit of"),
    "a threshold without a source": (
        "local/findings.yaml", "    evidence:\n      - HOSPITAL2026\n", "",
        "hospital/local/findings.yaml:5: adds.magnesium for admission here: 'magnesium for admission here' rests on a "
        "number without"),
    "an unknown source": (
        "vitamin-d/findings.yaml", "- HOSPITAL2026", "- HOSPITAL2025",
        "'HOSPITAL2025' is not an evidence source. Did you mean 'HOSPITAL2026'? [unknown-evidence]"),
    "a source that the base has": ("evidence.yaml", "HOSPITAL2026:", "IOM2011:", "'IOM2011' is defined twice."),
    "an unknown term": (
        "terms/conditions.yaml", "  osteoporosis:", "  osteoporose:",
        "hospital/terms/conditions.yaml:2: terms.osteoporose: 'osteoporose' is not a term. Did you mean"),
    "codes for a term without codes": (
        "terms/measurements.yaml", "  calcium to use:", "  calcium to use:\n    add codes:\n      - LOINC 1-1 x",
        "'calcium to use' has no codes. Take this out. [wrong-value]"),
    "a code that the term has": (
        "terms/conditions.yaml", "urn:oid:1.2.3.4 OST Osteoporose", "SNOMED 64859006 Osteoporosis",
        "'64859006' stands there already. Take it out. [duplicate-name]"),
    "a name that the term has": (
        "terms/conditions.yaml", "    add names:\n      - brittle bones of this hospital",
        "    add names:\n      - brittle bones\n      - brittle bones", "'brittle bones' stands there already."),
    "a unit that the term has": (
        "terms/measurements.yaml", "    add codes:", "    add units:\n      - mmol/L x 4\n    add codes:",
        "'mmol/l' stands there already."),
    "an answer that means no already": (
        "terms/conditions.yaml", "  osteoporosis:",
        "  smoker:\n    add words for yes:\n      - Ex-smoker\n  osteoporosis:",
        "'ex-smoker' means yes and no. Keep it in one of the lists. [duplicate-name]"),
    "answers to a question that nobody asks": (
        "terms/conditions.yaml", "    add names:",
        "    add codes for no:\n      - urn:oid:1.2.3.4 NO no\n    add names:",
        "'osteoporosis' has answers and no question. Name the observation that asks under 'asked as'"),
    "answers for a term without any": (
        "terms/measurements.yaml", "  calcium to use:", "  calcium to use:\n    add words for no:\n      - none",
        "'calcium to use' has no words for no. Take this out. [wrong-value]"),
    "a code of no form": (
        "terms/conditions.yaml", "urn:oid:1.2.3.4 OST Osteoporose", "OST", "'OST' is not a code."),
    "a freshness of no form": (
        "terms/measurements.yaml", "- 300 days", "- three hundred days", "'three hundred days' cannot be read."),
    "a product that the base has": (
        "terms/products.yaml", "https://hospital.example/formulary 4711", "RxNorm 282465",
        "hospital/terms/products.yaml:2: products.RxNorm 282465 calcium carbonate 1250 MG tablet of the house: 'RxNorm "
        "282465 calcium carbonate 1250 MG tablet of the house' is known already. Take it out: an overlay only adds"),
    "a salt that nobody knows": (
        "terms/products.yaml", "salt: carbonate", "salt: carbonat", "Did you mean 'carbonate'? [unknown-salt]"),
    "an unknown rule that is off": (
        "overlay.yaml", "rule: LIFE-01", "rule: LIFE-11",
        "hospital/overlay.yaml:6: off[1].rule: 'LIFE-11' is not a rule. Did you mean"),
    "a rule that is off and in shadow": (
        "overlay.yaml", "rule: CAC-05", "rule: LIFE-01",
        "hospital/overlay.yaml:9: shadow[1]: LIFE-01 is switched twice. Keep one of the two. [duplicate-name]"),
    "the default in shadow": (
        "overlay.yaml", "rule: CAC-05", "rule: CON-06", "CON-06 cannot be switched off or put into shadow."),
    "an emergency without an accepted risk": (
        "overlay.yaml", "rule: CAC-05", "rule: CA-02", "CA-02 keeps patients from harm. Say under 'accepted risk'"),
    "a switch without a reason": (
        "overlay.yaml", "    reason: Watched for three months before it is shown.\n", "",
        "hospital/overlay.yaml:9: shadow[1]: 'reason' is missing. Add it. [missing-key]"),
    "an unknown key": ("overlay.yaml", "owner:", "owned by:", "'owned by' has no meaning here. Did you mean"),
    "an empty name": ("overlay.yaml", "name: Invented Hospital", "name: ''", "hospital/overlay.yaml:2: name:"),
    "no overlay.yaml": ("overlay.yaml", "", "", "hospital/overlay.yaml:1: file: the file is not there. Every overlay"),
    "a file of the base": ("precedence.yaml", "", "default: CA-01\n", "an overlay cannot hold this file."),
    "a case of an unknown rule": ("cases.yaml", "  VD-02:", "  VD-22:", "'VD-22' is not a rule. Did you mean"),
    "a case of an unknown term": (
        "cases.yaml", "newest calcium:", "oldest calcium:", "'oldest calcium' is not a term."),
    "a rule that the base has": (
        "local/loc-01-very-low-magnesium.yaml", "rule: LOC-01", "rule: CA-01",
        "'CA-01' is defined twice: it is also the rule of serum-calcium/ca-01-high-calcium.yaml:1."),
    "a rule of an unknown finding": (
        "local/loc-01-very-low-magnesium.yaml", "- magnesium for admission here", "- magnesium for admission here too",
        "'magnesium for admission here too' is not a finding. Did you mean 'magnesium for admission here'"),
    "a tag": ("overlay.yaml", "name: ", "name: !x ", "hospital/overlay.yaml:2: name: a text that begins with '!'"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_said_with_file_and_line(kind: str, hospital: Path) -> None:
    name, before, after, said = WRONG[kind]
    if kind == "no overlay.yaml":
        (hospital / name).unlink()
    else:
        edit(hospital, name, before, after)
    with pytest.raises(RulebookError) as caught:
        read_overlaid(RULES, [hospital], FORMULAS)
    assert said in str(caught.value)
    assert all(problem.file.startswith("hospital/") for problem in caught.value.problems)


def test_problems_of_base_and_overlay_are_said_at_once(hospital: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(RULES, tmp_path / "rules"))
    edit(base, "stones/findings.yaml", "chapter:", "chapters:")
    edit(hospital, "overlay.yaml", "owner:", "owned by:")
    with pytest.raises(RulebookError) as caught:
        read_overlaid(base, [hospital], FORMULAS)
    assert {problem.file for problem in caught.value.problems} == {"stones/findings.yaml", "hospital/overlay.yaml"}


@pytest.mark.parametrize("name", ["kidney", "terms", "local"])
def test_an_overlay_may_be_called_as_a_folder_of_the_base_or_be_kept_inside_it(
    name: str, local: RuleBook, tmp_path: Path
) -> None:
    base = Path(shutil.copytree(RULES, tmp_path / "rules"))
    inside = Path(shutil.copytree(HOSPITAL, base / "hospital"))
    beside = Path(shutil.copytree(HOSPITAL, tmp_path / name))
    plain = read_rulebook(base, FORMULAS)
    assert plain.sha256 == overlay_of(local).base.sha256
    for overlay in (inside, beside):
        both = read_overlaid(base, [overlay], FORMULAS)
        assert (both.sha256, both.rules.keys()) == (local.sha256, local.rules.keys())
        assert overlay_of(both).replaced == overlay_of(local).replaced


def test_what_an_import_of_a_value_set_writes_is_a_file_of_an_overlay(hospital: Path, tmp_path: Path) -> None:
    system = "https://hospital.example/codes"
    include = [{"system": system, "concept": [{"code": "STEIN", "display": "Nierenstein"}]}]
    value_set = {"resourceType": "ValueSet", "url": f"{system}/stones", "status": "active",
                 "compose": {"include": include}}  # fmt: skip
    path, out = tmp_path / "codes.json", hospital / "terms" / "imported.yaml"
    path.write_text(json.dumps(value_set), "utf-8")
    done = run("import-value-set", path, "--term", "kidney stone", "--own-system", system, "--out", out)
    assert done.exit_code == 0, done.output
    term = read_overlaid(RULES, [hospital], FORMULAS).terms["kidney stone"]
    assert "STEIN" in {code.code for code in getattr(term, "codes", ())}


def test_a_rulebook_with_an_overlay_is_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = open_rulebook(RULES, HOSPITAL), open_rulebook(RULES, HOSPITAL)
    assert len(list((tmp_path / "calcium-cds").glob("*.rulebook"))) == 1
    assert first.sha256 == second.sha256
    assert overlay_of(second).base.sha256 == read_rulebook(RULES, FORMULAS).sha256
    assert overlay_of(second).switches == overlay_of(first).switches


def everywhere(folder: Path, before: str, after: str) -> Path:
    """A copy of the real rules in which a pattern reads otherwise in every file."""
    copy = Path(shutil.copytree(RULES, folder / "rules"))
    for path in copy.rglob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(before, after, text), "utf-8")
    return copy


def refusal(rules: Path, hospital: Path) -> str:
    """What is said when an overlay is refused; nothing when it may be used."""
    try:
        read_overlaid(rules, [hospital], FORMULAS)
    except RulebookError as error:
        return str(error)
    return ""


def switched_off(rules: Path, hospital: Path, rule: str) -> str:
    """What is said when an overlay switches a rule off without an accepted risk; nothing when it may."""
    edit(hospital, "overlay.yaml", "rule: LIFE-01", f"rule: {rule}")
    return refusal(rules, hospital)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (r"\bemergency\b", "today", "CA-02"),
        (r"(tier:|-) protect\b", r"\1 keep", "CA-05"),
        ("GUARD-02", "PTH-20", "PTH-20"),
    ],
)
def test_a_guarded_rule_stays_guarded_whatever_its_tier_or_itself_is_called(
    before: str, after: str, rule: str, hospital: Path, tmp_path: Path
) -> None:
    (hospital / "overlay.yaml").write_text(
        "name: H\nowner: o\nreason: r\noff:\n  - rule: LIFE-01\n    reason: Watched.\n", "utf-8")  # fmt: skip
    said = switched_off(everywhere(tmp_path, before, after), hospital, rule)
    assert said == (
        f"hospital/overlay.yaml:5: off[1]: {rule} keeps patients from harm. Say under 'accepted risk' what can happen "
        "to whom, and who accepts it. [risk-not-accepted]"
    )


@pytest.mark.parametrize(("guarded", "rule", "refused"), [
    (True, "RENAL-06", False), (False, "RENAL-06", True), (False, "GUARD-02", True), (False, "LIFE-01", False),
])  # fmt: skip
def test_while_no_tier_is_guarded_every_rule_that_decides_is(
    guarded: bool, rule: str, refused: bool, hospital: Path, tmp_path: Path
) -> None:
    rules = RULES if guarded else everywhere(tmp_path, " *guarded: yes\n", "")
    assert (f"off[1]: {rule} keeps patients from harm." in switched_off(rules, hospital, rule)) is refused


WEAKER = """\
replaces:
  {finding}:
    when: '{when}'
    evidence:
      - HYPERCA2022
"""
CALCIUM_OF_19 = "some result of calcium to use is at least 19 mg/dL (ionised: above 2.9 mmol/L)"
ACCEPTED = "    accepted risk: A calcium of 18 goes unseen; accepted by nobody real.\n"


def weakened(hospital: Path, finding: str, when: str, accepted: str = "") -> str:
    """What is said when an overlay replaces a finding; nothing when it may."""
    (hospital / "serum-calcium").mkdir()
    text = WEAKER.format(finding=finding, when=when) + accepted
    (hospital / "serum-calcium" / "findings.yaml").write_text(text, "utf-8")
    return refusal(RULES, hospital)


@pytest.mark.parametrize(
    ("finding", "when", "rule"),
    [
        ("calcium of 12 or more", CALCIUM_OF_19, "PTH-02"),
        ("low serum calcium", "calcium to use is below 5 mg/dL", "CA-05"),
        ("under 18", "age is below 80 years", "GUARD-02"),
    ],
)
def test_what_a_guarded_rule_rests_on_is_replaced_only_with_an_accepted_risk(
    finding: str, when: str, rule: str, hospital: Path
) -> None:
    """As it was: a calcium of 12 could be made one of 19, and the emergency was gone without a word."""
    found = weakened(hospital, finding, when)
    assert found.startswith(f"hospital/serum-calcium/findings.yaml:2: replaces.{finding}: ")
    assert f": {rule} keeps patients from harm and rests on '{finding}'." in found
    assert found.endswith("Say under 'accepted risk' what can happen to whom, and who accepts it. [risk-not-accepted]")


def test_an_accepted_risk_lets_a_threshold_of_a_guarded_rule_be_replaced(hospital: Path) -> None:
    assert weakened(hospital, "calcium of 12 or more", CALCIUM_OF_19, ACCEPTED) == ""


def test_a_finding_that_no_guarded_rule_reads_is_replaced_freely(hospital: Path) -> None:
    assert weakened(hospital, "single dose above 600 mg", "calcium single dose is above 700 mg") == ""


def test_how_long_a_value_counts_for_a_guarded_rule_is_changed_only_with_an_accepted_risk(hospital: Path) -> None:
    edit(hospital, "terms/measurements.yaml", "accepted risk: A calcium", "accepted risk: ''  # A calcium")
    with pytest.raises(RulebookError) as caught:
        read_overlaid(RULES, [hospital], FORMULAS)
    assert str(caught.value) == (
        "hospital/terms/measurements.yaml:6: terms.calcium to use.usable for: GUARD-02 keeps patients from harm and "
        "rests on 'calcium to use'. Say under 'accepted risk' what can happen to whom, and who accepts it. "
        "[risk-not-accepted]"
    )


def test_a_tier_that_stops_and_is_not_guarded_is_remarked_on(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(RULES, tmp_path / "rules"))
    edit(copy, "precedence.yaml", "    outcome: stop\n    guarded: yes\n", "    outcome: stop\n")
    said = [str(item) for item in remarks(read_rulebook(copy, FORMULAS), TODAY) if item.code == "nothing-guarded"]
    assert said == [
        "precedence.yaml:35: tier 'emergency': it stops, and an overlay may switch off its rules without a word. "
        "Write 'guarded: yes' there. [nothing-guarded]"
    ]


def test_rules_that_guard_nothing_are_remarked_on(tmp_path: Path) -> None:
    unguarded = read_rulebook(everywhere(tmp_path, " *guarded: yes\n", ""), FORMULAS)
    said = [str(item) for item in remarks(unguarded, TODAY) if item.code == "nothing-guarded"]
    assert said == [
        "precedence.yaml:1: tiers: no tier is guarded, so every rule that decides counts as one that keeps patients "
        "from harm. Write 'guarded: yes' in the tiers whose rules no overlay may switch off without an accepted risk. "
        "[nothing-guarded]"
    ]
    assert [item for item in remarks(read_rulebook(RULES, FORMULAS), TODAY) if item.code == "nothing-guarded"] == []


def run(*words: object, **environment: str) -> Any:
    return CliRunner(env=environment).invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("by_environment", [False, True])
def test_evaluate_takes_the_overlay_by_option_or_environment(
    by_environment: bool, local: RuleBook, tmp_path: Path
) -> None:
    path = tmp_path / "patient.json"
    low = observation("LOINC 19123-9", 1.1, "mg/dL", identity="mg")
    path.write_text(json.dumps(bundle(*WOMAN, low)), "utf-8")
    words = () if by_environment else ("--overlay", HOSPITAL)
    environment = {"CDS_OVERLAY": str(HOSPITAL)} if by_environment else {}
    done = run("evaluate", path, "--as-of", AS_OF, "--rules", RULES, "--json", *words, **environment)
    result = json.loads(done.stdout)
    assert (result["outcome"], result["decidedBy"]) == ("hold", "LOC-01")
    assert result["rulebook"] == {"version": local.version, "sha256": local.sha256, "overlay": "Invented Hospital"}


@pytest.mark.parametrize("command", ["evaluate", "explain", "check", "serve", "diff", "what-if", "claims", "sign"])
def test_a_command_that_reads_rules_has_the_option(command: str) -> None:
    assert "--overlay NAME|DIR" in run(command, "--help").output


def test_an_overlay_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    done = run("claims", "--overlay", tmp_path / "none")
    assert done.exit_code == 2
    assert "there is no folder of an overlay at" in done.output


def test_the_problems_of_an_overlay_are_said_and_nothing_is_evaluated(hospital: Path) -> None:
    edit(hospital, "overlay.yaml", "owner:", "owned by:")
    done = run("claims", "--overlay", hospital)
    assert done.exit_code == 2
    assert "hospital/overlay.yaml:3: owned by: 'owned by' has no meaning here." in done.output


def test_diff_says_what_an_overlay_changes() -> None:
    done = run("diff", RULES, HOSPITAL, "--rules", RULES)
    assert done.exit_code == 0, done.output
    for said in (
        "'25-OH vitamin D below 12': threshold 12 ng/mL -> 10 ng/mL", "LIFE-01: switched: on -> off",
        "LOC-01 is new: Very low magnesium", "term 'calcium to use': usable: 365 days -> 300 days",
        "continue -> hold: 6 patients, such as case of CON-01: magnesium 1.19 mg/dL (CON-06 -> LOC-01)",
    ):  # fmt: skip
        assert said in done.output
    assert "silencing '" not in done.output


def test_a_rule_is_signed_where_it_stands(hospital: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(RULES, tmp_path / "rules"))
    for rule, reviewer in (("LOC-01", "Dr. A"), ("LOC-01", "Dr. B"), ("VD-01", "Dr. A")):
        done = run("sign", rule, "--reviewer", reviewer, "--role", "x", "--rules", base, "--overlay", hospital)
        assert done.exit_code == 0, done.output
    both = read_overlaid(base, [hospital], FORMULAS)
    assert [(item.rule, item.spot.file) for item in both.signatures] == [
        ("VD-01", "signatures.yaml"), ("LOC-01", "hospital/signatures.yaml"), ("LOC-01", "hospital/signatures.yaml")
    ]  # fmt: skip
    assert list(signature_problems(read_rulebook(base, FORMULAS))) == []
    assert both.rules["LOC-01"].status == "signed"


def test_a_rule_signed_in_the_base_and_changed_by_the_overlay_is_noted_as_a_draft(
    hospital: Path, tmp_path: Path
) -> None:

    base = Path(shutil.copytree(RULES, tmp_path / "rules"))
    plain = read_rulebook(base, FORMULAS)
    write_signature(plain, base, signature_of(plain, "VD-01", "Dr. A", "x", TODAY), plain.rules["VD-01"].spot.file)
    both = read_overlaid(base, [hospital], FORMULAS)
    assert [problem.code for problem in signature_problems(both)] == ["signature-outdated"]
    assert [note.code for note in overlay_notes(both, []) if note.code != "name-overridden"] == ["signature-overridden"]
