"""A hospital's own reasons to override: on the cards, in the log as they are, in the report by HL7's categories."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from calls import REVIEW, call, client_of, searchset
from click.testing import CliRunner
from people import observation
from starlette.testclient import TestClient

from cds.cards.models import checked
from cds.cards.override_reasons import CATEGORIES, NOT_MAPPED, SYSTEM, USUAL, category_of, offered
from cds.cli import app
from cds.commands.records import answered_again
from cds.records.chain import entries
from cds.records.database import open_existing
from cds.records.feedback_report import feedback_report
from cds.records.replay import replay
from cds.rulebook.model import RuleBook
from cds.service.configuration.reading import ConfigurationError, read_settings
from cds.service.configuration.reason_settings import MOST_REASONS, Category
from cds.service.wiring import add_operations, build_service

RULES = Path(__file__).resolve().parent.parent / "rules"
Json = dict[str, Any]
OWN = """
public url: https://cds.hospital.example
records: records.sqlite
pseudonym key: key
page: no
authentication: off, and I know that whoever reaches this address can call it
override reasons:
  - code: local-protocol
    display: Our osteoporosis protocol says otherwise
    category: recipient-disagrees-evidence
  - code: patient-refuses
    display: Patientin lehnt ab
  - code: night-shift
    display: Seen in the night shift
    category: cds-suboptimal-context
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "service.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def client(config: Path, book: RuleBook) -> Iterator[TestClient]:
    service = build_service(read_settings(config), book)
    service.today = lambda: date(2026, 1, 15)
    service.now = lambda: datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
    add_operations(service, RULES)
    with client_of(service) as found:
        yield found


def cards(client: TestClient) -> list[Json]:
    high = searchset(observation("LOINC 17861-6", 11.1, "mg/dL"))
    found: list[Json] = client.post(REVIEW, json=call(observations=high)).json()["cards"]
    return found


def override(client: TestClient, card: Json, code: str, second: int = 1) -> int:
    entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": f"2026-01-15T12:00:0{second}Z"}
    entry["overrideReason"] = {"reason": {"code": code}, "userComment": "about Mrs. P"}
    return client.post(f"{REVIEW}/feedback", json={"feedback": [entry]}).status_code


def test_every_card_shows_the_list_of_the_hospital_and_not_the_usual_one(client: TestClient) -> None:
    found = cards(client)
    assert checked(found).cards
    own = "https://cds.hospital.example/override-reasons"
    wanted = [("local-protocol", own), ("patient-refuses", SYSTEM), ("night-shift", own)]
    for card in found:
        assert [(one["code"], one["system"]) for one in card["overrideReasons"]] == wanted
        assert card["overrideReasons"][1]["display"] == "Patientin lehnt ab"


def test_the_log_keeps_the_own_code_and_the_report_groups_by_hl7s_category(
    client: TestClient, config: Path, tmp_path: Path
) -> None:
    first, *_, last = cards(client)
    assert override(client, first, "never-offered") == 200
    assert override(client, first, "local-protocol", 2) == 200
    assert override(client, last, "night-shift") == 200
    told = reported(tmp_path, "--config", str(config), "--json")
    kept = [(set(one["reasons"]), set(one["categories"])) for one in json.loads(told)["rules"] if one["reasons"]]
    agreed = ({"local-protocol"}, {"recipient-disagrees-evidence"})
    assert sorted(kept, key=str) == sorted([agreed, ({"night-shift"}, {"cds-suboptimal-context"})], key=str)
    lines = reported(tmp_path, "--config", str(config)).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("    cds-suboptimal-context (PC CDS delivered"))
    assert lines[at + 1].startswith("        night-shift: 1/1")
    assert reported(tmp_path).count(f"    {NOT_MAPPED}: 1/1") == 2


def reported(folder: Path, *options: str) -> str:
    """What ``cds feedback report`` prints."""
    done = CliRunner().invoke(app, ["feedback", "report", "--database", str(folder / "records.sqlite"), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_report_by_a_configuration_that_cannot_be_read_is_wrong_use(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("override reasons:\n  - code: own\n    display: A\n", encoding="utf-8")
    place = ["--database", str(tmp_path / "records.sqlite"), "--config", str(tmp_path / "wrong.yaml")]
    done = CliRunner().invoke(app, ["feedback", "report", *place])
    assert done.exit_code == 2
    assert "wrong.yaml:2" in done.output


def test_a_record_with_own_reasons_is_answered_again_byte_for_byte(
    client: TestClient, tmp_path: Path, book: RuleBook
) -> None:
    cards(client)
    again = list(replay(entries(open_existing(tmp_path / "records.sqlite")), lambda _: book, answered_again))
    assert [(one.same_rules, one.differences, one.failure) for one in again] == [(True, (), "")]


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"override reasons:\n{text}", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(path)
    return str(caught.value).splitlines()


REASON = "  - code: {}\n    display: A\n    category: {}\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("  - code: own\n    display: A\n", 2, "'own' is no code of HL7, and has no 'category'."),
        (REASON.format("own", "cds-not-aplicable"), 4, "Did you mean 'cds-not-applicable'?"),
        (REASON.format("patient-refuses", "cds-not-applicable"), 4, "HL7 has 'patient-refuses' in another one."),
        (REASON.format("a", "cds-not-applicable") * 2, 5, "this code stands twice."),
        (REASON.format("Mrs. P", "cds-not-applicable"), 2, "at most 64 letters"),
        ("  - code: own\n", 2, "display"),
        (f"  - code: own\n    display: {'x' * 121}\n    category: cds-not-applicable\n", 3, "120"),
        ("".join(REASON.format(f"a{n}", "cds-not-applicable") for n in range(MOST_REASONS + 1)), 1, "20"),
    ],
)
def test_a_wrong_reason_is_refused_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    found = problems(tmp_path, text)
    assert any(one.startswith(f"wrong.yaml:{line}:") and says in one for one in found), found


def test_the_vocabulary_is_that_of_hl7(shared: Path) -> None:
    published = json.loads((shared / "cdshooks" / "override-reasons.json").read_text("utf-8"))
    assert published["system"] == SYSTEM
    groups = published["groups"]
    found = {one["code"]: (one["display"], {each["code"]: each["display"] for each in one["codes"]}) for one in groups}
    assert found == CATEGORIES
    assert set(get_args(Category)) == set(CATEGORIES)


def test_what_is_offered_without_a_configuration_is_of_hl7() -> None:
    assert len(offered(USUAL)) == 7
    assert all(category_of(one.code) == one.category for one in USUAL)
    assert category_of("recipient-disagrees-evidence") == "recipient-disagrees-evidence"
    assert category_of("local-protocol") == ""


def test_hl7s_reasons_stand_in_the_report_without_a_configuration(client: TestClient, tmp_path: Path) -> None:
    assert override(client, cards(client)[0], "patient-refuses") == 200
    told = feedback_report(open_existing(tmp_path / "records.sqlite")).rules
    assert [set(one.categories) for one in told if one.categories] == [{"does-not-align-preferences"}]
