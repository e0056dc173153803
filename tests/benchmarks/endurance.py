"""A hundred thousand evaluations in one process, then six threads at once: memory stays flat, no answer is wrong.

python tests/benchmarks/endurance.py [EVALUATIONS]
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import orjson

from cds import Evaluation, RuleBook, cards_of, evaluate, open_rulebook, read_record
from cds.evaluation import evaluator_of

SAMPLES = Path(__file__).resolve().parents[2] / "fhir_samples"
DAY, THREADS = date(2026, 11, 22), 6


def memory() -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def one(data: object, book: RuleBook, *, forget: bool) -> Evaluation:
    """One evaluation to its cards; every so often the engine starts without memory."""
    if forget:
        evaluator_of(book).forget()
        evaluator_of(book).reasoner.engine.forget()
    evaluation = evaluate(read_record(data, book, DAY), book, DAY)
    cards_of(evaluation)
    return evaluation


def main() -> None:
    """Print memory along the way, and the number of wrong answers."""
    book = open_rulebook()
    patients = [orjson.loads(path.read_bytes()) for path in sorted(SAMPLES.glob("*/bundle.json"))]
    expected = [one(data, book, forget=True).decision for data in patients]
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    wrong, start = 0, time.perf_counter()
    for number in range(total):
        which = number % len(patients)
        wrong += one(patients[which], book, forget=number % 97 == 0).decision != expected[which]
        if number % (total // 10 or 1) == 0:
            print(f"{number:7} evaluations, {memory():6.1f} MB, {wrong} wrong, {time.perf_counter() - start:6.1f} s")

    def worker(first: int) -> int:
        numbers = range(first, total // 10, THREADS)
        return sum(
            one(patients[n % len(patients)], book, forget=n % 97 == 0).decision != expected[n % len(patients)]
            for n in numbers
        )

    with ThreadPoolExecutor(THREADS) as pool:
        wrong += sum(pool.map(worker, range(THREADS)))
    print(f"{total} evaluations and {total // 10} more in {THREADS} threads: {memory():.1f} MB, {wrong} wrong")


if __name__ == "__main__":
    main()
