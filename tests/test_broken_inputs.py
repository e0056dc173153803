"""Records that are broken in structure: nothing but the documented errors, nothing slow, and no other answer changes.

    python tests/test_broken_inputs.py [COUNT [FIRST]]

runs so many cases (20,000) and prints what they came to. A case is its number: the same in every run.
"""

from __future__ import annotations

import copy
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from people import AS_OF, CALCIUM, CARBONATE_500, bundle, dosage, observation, patient, statement

from cds import open_rulebook
from cds.boundary import ProgramError
from cds.errors import RECORD_CODES, CdsError
from cds.files.people import Found, Item, people_of
from cds.intake.bundles.releases import R4_TYPES
from cds.result import result_of
from cds.rulebook.model import RuleBook
from cds.screen.patients import evaluation_text

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
FEW, MANY, SLOW_CASES = 80, 20_000, 1_200
LONGEST = 1.0
"""Seconds of processor time that one file may take."""
GOOD = bundle(patient("good"), *(
    {**one, "subject": {"reference": "Patient/good"}}
    for one in (observation(CALCIUM, 11.4, "mg/dL"), statement(CARBONATE_500, dosage(1)))
))  # fmt: skip
"""The record that stands beside each broken one, and must be answered as it is alone."""


@lru_cache(maxsize=1)
def sound() -> list[Any]:
    """Records to break: those of the checkout, and those beside it where they are there; of long ones a part."""
    paths = [*ROOT.glob("fhir_samples/*/bundle.json"), *DATA.glob("ips/*.json"), *DATA.glob("world/*.json"),
             *DATA.glob("odd/*.json"), *DATA.glob("synthea/*.json")]  # fmt: skip
    found = []
    for path in sorted(paths):
        with suppress(orjson.JSONDecodeError):
            found.append(_shortened(orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))))
    return found


def _shortened(data: Any) -> Any:
    entries = data.get("entry") if isinstance(data, dict) else None
    if not isinstance(entries, list) or len(entries) < 40:
        return data
    return {**data, "entry": [*entries[:3], *entries[3 :: len(entries) // 37]]}


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every place in some data: a list or an object, and the index or key in it."""
    found, left = [], [data]
    while left:
        node = left.pop()
        inside = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        found += [(node, key) for key, _ in inside]
        left += [value for _, value in inside if isinstance(value, (dict, list))]
    return found


def deep(levels: int, inside: Any = None) -> Any:
    for level in range(levels):
        inside = [inside] if level % 2 else {"item": inside}
    return inside


ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, -1e-300, 10**18, "", " ", "NaN", "Infinity", "-0", "1e999", "x" * 20_000, [], {},
    [[]], [None], [{}], {"value": {}}, {"": ""}, deep(20), deep(57), "\u0000", "\u202e\u2066", "\U0001f4a9" * 50,
    "\ufeff",
    "0000-00-00", "9999-12-31", "10000-01-01", "2026-02-30", "2026-01-10T25:00:00Z", "-2026", "#", "#x", "Patient/",
    "/", "http://", "urn:uuid:", "?", "Patient?identifier=|", "Bundle/1", [1, "x", None], {"coding": "x"},
    {"coding": [5]},
    {"coding": [{"system": [], "code": {}}]}, {"reference": ["Patient/1"]}, {"text": {"div": 1}}, {"value": "NaN"},
)  # fmt: skip
ODD_KEYS = ("", " ", "resourceType", "resource", "entry", "_status", "valueQuantity", "value[x]", "\u0000", "__class__",
            "extension", "modifierExtension", "contained", "id", "link", "total", "request", "STATUS")  # fmt: skip
ODD_TYPES = ("InventoryItem", "MedicationOrder", "Zork", "", "Bundle", "Parameters", "OperationOutcome", "../x",
             *sorted(R4_TYPES))  # fmt: skip


def put(chance: random.Random, data: Any, value: Any) -> None:
    node, key = chance.choice(places(data))
    node[key] = value


def odd_value(chance: random.Random, data: Any) -> None:
    put(chance, data, copy.deepcopy(chance.choice(ODD_VALUES)))


def wrapped(chance: random.Random, data: Any) -> None:
    node, key = chance.choice(places(data))
    node[key] = chance.choice(([node[key]], {"value": node[key]}, [node[key]] * 3, {"coding": [node[key]]}))


def unwrapped(chance: random.Random, data: Any) -> None:
    node, key = chance.choice(places(data))
    value = node[key]
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [str(value)]
    node[key] = chance.choice(inside) if inside else None


def lost(chance: random.Random, data: Any) -> None:
    node, key = chance.choice(places(data))
    del node[key]


def renamed(chance: random.Random, data: Any) -> None:
    objects = [(node, key) for node, key in places(data) if isinstance(node, dict)]
    node, key = chance.choice(objects or [({"x": 1}, "x")])
    new = chance.choice((*ODD_KEYS, str(key).upper(), f"{key} ", f"_{key}"))
    node[new] = node.pop(key)


def swapped(chance: random.Random, data: Any) -> None:
    (one, first), (other, second) = (chance.choice(places(data)) for _ in range(2))
    one[first], other[second] = copy.deepcopy(other[second]), copy.deepcopy(one[first])


def doubled(chance: random.Random, data: Any) -> None:
    lists = [node for node, _ in places(data) if isinstance(node, list) and node]
    if lists:
        node = chance.choice(lists)
        node.append(copy.deepcopy(chance.choice(node)))


def resources(data: Any) -> list[Any]:
    return [node[key] for node, key in places(data) if isinstance(node[key], dict) and "resourceType" in node[key]]


def of_another_type(chance: random.Random, data: Any) -> None:
    for one in chance.sample(found := resources(data), k=min(len(found), chance.randint(1, 3))):
        one["resourceType"] = chance.choice(ODD_TYPES)


def contained(chance: random.Random, data: Any) -> None:
    """Something contained, that contains the same, of any type; or the resource itself."""
    for one in chance.sample(found := resources(data), k=min(len(found), 2)):
        inner = chance.choice((copy.deepcopy(one), {"resourceType": chance.choice(ODD_TYPES), "id": "x"}))
        outer = {**copy.deepcopy(inner), "contained": [inner, inner], "id": "x"}
        one["contained"] = chance.choice(([outer], outer, [outer, outer], [5, outer]))
        one["medicationReference"] = {"reference": chance.choice(("#x", "#", "#nothing"))}


def circular(chance: random.Random, data: Any) -> None:
    """References of resources to themselves, and in a circle."""
    found = resources(data)
    names = [f"{one.get('resourceType')}/{one.get('id')}" for one in found]
    for one in found:
        key = chance.choice(("basedOn", "derivedFrom", "hasMember", "medicationReference", "subject", "link", "partOf"))
        target = {"reference": chance.choice(names)}
        one[key] = chance.choice((target, [target], [{"other": target, "type": "seealso"}]))


def bundled(chance: random.Random, data: Any) -> None:
    for one in chance.sample(found := resources(data), k=min(len(found), 2)):
        inner = copy.deepcopy(one)
        one.clear()
        one |= {"resourceType": "Bundle", "entry": chance.choice(([{"resource": inner}] * 2, [inner], inner))}


CHANGES: tuple[Callable[[random.Random, Any], None], ...] = (
    odd_value, odd_value, odd_value, wrapped, unwrapped, lost, renamed, swapped, doubled, of_another_type, contained,
    circular, bundled,
)  # fmt: skip


def damaged(chance: random.Random, raw: bytes) -> bytes:
    """The text of a record, sometimes cut, with a changed byte, a doubled key, or what JSON does not know."""
    at = chance.randrange(len(raw) or 1)
    match chance.randrange(24):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        case 2:
            return raw.replace(b'"resourceType":', b'"resourceType":"Zork","resourceType":', 3)
        case 3:
            return raw.replace(b'"id":"', rb'"id":"\ud800', 1)
        case 4:
            return raw.replace(b'"value":', b'"value":NaN,"x":', 1)
        case 5:
            return raw.replace(b'"subject":', b'"subject":null,"subject":')
        case _:
            return raw


def broken(number: int) -> bytes:
    """The broken record of a number, as one line of text."""
    chance = random.Random(number)
    data = [copy.deepcopy(chance.choice(sound()))]
    for _ in range(chance.randint(1, 5)):
        if places(data):
            chance.choice(CHANGES)(chance, data)
    return damaged(chance, orjson.dumps(data[0] if data else None, option=orjson.OPT_NON_STR_KEYS)).replace(b"\n", b" ")


def answers(path: Path, book: RuleBook) -> Iterator[tuple[str, str, Any]]:
    """For each person of a file, and each error: where, what came of it, and the answer."""
    for item in people_of(path, lambda *_: None):
        came = answer(item, book)
        if isinstance(came, ProgramError):
            raise came
        yield (str(item.path), *((came.code, None) if isinstance(came, CdsError) else (came["outcome"], came)))


def answer(item: Item, book: RuleBook) -> Any:
    """The answer to a person, made and shown in every way; or the error."""
    if not isinstance(item, Found):
        return item.error
    try:
        evaluation = item.evaluation(book, AS_OF)
    except CdsError as error:
        return error
    result = result_of(evaluation)
    assert orjson.dumps(result)
    assert evaluation_text(evaluation, "file")
    return result


def tried(number: int, path: Path, book: RuleBook, expected: Any) -> tuple[set[str], float]:
    """What came of a case, and the seconds that it took; the good record beside it has its answer."""
    path.write_bytes(broken(number) + b"\n" + orjson.dumps(GOOD) + b"\n")
    start = time.process_time()
    found = list(answers(path, book))
    spent = time.process_time() - start
    good = [answer for place, _, answer in found if place == f"{path}:2"]
    assert good == [expected], number
    others = {code for place, code, _ in found if place != f"{path}:2"}
    assert others <= book.outcomes.keys() | RECORD_CODES.keys(), (number, others)
    return others, spent


def alone(path: Path, book: RuleBook) -> Any:
    path.write_bytes(b"\n" + orjson.dumps(GOOD) + b"\n")
    ((_, _, expected),) = answers(path, book)
    return expected


def all_of(numbers: range, book: RuleBook, folder: Path) -> tuple[Counter[str], float]:
    """What came of the cases, and the slowest of them."""
    path = folder / "records.ndjson"
    expected = alone(path, book)
    came: Counter[str] = Counter()
    slowest = 0.0
    for number in numbers:
        codes, spent = tried(number, path, book, expected)
        came.update(codes)
        slowest = max(slowest, spent)
        assert spent < LONGEST, (number, spent)
    return came, slowest


def test_some_broken_records_raise_nothing_and_change_no_other_answer(book: RuleBook, tmp_path: Path) -> None:
    came, _ = all_of(range(FEW), book, tmp_path)
    assert len(came) > 4


@pytest.mark.slow
def test_a_thousand_broken_records_raise_nothing_and_change_no_other_answer(book: RuleBook, tmp_path: Path) -> None:
    came, _ = all_of(range(FEW, FEW + SLOW_CASES), book, tmp_path)
    assert len(came) > 6


def main(count: int = MANY, first: int = 0) -> None:
    """Try so many cases, and print what came of them; a case that fails is printed, and the others go on."""
    book, started = open_rulebook(), time.perf_counter()
    came: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.ndjson"
        expected = alone(path, book)
        for number in range(first, first + count):
            try:
                codes, spent = tried(number, path, book, expected)
            except Exception as error:  # the others go on
                cause = error.__cause__ or error
                came["FAILED"] += 1
                trace = cause.__traceback__
                while trace is not None and trace.tb_next is not None:
                    trace = trace.tb_next
                place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
                print(f"{number}: {type(cause).__name__} at {place}: {str(cause)[:150]}", flush=True)
                continue
            came.update(codes)
            slowest = max(slowest, spent)
            if spent > LONGEST:
                came["SLOW"] += 1
                print(f"{number}: {spent:.2f} s", flush=True)
    print(f"{count} cases in {time.perf_counter() - started:.0f} s; the slowest took {slowest:.2f} s.")
    for code, times in came.most_common():
        print(f"{times:7} {code}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
