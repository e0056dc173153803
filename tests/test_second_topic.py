"""A rulebook of another topic needs no change of the engine: the potassium one of tests/topics, which has no Python.

It is read, checked with its small changes, proved, evaluated, explained, audited, exported, compared, and served beside
calcium in one process. Its outcomes, tiers, intents and units have other names than those of calcium.
"""

from __future__ import annotations

import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from calls import TODAY, call, searchset
from click.testing import CliRunner, Result
from generated import the_book
from starlette.testclient import TestClient

from cds.bookshelf import open_rulebook
from cds.cli import app
from cds.commands.records import answered_again, book_of
from cds.errors import CdsError
from cds.intake.medicines.contents.product_text import contents_of_text
from cds.intake.medicines.names.label_text import in_english
from cds.quantity import Interval, point
from cds.records.chain import entries
from cds.records.replay import replay
from cds.review.check import check
from cds.rulebook.model import RuleBook
from cds.self_test import self_test
from cds.service.app import application
from cds.service.configuration.settings import Settings
from cds.service.observability.journal import Journal
from cds.service.reload import Reloader
from cds.service.state import Service
from cds.service.wiring import add_operations, build_service

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "topics" / "potassium" / "rules"
SAMPLES = RULES.parent / "fhir_samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir())
CALCIUM, POTASSIUM, SIGN = (
    f"/cds-services/{name}" for name in ("calcium-review", "potassium-review", "potassium-order-sign")
)
OF_CALCIUM = ("calcium", "vitamin", "albumin", "ionised", "osteoporosis", "insufficient-data", "adjust-dose")
PAUSED = "Potassium is high: pause the potassium product."
Json = dict[str, Any]


@pytest.fixture(scope="module")
def potassium() -> RuleBook:
    return open_rulebook(RULES)


def cds(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, words)])


def bundle(name: str) -> Path:
    return SAMPLES / name / "bundle.json"


def expected(name: str) -> Json:
    found: Json = json.loads((SAMPLES / name / "expected.json").read_text("utf-8"))
    return found


def test_it_is_read_and_every_small_change_of_it_is_noticed(potassium: RuleBook) -> None:
    found = check(potassium, date(2026, 11, 29), lambda *_: None)
    assert ([str(problem) for problem in found.problems], found.caught) == ([], 100)
    assert not {"hold", "stop", "continue", "insufficient-data"} & potassium.outcomes.keys()


def test_every_property_is_proved_of_it() -> None:
    pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")
    done = cds("prove", RULES, "--json")
    proofs = [json.loads(line) for line in done.stdout.splitlines()]
    assert [proof["says"] for proof in proofs if proof["holds"] is not True] == []
    assert {"safe-potassium", "safe-kidneys", "safe-medicine", "safe-lost", "ladders"} <= {p["name"] for p in proofs}
    assert all(proof["asked"] for proof in proofs)
    assert done.exit_code == 0


def test_its_patients_are_answered_as_expected(potassium: RuleBook) -> None:
    assert self_test(potassium, SAMPLES) == ()
    assert {expected(name)["outcome"] for name in NAMES} == potassium.outcomes.keys()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("potassium chloride 20 mEq extended release tablet", point(20)),
        ("potassium citrate 10 mmol", point(10)),
        ("potassium chloride 600 mg tablet", point(8.04736)),
        ("potassium gluconate 500 mg", Interval(2.13440, 12.7885)),
        ("Kaliumchlorid 600 mg", point(8.04736)),
        ("Slow-K", point(8)),
    ],
)
def test_its_labels_are_read_in_its_own_units(potassium: RuleBook, text: str, amount: Interval) -> None:
    found = contents_of_text(in_english(text, potassium), potassium)
    assert found is not None
    assert [found.amounts["potassium"].low, found.amounts["potassium"].high] == pytest.approx(amount[:2], rel=1e-3)


@pytest.mark.parametrize("text", ["losartan potassium 50 mg", "penicillin V potassium 500 mg", "potassium level"])
def test_the_salt_of_another_medicine_is_no_product_of_it(potassium: RuleBook, text: str) -> None:
    assert contents_of_text(text, potassium) is None


@pytest.mark.parametrize("name", NAMES)
def test_its_answers_say_nothing_of_calcium(name: str) -> None:
    words = ("--rules", RULES, "--as-of", "2026-01-01")
    for done in (cds("evaluate", bundle(name), *words, "--json"), cds("explain", bundle(name), *words),
                 cds("what-if", bundle(name), *words)):  # fmt: skip
        assert done.exit_code == 0, done.output
        assert not [word for word in OF_CALCIUM if word in done.stdout.lower()]


def test_what_would_change_an_answer_is_said_with_its_own_outcomes() -> None:
    done = cds("what-if", bundle("goes-on"), "--rules", RULES, "--as-of", "2026-01-01")
    assert "serum potassium from 5.1 mmol/L: pause, not go on (KS-02)" in done.stdout
    waits = cds("what-if", bundle("too-old"), "--rules", RULES, "--as-of", "2026-01-01")
    assert "serum potassium (not known): settles the outcome" in waits.stdout


def test_its_audit_book_is_written_and_speaks_of_nothing_else(tmp_path: Path) -> None:
    people = SAMPLES / "*" / "bundle.json"
    done = cds("audit", "--out", tmp_path, "--rules", RULES, "--population", people, "--as-of", "2026-01-01")
    assert done.exit_code == 0, done.output
    pages = {path.name: path.read_text("utf-8").lower() for path in tmp_path.glob("*.html")}
    assert {"rule-ks-01.html", "patient-dangerous.html", "proofs.html", "terms-products.html"} <= pages.keys()
    assert [name for name, text in pages.items() if "calcium" in text.replace("calcium-cds", "")] == []


def test_it_is_exported_as_fhir_and_compared_with_a_changed_one(tmp_path: Path) -> None:
    done = cds("export", "--rules", RULES, "--bundle", tmp_path / "bundle.json")
    assert done.exit_code == 0, done.output
    kinds = {entry["resource"]["resourceType"] for entry in json.loads((tmp_path / "bundle.json").read_text())["entry"]}
    assert {"PlanDefinition", "ActivityDefinition", "Library", "ValueSet"} <= kinds
    changed = changed_rules(tmp_path, "potassium/findings.yaml", "above 5.0 and below 6.0", "above 5.4 and below 6.0")
    found = cds("diff", RULES, changed, "--population", SAMPLES / "*" / "bundle.json", "--as-of", "2026-01-01")
    assert "threshold 5 mmol/L -> 5.4 mmol/L" in found.stdout
    assert "6 patients: 1 get another outcome" in found.stdout


def changed_rules(folder: Path, name: str, old: str, new: str) -> Path:
    copy = Path(shutil.copytree(RULES, folder / "rules"))
    text = (copy / name).read_text("utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), "utf-8")
    return copy


# Beside calcium in one process.


@pytest.fixture
def service(tmp_path: Path, potassium: RuleBook) -> Service:
    (tmp_path / "switches.yaml").write_text("", "utf-8")
    settings = Settings(
        records=str(tmp_path / "records.sqlite"),
        **{"pseudonym key": tmp_path / "key"},
        switches=tmp_path / "switches.yaml",
    )
    service = build_service(settings, the_book(), potassium)
    service.today = lambda: TODAY
    add_operations(service, ROOT / "rules", RULES)
    return service


def potassium_call(name: str = "high", hook: str = "patient-view") -> Json:
    resources = [entry["resource"] for entry in json.loads(bundle(name).read_text("utf-8"))["entry"]]
    of = {kind: [r for r in resources if r["resourceType"] == kind] for kind in ("Observation", "MedicationStatement")}
    (patient,) = [r for r in resources if r["resourceType"] == "Patient"]
    return call(
        hook,
        patient=patient,
        observations=searchset(*of["Observation"]),
        statements=searchset(*of["MedicationStatement"]),
    )


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [card["summary"] for card in answer.json()["cards"]]


def test_one_discovery_names_the_services_of_both(service: Service) -> None:
    with TestClient(application(service)) as client:
        found = {one["id"]: one["title"] for one in client.get("/cds-services").json()["services"]}
        paths = client.get("/openapi.json").json()["paths"]
    assert found["calcium-review"] == the_book().title
    assert (found["potassium-review"], found["potassium-order-sign"]) == ("Potassium supplement",) * 2
    assert {CALCIUM, POTASSIUM, f"{SIGN}/feedback"} <= paths.keys()


def test_a_call_is_answered_by_the_rulebook_of_its_service(service: Service) -> None:
    with TestClient(application(service)) as client:
        assert titles(client.post(POTASSIUM, json=potassium_call())) == [PAUSED]
        assert titles(client.post(CALCIUM, json=call())) != []
        sent = client.post(POTASSIUM, json=potassium_call("dangerous"))
        assert titles(sent)[0].startswith("Potassium is dangerously high")
        assert b"calcium" not in sent.content.lower().replace(b"calcium-cds", b"")
        assert client.post("/cds-services/iron-review", json=call()).status_code == 404


def test_feedback_and_the_decision_log_know_which_rulebook_answered(service: Service, potassium: RuleBook) -> None:
    with TestClient(application(service)) as client:
        card = client.post(POTASSIUM, json=potassium_call()).json()["cards"][0]
        client.post(CALCIUM, json=call())
        entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-15T10:00:00Z"}
        assert client.post(f"{POTASSIUM}/feedback", json={"feedback": [entry]}).status_code == 200
        assert client.post("/cds-services/iron-review/feedback", json={"feedback": [entry]}).status_code == 404
        log = service.decisions.records.engine  # type: ignore[union-attr]
        found = list(entries(log, 1))
        again = list(replay(found, lambda entry: book_of([the_book(), potassium], entry), answered_again))
    assert [entry.service for _, entry in found] == ["potassium-review", "calcium-review"]
    assert [entry.rulebook_sha256 for _, entry in found] == [potassium.sha256, the_book().sha256]
    assert [(one.same_rules, one.differences, one.failure) for one in again] == [(True, (), "")] * 2


def test_readiness_is_about_all_rulebooks_and_the_version_names_them(service: Service, potassium: RuleBook) -> None:
    assert service.health is not None
    service.health.poll()
    assert service.health.readyz() == (200, {"status": "ready"})
    _, version = service.health.version()
    assert [book["sha256"] for book in version["rulebooks"]] == [the_book().sha256, potassium.sha256]
    service.others[0].samples = ROOT / "fhir_samples"
    service.health.poll()
    status, told = service.health.readyz()
    assert status == 503
    assert any("high-calcium" in line for line in told["problems"])


def test_one_file_of_switches_is_for_the_rules_of_all(service: Service) -> None:
    assert service.switches is not None
    assert service.settings.switches is not None
    service.settings.switches.write_text("off:\n  KS-02: ticket 1\n  CA-01: ticket 2\n", "utf-8")
    service.switches.poll()
    assert service.switches.problems == ()
    assert [set(book.off) for book in service.books] == [{"CA-01"}, {"KS-02"}]
    with TestClient(application(service)) as client:
        assert "pause" not in " ".join(titles(client.post(POTASSIUM, json=potassium_call())))
        shown = client.get("/metrics").text
    assert 'calcium_cds_rules_switched{to="off"} 2.0' in shown
    assert 'calcium_cds_rule_fired_total{rule="KS-02"}' in shown


def test_two_rulebooks_that_share_ids_are_refused(tmp_path: Path, potassium: RuleBook) -> None:
    with pytest.raises(CdsError) as caught:
        build_service(Settings(), potassium, the_book(), potassium)
    assert "the service id 'potassium-review' stands in 'Potassium supplement' and in" in str(caught.value)
    assert "the rule 'KS-01' stands in" in str(caught.value)
    done = cds("serve", "--rules", RULES, "--rules", RULES, "--port", "18181")
    assert (done.exit_code, "potassium-review" in done.output) == (2, True)


@pytest.mark.slow
def test_each_folder_is_reloaded_and_a_changed_id_that_is_another_ones_is_refused(
    tmp_path: Path, service: Service
) -> None:
    folder = Path(shutil.copytree(RULES, tmp_path / "rules"))
    shelf, lines = service.others[0], io.StringIO()
    watch = Reloader(shelf, folder, lambda: TODAY, Journal(lines), (), [service.current])

    def change(name: str, old: str, new: str) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")
        watch.poll()
        watch.poll()

    change("topic.yaml", "id: potassium-review", "id: calcium-review")
    assert watch.refused[0].startswith("the service id 'calcium-review' stands in 'Potassium supplement' and in")
    assert shelf.book.topic.services["patient-view"].id == "potassium-review"
    change("topic.yaml", "id: calcium-review", "id: potassium-check")
    assert watch.refused == ()
    with TestClient(application(service)) as client:
        assert client.post(POTASSIUM, json=potassium_call()).status_code == 404
        assert titles(client.post("/cds-services/potassium-check", json=potassium_call())) != []
        assert titles(client.post(CALCIUM, json=call())) != []


@pytest.mark.slow
def test_the_page_is_that_of_the_first_rulebook(potassium: RuleBook) -> None:
    for books in ((the_book(), potassium), (potassium, the_book())):
        service = build_service(Settings(), *books)
        with TestClient(application(service), base_url="http://127.0.0.1") as client:
            page = client.get("/").text
            answer = client.post("/evaluate?asOf=2026-01-01", json=json.loads(bundle("high").read_text("utf-8"))).json()
        assert books[0].topic.question in page
        assert answer["outcome"] in books[0].outcomes


def test_the_same_call_to_two_services_is_answered_twice(service: Service) -> None:
    """An answer that is kept for a moment is that of one service."""
    with TestClient(application(service)) as client:
        one, other, again = (titles(client.post(p, json=potassium_call())) for p in (POTASSIUM, CALCIUM, POTASSIUM))
    assert one == again == [PAUSED]
    assert PAUSED not in other
