"""The histories that properties of later runs rest on: they go forward, and contain what they promise."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from histories import Step, history, told, write_step
from invented.events import EVENTS

from cds.files.people import Found, people_of
from cds.rulebook.model import RuleBook

SEEDS = range(60)


def resources_in(step: Step) -> Counter[bytes]:
    return Counter(line for lines in step.files.values() for line in lines)


def named(step: Step, kind: str = "") -> dict[str, dict[str, object]]:
    several = (orjson.loads(line) for name, lines in step.files.items() for line in lines if kind in name)
    return {f"{one['resourceType']}/{one['id']}": one for one in several}


def test_the_same_seed_gives_the_same_history_and_each_another() -> None:
    assert history(1) == history(1) != history(2)
    assert len(history(1, people=3, steps=12)) == 12


def test_days_go_forward_and_where_nothing_happens_only_the_day_moves() -> None:
    for seed in SEEDS:
        for (before, _), (after, names) in pairwise(told(seed)):
            assert after.day >= before.day
            if names == ["nothing"]:
                assert after.files == before.files
                assert 1 <= (after.day - before.day).days <= 400
            if names == ["in another order"]:
                assert resources_in(after) == resources_in(before)


def test_everything_happens_in_some_history() -> None:
    happened = Counter(name for seed in SEEDS for _, names in told(seed) for name in names)
    assert happened.keys() == EVENTS.keys()


@lru_cache(maxsize=1)
def many() -> list[list[tuple[Step, list[str]]]]:
    return [told(seed, people=3) for seed in range(120)]


@pytest.mark.parametrize("name", sorted(EVENTS.keys() - {"nothing", "in another order"}))
def test_an_event_alone_changes_what_the_export_says(name: str) -> None:
    steps = [pair for one in many() for pair in pairwise(one) if pair[1][1] == [name]]
    assert steps
    assert sum(resources_in(before) != resources_in(after) for (before, _), (after, _) in steps) > 0.6 * len(steps)


def test_what_is_changed_is_stored_as_a_later_version() -> None:
    for seed in SEEDS:
        for before, after in pairwise(history(seed)):
            old, new = named(before), named(after)
            for name in old.keys() & new.keys():
                if old[name] != new[name]:
                    assert version(new[name]) > version(old[name])
                    assert str(new[name]["meta"]["lastUpdated"]).startswith(after.day.isoformat())  # type: ignore[index]


def version(resource: dict[str, object]) -> int:
    return int(resource["meta"]["versionId"])  # type: ignore[index]


def test_patients_come_and_go() -> None:
    changes = [named(b, "Patient").keys() ^ named(a, "Patient").keys() for s in SEEDS for b, a in pairwise(history(s))]
    assert sum(map(bool, changes)) > 20


def test_every_step_can_be_evaluated(book: RuleBook, tmp_path: Path) -> None:
    outcomes = []
    for step in history(3):
        write_step(step, tmp_path)
        manifest = json.loads((tmp_path / "manifest.json").read_bytes())
        assert {item["url"].rpartition("/")[2] for item in manifest["output"]} == {
            p.name for p in tmp_path.glob("*.nd*")
        }
        people = [item for item in people_of(tmp_path, lambda *_: None) if isinstance(item, Found)]
        outcomes.append({one.patient: one.evaluation(book, step.day).decision.outcome for one in people})
    assert any(before != after for before, after in pairwise(outcomes))
