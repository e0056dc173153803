"""Records written in other ways, and what the product answers to them.

python tests/rewritten.py [--each N] [--only NAME ...]    the differences, by rewriting
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from generated import the_book
from published import SHARED, Case, generated, labelled, published, samples, specified, vignettes
from rewriting import bundles, concepts, doses, losses, places, results, statuses, units  # noqa: F401
from rewriting.register import ALL, Rewriting

from cds.errors import CdsError
from cds.evaluation import evaluate
from cds.intake.reading import parse_json, read_record
from cds.intake.record import Record

Json = dict[str, Any]
EXPLAINED = Path(__file__).resolve().with_name("explained_differences.jsonl")
LARGE = 150_000
"""A record of more bytes meets only some of the rewritings, the same in every run."""
STRICTNESS = ("not-applicable", "continue", "adjust-dose", "hold", "stop")
"""The outcomes from the most permissive on."""


class Answer(NamedTuple):
    """What is answered to a record: outcome, advice, and what was said about the reading."""

    outcome: str
    advice: frozenset[str]
    fired: frozenset[str]
    said: frozenset[tuple[str, ...]]


class Difference(NamedTuple):
    """A record and a rewriting of it that are not answered alike."""

    rewriting: str
    record: str
    before: str
    after: str


def answer(data: Any, day: date) -> Answer:
    """The answer to parsed JSON or to its bytes; that to what is refused is the refusal."""
    book = the_book()
    try:
        record = read_record(parse_json(data) if isinstance(data, bytes) else data, book, day)
        decision = evaluate(record, book, day).decision
    except CdsError as error:
        return Answer(f"refused: {error}", frozenset(), frozenset(), frozenset())
    advice = frozenset(code for said in decision.said for code in said.codes)
    return Answer(decision.outcome, advice, frozenset(said.rule for said in decision.said), frozenset(_said(record)))


def _said(record: Record) -> Iterator[tuple[str, ...]]:
    for issue in record.issues:
        yield issue.code, issue.source
    for item in record.unrecognised:
        if not item.is_something_else:
            yield "not-recognised", item.source
    for passed in record.passed_over:
        yield "passed-over", passed[0]


def flat(data: Any) -> bytes | None:
    """A record as one Bundle of resources, as JSON; None where it is none."""
    entries = list(_entries(data))
    if not any(item["resource"]["resourceType"] == "Patient" for item in entries):
        return None
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _entries(data: Any) -> Iterator[Json]:
    if isinstance(data, list):
        for item in data:
            yield from _entries(item)
    elif isinstance(data, dict) and data.get("resourceType") == "Bundle":
        for entry in data.get("entry") or ():
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
                yield from _entries(resource)
            elif isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
                yield {key: entry[key] for key in ("fullUrl", "resource") if key in entry}
    elif isinstance(data, dict) and isinstance(data.get("resourceType"), str):
        yield {"resource": data}


class Written(NamedTuple):
    """A record before it is rewritten, with its answer."""

    name: str
    raw: bytes
    day: date
    answer: Answer


def written(cases: Iterable[Case]) -> Iterator[Written]:
    """The records that are answered at all."""
    for case in cases:
        raw = flat(case.data)
        found = answer(orjson.loads(raw), case.day) if raw else None
        if raw and found and not found.outcome.startswith("refused"):
            yield Written(case.name, raw, case.day, found)


def given() -> Iterator[Case]:
    """The labelled patients and the samples, and where they are there those of the specification and published ones."""
    yield from chain(labelled(), samples())
    if SHARED.is_dir():
        yield from chain(specified(), vignettes(), published())


def met(record: Written, number: int, rewritings: Iterable[Rewriting], share: int = 1) -> Iterator[Rewriting]:
    """The rewritings that a record meets: all or one of so many, by turns, and fewer where it is large."""
    each = share * (1 if len(record.raw) < LARGE else 12)
    return (rewriting for place, rewriting in enumerate(rewritings) if (place + number) % each == 0)


def differences(
    records: Iterable[Written], rewritings: Iterable[Rewriting], share: int = 1, *, words_are_enough: bool = True
) -> Iterator[Difference]:
    """The rewritings that change an outcome or an advice, or that lose something without a word.

    ``share``: each record meets one of so many.
    ``words_are_enough``: an answer to less may be more permissive, if it says what was not understood.
    """
    listed = list(rewritings)
    for number, record in enumerate(records):
        for rewriting in met(record, number, listed, share):
            other = rewriting.apply(orjson.loads(record.raw))
            if other is None:
                continue
            found = answer(other, record.day)
            if found.outcome != record.answer.outcome or found.advice != record.answer.advice:
                said = words_are_enough and bool(found.said - record.answer.said)
                if not rewriting.loses or not (said or is_stricter(record.answer, found)):
                    yield Difference(rewriting.name, record.name, *shown(record.answer, found))


def is_stricter(before: Answer, after: Answer) -> bool:
    """Whether the answer to a record that says less is at least as strict, or that the data are not enough."""
    if after.outcome == "insufficient-data" or after.outcome.startswith("refused"):
        return True
    if before.outcome == "insufficient-data":
        return False
    return STRICTNESS.index(after.outcome) >= STRICTNESS.index(before.outcome)


def shown(before: Answer, after: Answer) -> tuple[str, str]:
    """What differs between two answers."""

    def one(mine: Answer, other: Answer) -> str:
        said = sorted(code for code, *_ in mine.said - other.said)
        return " ".join(
            [mine.outcome, *sorted(mine.advice - other.advice), *(f"[{code}]" for code in dict.fromkeys(said))]
        )

    return one(before, after), one(after, before)


def short(text: str) -> str:
    """The outcome and what was said of the reading, without the advice."""
    return " ".join(word for number, word in enumerate(text.split(" ")) if not number or word.startswith("["))


class Explained(NamedTuple):
    """Differences with their reason: by rewriting, record and answer, each an expression."""

    rewriting: re.Pattern[str]
    record: re.Pattern[str]
    after: re.Pattern[str]
    why: str


@lru_cache(maxsize=1)
def explained() -> tuple[Explained, ...]:
    """The list of explained differences."""
    rows = [json.loads(line) for line in EXPLAINED.read_text(encoding="utf-8").splitlines()]
    return tuple(
        Explained(*(re.compile(row.get(key, "")) for key in ("rewriting", "record", "after")), row["why"])
        for row in rows
    )


def reason(difference: Difference) -> str:
    """Why a difference is right; empty where nobody said it."""
    for row in explained():
        matched = row.rewriting.fullmatch(difference.rewriting) and row.record.search(difference.record)
        if matched and row.after.search(f"{difference.before} -> {difference.after}"):
            return row.why
    return ""


def main() -> None:
    """Print the differences that nobody has explained, with examples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=1, help="take only each so-manieth record")
    parser.add_argument("--only", nargs="*", default=[], help="these rewritings")
    parser.add_argument("--shown", type=int, default=3, help="so many records of each")
    parser.add_argument("--strict", action="store_true", help="words alone do not excuse a more permissive answer")
    options = parser.parse_args()
    chosen = [item for name, item in ALL.items() if not options.only or name in options.only]
    records = list(written(islice(chain(given(), generated()), 0, None, options.each)))
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for item in differences(records, chosen, words_are_enough=not options.strict):
        if not reason(item):
            found[item.rewriting, short(item.before), short(item.after)].append(item)
    print(f"{len(records)} records, {len(chosen)} rewritings, {sum(map(len, found.values()))} unexplained differences")
    for (name, before, after), where in sorted(found.items()):
        print(
            f"{name} | {len(where)}x | {before} -> {after} | {' '.join(item.record for item in where[: options.shown])}"
        )
        print(f"    {where[0].before} -> {where[0].after}")


if __name__ == "__main__":
    main()
