"""Damaged lines are damaged as they say, and those of an export are found where they are said to be."""

from __future__ import annotations

import gzip
from pathlib import Path
from random import Random

import orjson
import pytest
from damaged_lines import WAYS, Damaged, damage, damage_export
from invented.records import records_of
from made_export import Plan, write_export

from cds.errors import RecordError
from cds.intake.reading import parse_json

PERSON = records_of(3, 8, "all", odd=0)
LINES = [line.text.encode() for line in PERSON.lines if line.kind != "Patient"]


def is_readable(line: bytes) -> bool:
    """Whether each line of some is JSON that is read."""
    try:
        return all(parse_json(one) is not ... for one in line.split(b"\n"))
    except RecordError:
        return False


def names_the_patient(line: bytes) -> bool:
    reference = f'{{"reference":"Patient/{PERSON.person.id}"'
    return any(f'"{key}":{reference}'.encode() in line for key in ("subject", "patient"))


@pytest.mark.parametrize("name", WAYS)
def test_what_a_way_leaves_of_a_line_is_as_it_says(name: str) -> None:
    for seed, line in enumerate(LINES * 3):
        damaged = damage(line, name, Random(seed))
        assert damaged != line
        assert is_readable(damaged) == WAYS[name].readable
        assert names_the_patient(damaged) == WAYS[name].attributed


def test_there_are_ways_of_every_kind() -> None:
    assert len(WAYS) > 20
    assert {(way.readable, way.attributed) for way in WAYS.values()} == {
        (a, b) for a in (True, False) for b in (True, False)
    }


def test_a_line_about_nobody_can_be_damaged_too() -> None:
    line = orjson.dumps({"resourceType": "Organization", "id": "o", "name": "North", "address": [{"city": "A"}]})
    for name in WAYS.keys() - {"subject missing", "subject a text"}:
        assert damage(line, name, Random(1)) != line


def export(folder: Path, *, packed: bool = False) -> dict[str, list[bytes]]:
    write_export(Plan(150), folder, packed=packed)
    return lines_in(folder)


def lines_in(folder: Path) -> dict[str, list[bytes]]:
    return {path.name: content(path).split(b"\n")[:-1] for path in sorted(folder.glob("*ndjson*"))}


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_an_export_is_damaged_where_it_is_said_and_nowhere_else(tmp_path: Path, *, packed: bool) -> None:
    before = export(tmp_path, packed=packed)
    manifest = (tmp_path / "manifest.json").read_bytes()
    found = damage_export(tmp_path, 0.05, seed=4)
    after = lines_in(tmp_path)
    assert 0.03 < len(found) / sum(map(len, before.values())) < 0.07
    assert {one.way for one in found} == WAYS.keys()
    for name, lines in after.items():
        here = {one.line_number: one for one in found if one.file == name}
        pieces = {number + extra for number, one in here.items() for extra in range(2) if not extra or is_split(one)}
        kept = [line for number, line in enumerate(lines, 1) if number not in pieces]
        assert kept == [line for line in before[name] if line in set(kept)]
        for one in here.values():
            text = content(tmp_path / name)[one.offset : one.offset + one.size]
            assert text.split(b"\n")[0] == lines[one.line_number - 1]
    assert after["1.Patient.ndjson" + ".gz" * packed] == before["1.Patient.ndjson" + ".gz" * packed]
    assert (tmp_path / "manifest.json").read_bytes() == manifest


def is_split(one: Damaged) -> bool:
    return one.way == "split by a newline"


def test_the_same_seed_damages_the_same_lines(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        export(tmp_path / name)
    one, other, third = (damage_export(tmp_path / name, 0.02, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert one == other != third
    assert lines_in(tmp_path / "a") == lines_in(tmp_path / "b") != lines_in(tmp_path / "c")


def test_patients_are_damaged_if_asked(tmp_path: Path) -> None:
    export(tmp_path)
    assert any(one.file == "1.Patient.ndjson" for one in damage_export(tmp_path, 0.1, also_patients=True))


def test_a_damaged_line_is_said_to_have_been_about_its_patient(tmp_path: Path) -> None:
    before = export(tmp_path)
    whose = {person for lines in before.values() for line in lines for person in references(line)}
    found = damage_export(tmp_path, 0.05)
    assert {person for one in found for person in one.patients} <= whose
    assert max(len(one.patients) for one in found) == 2
    assert sum(not one.patients for one in found) < len(found) / 4


def references(line: bytes) -> list[str]:
    resource = orjson.loads(line)
    subjects = [resource.get(key, {}) for key in ("subject", "patient")]
    return [subject["reference"].split("/_history")[0] for subject in subjects if "reference" in subject]
