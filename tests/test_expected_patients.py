"""A hospital's own expected patients in pytest: one that is answered otherwise fails with the clinical difference."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import cds
from cds.cache import cache_folder
from cds.rulebook.model import RuleBook
from cds.testing.differences import differences
from cds.testing.expected import Expected, ExpectedFileError, expected_in

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "fhir_samples"
KEPT = cache_folder().parent
"""Where rulebooks are kept that were read before: within these tests the home of the user is another one."""
FILE = """\
# The bone clinic.
patients:
  - patient: a high calcium is looked at first
    why: Before anything else is advised, a calcium above the limit is explained.
    bundle: high.json
    as of: 2026-11-22
    outcome: hold
    decided by: CA-01
    speaks:
      - CA-01
    silent:
      - BONE-01
    advises:
      - order-pth
    does not advise:
      - continue-calcium
"""


@pytest.fixture
def clinic(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder of a hospital with one patient, and the plug-in named in its pytest.ini."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(KEPT))
    shutil.copy(SAMPLES / "high-calcium" / "bundle.json", pytester.path / "high.json")
    ini = f"[pytest]\naddopts = -p cds.testing.plugin -p no:schemathesis\ncds_rules = {ROOT / 'rules'}\n"
    (pytester.path / "pytest.ini").write_text(ini, encoding="utf-8")
    return pytester


def ran(clinic: pytest.Pytester, text: str = FILE, *options: str) -> tuple[dict[str, int], str]:
    """What pytest counted and printed."""
    (clinic.path / "bone.cds.yaml").write_text(text, encoding="utf-8")
    done = clinic.runpytest_inprocess(*options)
    return done.parseoutcomes(), done.stdout.str()


def test_a_patient_who_is_answered_as_expected_passes_and_the_rulebook_is_named(clinic: pytest.Pytester) -> None:
    counted, printed = ran(clinic, FILE, "-v")
    assert counted == {"passed": 1}
    assert "bone.cds.yaml::a high calcium is looked at first PASSED" in printed
    assert "Expected patients: rulebook" in printed


CHANGES = {
    ("outcome: hold", "outcome: continue"): "outcome: expected continue, and it is hold: Consider pausing",
    ("decided by: CA-01", "decided by: BONE-01"): "decided by: expected BONE-01, and it is CA-01 (High serum calcium)",
    ("- BONE-01", "- CA-01"): 'CA-01: expected to be silent, and says "Corrected calcium 11.12 mg/dL',
    ("- CA-01", "- BONE-01"): "expected to speak, and did not fire",
    ("- order-pth", "- continue-calcium"): "advice: expected continue-calcium, and it is not given. Given are: hold-c",
    ("- continue-calcium", "- order-pth"): "advice: order-pth is not expected, and CA-01 gives it",
}


@pytest.mark.parametrize("change", CHANGES, ids=[change[0] for change in CHANGES])
def test_another_answer_fails_with_the_difference_and_the_clinicians_sentence(
    change: tuple[str, str], clinic: pytest.Pytester
) -> None:
    counted, printed = ran(clinic, FILE.replace(*change, 1))
    assert counted == {"failed": 1}
    assert CHANGES[change] in printed
    assert "bone.cds.yaml:3: a high calcium is looked at first, as of 2026-11-22" in printed
    assert "expected because: Before anything else is advised, a calcium above the limit is explained." in printed
    assert "Traceback" not in printed
    assert "assert" not in printed


def expected(**other: object) -> Expected:
    usual = Expected("p", "why", SAMPLES / "high-calcium" / "bundle.json", date(2026, 11, 22),
                     "hold", "", (), (), (), (), "f:1")  # fmt: skip
    return usual._replace(**other)  # type: ignore[arg-type]


def test_what_a_difference_rests_on_is_said_once_with_value_and_day(book: RuleBook) -> None:
    evaluation = cds.evaluate(SAMPLES / "high-calcium" / "bundle.json", book, "2026-11-22")
    assert differences(expected(), evaluation) == []
    lines = differences(
        expected(outcome="continue", decided_by="BONE-01", speaks=("BONE-01",), silent=("CA-01",)), evaluation
    )
    limit = "calcium to use 11.12 mg/dL of 2026-11-10; upper limit of calcium 10.2 mg/dL of 2026-11-10"
    assert f"        high serum calcium is present ({limit})" in lines
    assert "        bone indication is absent" in lines
    assert lines.count("    BONE-01 did not fire") == 1
    assert len([line for line in lines if "bone indication" in line]) == 1


def test_every_sample_is_as_its_own_answer_says(book: RuleBook) -> None:
    for file in sorted(SAMPLES.glob("*/bundle.json")):
        found = cds.result_of(evaluation := cds.evaluate(file, book, "2026-11-22"))
        silent = tuple(book.rules.keys() - set(found["fired"]))
        not_given = tuple(book.advice.keys() - set(found["advice"]))
        same = expected(outcome=found["outcome"], decided_by=found["decidedBy"], speaks=tuple(found["fired"]),
                        silent=silent, advises=tuple(found["advice"]), does_not_advise=not_given)  # fmt: skip
        assert differences(same, evaluation) == []
        other = same._replace(speaks=silent, silent=same.speaks, advises=not_given, does_not_advise=same.advises)
        told = [line for line in differences(other, evaluation) if not line.startswith(" ")]
        assert len(told) == len(silent) + len(same.speaks) + len(not_given) + len(same.advises)


WRONG = {
    ("patients:", "patient:"): "bone.cds.yaml:1: file: the file holds no list of patients.",
    ("    why:", "    because:"): "'because' has no meaning here.",
    ("    outcome: hold\n", ""): "bone.cds.yaml:3: patients[1]: 'outcome' is missing.",
    ("as of: 2026-11-22", "as of: 22.11.2026"): "bone.cds.yaml:6: patients[1].as of: '22.11.2026' is no day.",
    ("outcome: hold", "outcome: holt"): "there is no outcome 'holt'. Did you mean 'hold'? [unknown-outcome]",
    ("- CA-01", "- CA-99"): "there is no rule 'CA-99'. Did you mean",
    ("- order-pth", "- order-pht"): "there is no advice 'order-pht'. Did you mean 'order-pth'? [unknown-advice]",
    (
        "    silent:\n      - BONE-01",
        "    silent: BONE-01",
    ): "this is no list. Write each in a line after '- '.",
    ("    why: Before", "    why:\n      - Before"): "this is no text.",
    ("patients:", "patients: {}"): "[yaml-",
}


@pytest.mark.parametrize("change", WRONG, ids=[change[1] or "left out" for change in WRONG])
def test_a_file_that_is_wrong_is_an_error_with_file_and_line_and_never_passed_over(
    change: tuple[str, str], tmp_path: Path, book: RuleBook
) -> None:
    path = tmp_path / "bone.cds.yaml"
    text = FILE.replace(*change, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExpectedFileError) as caught:
        expected_in(path, "bone.cds.yaml", book)
    assert WRONG[change] in str(caught.value)
    assert all(line.startswith("bone.cds.yaml:") for line in str(caught.value).splitlines())


def test_two_patients_of_one_name_are_an_error(tmp_path: Path, book: RuleBook) -> None:
    path = tmp_path / "bone.cds.yaml"
    path.write_text(FILE + FILE.partition("patients:\n")[2], encoding="utf-8")
    with pytest.raises(ExpectedFileError, match=r"bone\.cds\.yaml:17: patients\[2\]: another patient has this name"):
        expected_in(path, "bone.cds.yaml", book)


def test_errors_of_a_file_and_of_a_rulebook_are_errors_of_the_collection(clinic: pytest.Pytester) -> None:
    counted, printed = ran(clinic, FILE.replace("hold", "holt"))
    assert counted == {"errors": 1}
    assert "Did you mean 'hold'?" in printed
    counted, printed = ran(clinic, FILE, "--cds-rules=none")
    assert counted == {"errors": 1}
    assert "There is no folder of rule files at 'none'" in printed


def test_a_bundle_that_cannot_be_read_fails_with_its_file(clinic: pytest.Pytester) -> None:
    counted, printed = ran(clinic, FILE.replace("high.json", "nobody.json"))
    assert counted == {"failed": 1}
    assert "nobody.json: The file cannot be read: No such file or directory. [unreadable-file]" in printed


@pytest.mark.slow
def test_an_overlay_is_laid_over_the_rules_by_option_and_by_configuration(clinic: pytest.Pytester) -> None:
    assert "with Region eu" in ran(clinic, FILE, "--cds-overlay=eu")[1]
    shutil.copytree(ROOT / "tests" / "hospital", clinic.path / "ours")
    with (clinic.path / "pytest.ini").open("a", encoding="utf-8") as ini:
        ini.write("cds_overlay =\n    ours\n")
    assert f"with {cds.open_rulebook(ROOT / 'rules', ROOT / 'tests' / 'hospital').overlay.name}" in ran(clinic)[1]  # type: ignore[union-attr]


def test_the_fixture_gives_the_same_rulebook_to_tests_in_python(clinic: pytest.Pytester) -> None:
    clinic.makepyfile(
        "import cds\n\n"
        "def test_it(cds_rulebook):\n"
        "    assert cds.evaluate('high.json', cds_rulebook, '2026-11-22').outcome == 'hold'\n"
    )
    assert clinic.runpytest_inprocess().parseoutcomes() == {"passed": 1}


def test_a_run_without_expected_patients_loads_nothing_and_says_nothing(clinic: pytest.Pytester) -> None:
    clinic.makepyfile(
        "import sys\n\n"
        "def test_it():\n"
        "    own = {'cds.about', 'cds.testing', 'cds.testing.plugin', 'cds.testing.rulebooks'}\n"
        "    assert {name for name in sys.modules if name.startswith('cds.')} == own\n"
    )
    (clinic.path / "other.yaml").write_text("a: b\n", encoding="utf-8")
    done = clinic.runpytest_subprocess()
    assert done.parseoutcomes() == {"passed": 1}
    assert "rulebook" not in done.stdout.str()
