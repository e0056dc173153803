"""Deletions and products are looked up, and the answer is that of comparing each with each."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import zip_longest

from cds.intake.bundles import history
from cds.intake.bundles.history import Deletion, Gone, kept, stored_at, version_of
from cds.intake.elements import name_of
from cds.intake.medicines.courses import duplicates
from cds.intake.medicines.courses.duplicates import settle_products
from cds.intake.medicines.courses.links import Link
from cds.intake.medicines.courses.second_names import MAYBE_TWICE, from_none, may_be_one
from cds.intake.record import Course, Issue, Record
from cds.intake.times import moment
from cds.jsontypes import Json
from cds.quantity import Interval, State

TIMES = ["2026-01-10T08:00:00Z", "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z"]


def is_after(deletion: Deletion, at: int, number: int, resource: Json) -> bool | None:
    for own, other in ((stored_at(resource), deletion.when), (version_of(resource), deletion.version)):
        if own is not None and other is not None and own != other:
            return other > own
    return True if deletion.newest_first and at <= number else None


def kept_naively(resources: list[Json], gone: list[Gone]) -> tuple[list[Json], list[Json], list[Json]]:
    """What stays, what is gone, and what may be gone: each resource is compared with each deletion."""
    found: tuple[list[Json], list[Json], list[Json]] = [], [], []
    for number, resource in enumerate(resources):
        ends = [is_after(one, at, number, resource) for at, one in gone if name_of(resource) in one.names]
        found[1 if True in ends else 2 if None in ends else 0].append(resource)
    return found


def test_looking_up_deletions_gives_what_comparing_each_with_each_gives() -> None:
    seen = set()
    for seed in range(500):
        chance = random.Random(seed)
        resources, gone = [], []
        for _ in range(chance.randint(1, 12)):
            meta = {"lastUpdated": chance.choice([*TIMES, None]), "versionId": chance.choice(["1", "2", "3", None])}
            resources.append({"resourceType": "Goal", "id": chance.choice("ab"), "meta": meta})
        for _ in range(chance.randint(1, 6)):
            when = history.instant(text) if (text := chance.choice([*TIMES, ""])) else None
            name, version = chance.choice("ab"), chance.choice([1.0, 2.0, 3.0, None])
            one = Deletion(frozenset({f"Goal/{name}"}), when, version, newest_first=chance.random() < 0.5)
            gone.append((chance.randint(0, len(resources)), one))
        issues: list[Issue] = []
        left = [resource for *_, resource in kept([("", 1, "", each) for each in resources], gone, issues)]
        stays, away, maybe = kept_naively(resources, gone)
        assert left == stays
        names = [{name_of(each) for each in of_them} for of_them in (away, maybe)]
        assert [{i.source for i in issues if bool(i.not_used) is doubt} for doubt in (False, True)] == names
        seen.add((bool(stays), bool(away), bool(maybe)))
    assert len(seen) > 5


def grouped_naively(
    courses: Sequence[Course], marks: Callable[[Course], list[str]], pairs: Sequence[tuple[str, str]] = ()
) -> list[list[Course]]:
    of: dict[str, set[str]] = {}
    for listed in (*pairs, *map(marks, courses)):
        joined = set(listed).union(*(of.get(mark, ()) for mark in listed))
        of.update(dict.fromkeys(joined, joined))
    found: dict[int, list[Course]] = {}
    for course in courses:
        found.setdefault(id(of[marks(course)[0]]), []).append(course)
    return list(found.values())


def as_one_naively(courses: Sequence[Course], record: Record, main: str) -> list[Course]:
    first, *others = sorted(courses, key=lambda c: (not c.stated, -(c.start.first if c.start else 0), c.source))
    apart = []
    for other in others:
        shared = set(first.holds) & set(other.holds)
        if shared and (main in first.holds) is not (main in other.holds):
            first, second = (c if main in c.holds else from_none(c, shared) for c in (first, other))
            record.note("recorded-twice", second.source, MAYBE_TWICE)
            apart.append(second)
        elif shared:
            record.note("recorded-twice", other.source)
            codes = tuple(dict.fromkeys((*first.codes, *other.codes)))
            first = duplicates._covering(first, other)._replace(codes=codes)
        else:
            apart.append(other)
    return [first, *(as_one_naively(apart, record, main) if apart else ())]


def without_doubles_naively(courses: list[Course], record: Record) -> list[Course]:
    found: list[Course] = []
    for course in sorted(courses, key=duplicates._order):
        doubles = (i for i, known in enumerate(found) if (known.amounts, known.state) == (course.amounts, course.state))
        double = next(doubles, None)
        if double is None:
            found.append(course)
        else:
            record.note("recorded-twice", course.source)
            found[double] = found[double]._replace(doubled=True)
    return found


def joined_naively(courses: list[Course], record: Record) -> list[Course]:
    if len(courses) == 1:
        return courses
    statements = without_doubles_naively([c for c in courses if c.stated], record)
    orders = without_doubles_naively([c for c in courses if not c.stated], record)
    both: list[Course] = []
    stated: list[Course] = []
    for statement in sorted(statements, key=lambda course: -course.state):
        same = [order for order in orders if order.amounts == statement.amounts]
        orders = [order for order in orders if order not in same]
        sure = max([statement.state, *(order.state for order in same)])
        (both if same else stated).append(statement._replace(state=sure))
    return both + [duplicates._ranged(one, other) for one, other in zip_longest(stated, orders)]


def not_summed_naively(products: Sequence[Course], record: Record) -> list[Course]:
    found: list[Course] = []
    for product in sorted(products, key=lambda c: (-c.state, not c.stated, c.source)):
        if any(
            (product.intent, set(product.holds)) == (known.intent, set(known.holds))
            and product.name != known.name
            and may_be_one(product, known)
            for known in found
        ):
            record.note("recorded-twice", product.source, MAYBE_TWICE)
            found.append(from_none(product, set(product.amounts)))
        else:
            found.append(product)
    order = {product.source: number for number, product in enumerate(products)}
    return sorted(found, key=lambda c: order[c.source])


def settled_naively(record: Record, main: str, links: Sequence[Link]) -> None:
    """Each product is compared with each."""
    pairs = [(link.one, link.other) for link in links]
    linked = grouped_naively(record.products, lambda course: [course.source], pairs)
    products = [product for courses in linked for product in as_one_naively(courses, record, main)]
    same = grouped_naively(products, lambda c: [repr((c.name, c.intent, c.salt)), *c.codes])
    record.products = not_summed_naively([one for each in same for one in joined_naively(each, record)], record)


def courses(chance: random.Random, count: int) -> list[Course]:
    found = []
    for number in range(count):
        holds = chance.choice([("calcium",), ("calcium", "vitamin D"), ("vitamin D",), ("vitamin D", "calcium")])
        ends = [sorted(chance.choices((0.0, 500.0, 505.0, 600.0, 1000.0), k=2)) for _ in range(2)]
        low, high = (Interval(*(pair if chance.random() < 0.3 else (pair[0], pair[0]))) for pair in ends)
        course = Course(
            state=chance.choice((State.UNKNOWN, State.PRESENT)), name=chance.choice(("one", "two", "three")),
            source=f"MedicationRequest/{number}", start=moment(chance.choice(("2026-01-01", "2026-01-02"))),
            salt=chance.choice(("", "carbonate", "citrate")), intent=chance.choice("ssb"),
            holds=holds, amounts=dict.fromkeys(holds, (low, high)), stated=chance.random() < 0.5,
            codes=chance.choice(((), (), ("A",), ("B",), ("B", "C"))),
        )  # fmt: skip
        found.append(course)
    return found


def test_looking_up_products_gives_what_comparing_each_with_each_gives() -> None:
    changed = 0
    for seed in range(1500):
        chance = random.Random(seed)
        listed = courses(chance, chance.randint(2, 12))
        named = [course.source for course in listed]
        pairs = [(chance.choice(named), chance.choice(named)) for _ in range(chance.randint(0, 3))]
        links = [Link(one, other, denied=False) for one, other in pairs]
        one, other = (Record(patient="", products=list(listed)) for _ in range(2))
        settle_products(one, "calcium", links)
        settled_naively(other, "calcium", links)
        assert (one.products, one.issues) == (other.products, other.issues), seed
        changed += one.products != listed
    assert changed > 500
