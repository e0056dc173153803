"""Who got which outcome, as FHIR R4 Groups, written member after member: nobody holds a million of them in memory.

A Group of more than 100,000 members has Groups as its members, which are its parts.
Source: http://hl7.org/fhir/R4/group.html.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

import orjson
from duckdb import DuckDBPyConnection

from cds.exchange.publication import own_concept
from cds.jsontypes import Json
from cds.population.books.finished_run import FinishedRun
from cds.population.tables.run_tables import RunCounts
from cds.population.tables.sorted_answers import Answer
from cds.rulebook.model import RuleBook

MOST_MEMBERS = 100_000
"""The members of one Group: some megabytes on one line."""
AT_ONCE = 10_000
REFUSED = ""
"""Stands for those without an answer where others have an outcome."""
_LITERAL = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}|urn:uuid:[0-9a-f-]{36}|https?://\S+")


def reference_to(name: str, remark: str = "") -> Json:
    """A Reference to a resource by the name that answers give it; in words where that is no address in FHIR.

    ``remark`` says which one is meant where the name does not.
    """
    if not _LITERAL.fullmatch(name):
        return {"display": f"{name} ({remark})" if remark else name}
    return {"reference": name} | ({"display": remark} if remark else {})


class OutcomeGroup(NamedTuple):
    """The Group of an outcome: its place among them, its code, what it is called, and how many belong to it."""

    outcome: str
    place: str
    code: Json
    name: str
    patients: int

    @property
    def sizes(self) -> list[int]:
        """The sizes of its parts; of one that is not parted its own."""
        full, rest = divmod(self.patients, MOST_MEMBERS)
        return [MOST_MEMBERS] * full + ([rest] if rest or not full else [])


def group_ids(run: FinishedRun, book: RuleBook) -> dict[str, str]:
    """The id of the Group of each outcome in their order, and of those without an answer."""
    return {name: f"{run.identity}-{place}" for place, name in enumerate((*book.outcomes, REFUSED), 1)}


def outcome_groups(run: FinishedRun, book: RuleBook, counts: RunCounts) -> Iterator[OutcomeGroup]:
    """The Groups of the outcomes in their order, also those of nobody, and of those without an answer."""
    for name, place in group_ids(run, book).items():
        code = own_concept(book, "outcome", name) if name else {"text": "no answer given"}
        count = counts.outcomes[name] if name else sum(counts.refused.values())
        yield OutcomeGroup(name, place, code, f"{name or 'no answer given'}, as of {run.as_of}", count)


def write_group(
    file: BinaryIO, group: OutcomeGroup, table: DuckDBPyConnection, book: RuleBook, namesakes: Collection[str]
) -> None:
    """Write the Group, and before it its parts where it is too large for one, each on a line.

    ``table`` holds the answers of the run as ``run``.
    """
    members, sizes = _members(table, group.outcome, namesakes), group.sizes
    if len(sizes) == 1:
        _write(file, _head(book, group, group.place, group.patients), members)
        return
    places = [f"{group.place}-part-{number}" for number in range(1, len(sizes) + 1)]
    for place, size in zip(places, sizes, strict=True):
        _write(file, _head(book, group, place, size), islice(members, size))
    parts = ({"entity": {"reference": f"Group/{place}"}} for place in places)
    _write(file, _head(book, group, group.place, group.patients), parts)


def _head(book: RuleBook, group: OutcomeGroup, place: str, size: int) -> Json:
    """The Group without its members; ``quantity`` counts the patients, also where the members are its parts."""
    return {
        "resourceType": "Group",
        "id": place,
        "identifier": [{"system": f"{book.canonical}/population-group", "value": place}],
        "active": True,
        "type": "person",
        "actual": True,
        "code": group.code,
        "name": group.name,
        "quantity": size,
    }


def _write(file: BinaryIO, head: Json, members: Iterable[Json]) -> None:
    first = True
    file.write(orjson.dumps(head)[:-1])
    for member in members:
        file.write((b',"member":[' if first else b",") + orjson.dumps(member))
        first = False
    file.write(b"}\n" if first else b"]}\n")


def _members(table: DuckDBPyConnection, outcome: str, namesakes: Collection[str]) -> Iterator[Json]:
    theirs = "outcome = $1" if outcome else "outcome IS NULL"
    sql = f"SELECT patient, file FROM run WHERE {theirs} ORDER BY patient, file"  # noqa: S608 - our own
    found = table.execute(sql, [outcome] if outcome else [])
    while rows := found.fetchmany(AT_ONCE):
        yield from ({"entity": reference_to(name, file if name in namesakes else "")} for name, file in rows)


def file_of(answer: Answer, namesakes: Collection[str]) -> str:
    """The file in which a patient stands, where the name alone does not say who is meant; nothing where it does."""
    return str(answer["file"]) if answer["patient"] in namesakes else ""
