"""What an evaluation costs, from parsed JSON to its cards, over sets of records; all measured in one run.

    python tests/benchmarks/speed.py [--profile] [SET ...]

A pattern is the states of all findings. "new": nothing is remembered about this pattern; the engine infers, the
reference agrees, the decision is worked out. "again": the answer to equal states is remembered; reading, facts and
cards are done anew. A time is the least processor time of several calls with one record (what else the machine does is
not in it); median, 95th percentile and slowest are those of the records. "x JSON" is how many times ``orjson.loads`` of
the same bytes that is, measured beside it; it is what to compare between machines. "calls" are the function calls of a
decision of a known pattern, as cProfile counts them.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import orjson
from record_sets import SETS, Absent, Case

from cds import RuleBook, cards_of, evaluate, open_rulebook, read_record
from cds.evaluation import evaluator_of

LEAST, MOST, PATIENCE = 5, 40, 0.06
"""The least and most calls with one record, and the seconds after which no more are begun."""
READS = 10
"""So many times the text is parsed at once: that is too quick for the clock."""
FORM = "{:33}{:>5} {:6}{:>8}{:>8}{:>9}{:>9}{:>7}{:>9}{:>8}"
HEADS = ("set", "n", "pattern", "median", "p95", "slowest", "x JSON", "p95", "slowest", "calls")


class Measured(NamedTuple):
    """The times of one record in microseconds, and the function calls of a known pattern."""

    json: float
    new: float
    again: float
    calls: int


def forget_answers(book: RuleBook) -> None:
    """Forget the answers to patterns. This is all that a benchmark knows of the inside."""
    evaluator_of(book).forget()


def decide(data: object, case: Case, book: RuleBook) -> object:
    """From parsed JSON to cards."""
    return cards_of(evaluate(read_record(data, book, case.day), book, case.day))


def least(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The least processor time of several calls, in microseconds; what is done before each is not in it."""
    times: list[float] = []
    end = time.process_time() + PATIENCE
    while len(times) < LEAST or (len(times) < MOST and time.process_time() < end):
        before()
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times) * 1e6


def measured(case: Case, book: RuleBook) -> Measured:
    """One record: the first decision fills what is remembered, and is not measured."""
    data = orjson.loads(case.raw)

    def call() -> object:
        return decide(data, case, book)

    call()
    profile = cProfile.Profile()
    profile.runcall(call)
    calls: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    json = least(lambda: [orjson.loads(case.raw) for _ in range(READS)]) / READS
    return Measured(json, least(call, lambda: forget_answers(book)), least(call), calls)


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and highest."""
    ordered = sorted(values)
    return median(ordered), ordered[round(0.95 * (len(ordered) - 1))], ordered[-1]


def rows(name: str, found: list[Measured]) -> str:
    """The two rows of a set."""
    lines = []
    for pattern in ("new", "again"):
        times = [getattr(item, pattern) for item in found]
        ratios = [spent / item.json for spent, item in zip(times, found, strict=True)]
        shown = [f"{value:.0f}" for value in spread(times)] + [f"{value:.1f}" for value in spread(ratios)]
        calls = f"{median(item.calls for item in found):.0f}" if pattern == "again" else ""
        lines.append(FORM.format(name if pattern == "new" else "", len(found), pattern, *shown, calls).rstrip())
    return "\n".join(lines)


def gaps(found: dict[str, list[Measured]]) -> str:
    """What the same record costs more while dose and diet are unknown."""
    known, open_ = (found.get(name, []) for name in ("30 resources, all known", "the same, dose and diet unknown"))
    if not known or not open_:
        return ""
    pairs = list(zip(known, open_, strict=True))
    new, again = (median(getattr(o, kind) / getattr(k, kind) for k, o in pairs) for kind in ("new", "again"))
    return (
        f"A record with gaps costs {new:.2f} times the same record without (new), {again:.2f} times (again): medians."
    )


def show_profile(cases: list[Case], book: RuleBook) -> None:
    """Print where the time of new patterns goes."""
    data = [orjson.loads(case.raw) for case in cases]

    def all_of_them() -> None:
        for parsed, case in zip(data, cases, strict=True):
            forget_answers(book)
            decide(parsed, case, book)

    all_of_them()
    profile = cProfile.Profile()
    profile.runcall(all_of_them)
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def main() -> None:
    """Print the table, and the profile of the same records if asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", metavar="SET", nargs="*", help=f"all, or some of: {', '.join(SETS)}")
    parser.add_argument("--profile", action="store_true", help="print where the time of new patterns goes")
    options = parser.parse_args()
    if unknown := set(options.sets) - SETS.keys():
        parser.error(f"no set of records has this name: {', '.join(sorted(unknown))}")
    book, profiled = open_rulebook(), []
    found: dict[str, list[Measured]] = {}
    print("Microseconds of processor time.\n" + FORM.format(*HEADS))
    for name in options.sets or SETS:
        try:
            cases = list(SETS[name]())
        except Absent as absent:
            print(f"{name}: not measured, {absent}.")
            continue
        found[name] = [measured(case, book) for case in cases]
        profiled += cases
        print(rows(name, found[name]), flush=True)
    print(gaps(found))
    if options.profile:
        show_profile(profiled, book)


if __name__ == "__main__":
    main()
