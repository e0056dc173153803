"""How many times ``orjson.loads`` of the same thirty resources an evaluation costs, all measured in one run.

    python tests/benchmarks/speed.py [--profile]

"new pattern": nothing is remembered about the findings' states; the engine infers, the reference agrees, the decision
is worked out. "repeated pattern": the answer to equal states is remembered; intake, facts and cards are done anew.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Callable
from datetime import date

import orjson
from thirty import thirty_resources

from cds import cards_of, evaluate, open_rulebook, read_record
from cds.evaluation import evaluator_of
from cds.intake.validation import r4_problem, report_invalid

ROUNDS, CALLS = 9, 200


def best(call: Callable[[], object], calls: int = CALLS) -> float:
    """The least mean time of a call, in microseconds, over several rounds."""
    call()
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        rounds.append((time.perf_counter() - start) / calls)
    return min(rounds) * 1e6


def main() -> None:
    """Print the table, and the profile if asked for."""
    raw, day, book = thirty_resources(), date(2026, 11, 22), open_rulebook()
    data, evaluator = orjson.loads(raw), evaluator_of(book)

    def repeated() -> object:
        return cards_of(evaluate(read_record(data, book, day), book, day))

    def new_pattern() -> object:
        evaluator.answer.cache_clear()
        return repeated()

    def new_to_the_engine() -> object:
        evaluator.reasoner.engine.forget()
        return new_pattern()

    def validated() -> object:
        record = read_record(data, book, day)
        report_invalid(record)
        return cards_of(evaluate(record, book, day))

    def all_by_library() -> object:
        return [r4_problem(resource) for resource in read_record(data, book, day).used]

    floor = best(lambda: orjson.loads(raw))
    print(f"{len(data['entry'])} resources, {len(raw)} bytes; orjson.loads {floor:.0f} us")
    for name, call, calls in (
        ("repeated pattern", repeated, CALLS), ("repeated pattern, validated", validated, CALLS),
        ("new pattern", new_pattern, CALLS), ("new pattern, engine remembers no page", new_to_the_engine, 50),
        ("fhir.resources over what was used, alone", all_by_library, 50),
        ("intake alone", lambda: read_record(data, book, day), CALLS),
    ):  # fmt: skip
        took = best(call, calls)
        print(f"{name:45} {took:7.0f} us  {took / floor:5.1f} x orjson.loads")
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(lambda: [new_pattern() for _ in range(300)])
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
