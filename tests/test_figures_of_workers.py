"""The figures of several workers: whichever is asked tells the sums of all, and they never go back."""

from __future__ import annotations

from pathlib import Path

import pytest
from people import AS_OF, observation, patient, read, statement
from prometheus_client.parser import text_string_to_metric_families

from cds.evaluation import Evaluation, evaluate
from cds.rulebook.model import RuleBook
from cds.service.observability.counted import added
from cds.service.observability.metrics import Metrics
from cds.service.workers.figure_files import FigureFiles

PREFIX = "calcium_cds_"


def figures(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every figure by its name and the values of its labels."""
    families = text_string_to_metric_families(metrics.exposition()[0].decode())
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name.removeprefix(PREFIX), *sample.labels.values()): sample.value for sample in samples}


@pytest.fixture
def answered(book: RuleBook) -> Evaluation:
    high = observation("LOINC 17861-6", 11.1, "mg/dL")
    return evaluate(read(book, patient(), high, statement("RxNorm 282465")), book, AS_OF)


class Host:
    """A host with workers that count, without the processes."""

    def __init__(self, folder: Path, book: RuleBook) -> None:
        self.folder, self.book = folder, book

    def files(self, process: int) -> FigureFiles:
        return FigureFiles(self.folder, added, process)

    def worker(self, process: int) -> Metrics:
        return Metrics(lambda: (self.book,), self.files(process))


@pytest.fixture
def host(book: RuleBook, tmp_path: Path) -> Host:
    return Host(tmp_path / "figures", book)


def test_each_worker_tells_the_sums_of_all(host: Host, answered: Evaluation) -> None:
    one, other = host.worker(101), host.worker(102)
    for worker, times in ((one, 2), (other, 3)):
        for _ in range(times):
            worker.decision(answered)
            worker.observe("/x", 200, 0.004)
            worker.advice("calcium-review", "patient-view", 0.3)
        worker.event("rulebook-taken")
        worker.publish()
    for told in (figures(one), figures(other)):
        outcome = answered.decision.outcome
        assert told["decisions_total", outcome] == 5
        assert told["request_seconds_count", "/x", "200"] == told["request_seconds_bucket", "/x", "0.005", "200"] == 5
        assert told["request_seconds_bucket", "/x", "0.0025", "200"] == 0
        assert told["advice_seconds_count", "patient-view", "calcium-review"] == 5
        assert told["advice_seconds_sum", "patient-view", "calcium-review"] == pytest.approx(1.5)
        assert told["event_total", "rulebook-taken"] == told["rulebook", host.book.sha256] == 2


def test_no_sum_goes_back_when_a_worker_dies_whatever_it_has_told_before(host: Host, answered: Evaluation) -> None:
    one, other = host.worker(101), host.worker(102)
    one.publish()
    other.decision(answered)
    other.observe("/x", 200, 1.0)
    before = figures(other)
    for living in ((101,), (101,), (101, 103)):
        host.files(100).bury(living)
        after = figures(one)
        rising = {name: value for name, value in before.items() if not name[0].startswith("rule")}
        assert [name for name, value in rising.items() if after[name] < value] == []
    assert after["rulebook", host.book.sha256] == 1
    assert len(list(host.folder.glob("figures-*.json"))) == 2


def test_decisions_since_a_rule_fired_are_those_of_all_workers(host: Host, answered: Evaluation) -> None:
    one, other = host.worker(101), host.worker(102)
    fired = answered.decision.decided_by
    never = next(rule for rule in host.book.rules if rule not in answered.answer.inferred.fired)
    for worker in (one, other, one):
        worker.decision(answered)
        worker.publish()
    told = figures(one)
    assert told["rule_silent_decisions", never] == 3
    assert told["rule_silent_decisions", fired] <= 1
    host.files(100).bury([101])
    assert figures(one)["rule_silent_decisions", never] == 3


def test_a_process_that_is_alone_writes_nothing(book: RuleBook, answered: Evaluation, tmp_path: Path) -> None:
    alone = Metrics(lambda: (book,))
    alone.decision(answered)
    alone.publish()
    assert figures(alone)["decisions_total", answered.decision.outcome] == 1
    assert list(tmp_path.iterdir()) == []
