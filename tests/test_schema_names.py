"""The schemas know the names of a rulebook: an editor completes and explains them, and marks those nobody defines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from test_json_schema import FILES, HOSPITAL, REGIONS, as_an_editor_reads, complaints, validator

from cds.bookshelf import open_exactly
from cds.commands.schema import SETTINGS, schema_command
from cds.facts.formulas import FORMULAS
from cds.rulebook.files import KINDS, kind_of
from cds.rulebook.json_schema import OF_OVERLAYS, places_of, write_schemas
from cds.rulebook.model import RuleBook
from cds.rulebook.model.overlay import OVERLAY_KINDS
from cds.rulebook.overlaying import kind_in_an_overlay
from cds.rulebook.vocabulary import vocabulary_of

RULES = Path("rules")
CON_01 = "co-nutrients/con-01-low-magnesium.yaml"


def schemas_of(book: RuleBook, folder: Path) -> dict[str, Draft202012Validator]:
    paths = write_schemas(folder, vocabulary_of(book, FORMULAS))
    return {path.name.removesuffix(".schema.json"): validator(path) for path in paths}


@pytest.fixture(scope="module")
def named(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft202012Validator]:
    """The schemas with the names of the shipped rules, by kind."""
    return schemas_of(book, tmp_path_factory.mktemp("named"))


@pytest.mark.parametrize("name", FILES)
def test_every_real_rule_file_names_only_what_its_schema_knows(
    name: str, named: dict[str, Draft202012Validator]
) -> None:
    assert complaints(named[kind_of(name)], as_an_editor_reads(name)) == []


@pytest.mark.parametrize("overlay", [HOSPITAL, *sorted(REGIONS.iterdir())], ids=lambda path: path.name)
def test_every_file_of_an_overlay_names_only_what_the_schemas_with_it_know(overlay: Path, tmp_path: Path) -> None:
    schemas = schemas_of(open_exactly(RULES, overlay), tmp_path)
    for path in sorted(overlay.rglob("*.yaml")):
        kind = kind_in_an_overlay(path.relative_to(overlay).as_posix())
        shape = OVERLAY_KINDS[kind]
        name = next(name for name in (kind, f"overlay-{kind}") if shape is (KINDS | OF_OVERLAYS).get(name))
        assert complaints(schemas[name], as_an_editor_reads(str(path.resolve()))) == [], path


def changed(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The data with another value at a place."""
    if not place:
        return value
    copy = list(data) if isinstance(data, list) else dict(data)
    copy[place[0]] = changed(copy[place[0]], place[1:], value)
    return copy


NAMED = [
    (("tier",), "informm"),
    (("tier",), "hold, if low magnesum"),
    (("when",), {"all": ["low magnesum"]}),
    (("when",), {"any": ["without low magnesum"]}),
    (("when",), {"any": ["surely low magnesium"]}),
    (("advice",), ["order-magnesum"]),
    (("advice",), ["order-magnesium, if low magnesum"]),
    (("advice",), ["order-magnesium, when adult"]),
    (("advice",), ["order-magnesium, unless the outcome is stopp"]),
    (("never",), ["increase-calcum"]),
    (("evidence",), ["EXPRT"]),
    (("grade",), {"EXPRT": "n.r."}),
    (("card", "indicator"), "urgent"),
    (("card", "hours"), {"levothyroxin": "4 hours"}),
    (("cases", 0, "given"), {"magnesum": "1.4 mg/dL"}),
    (("cases", 0, "given"), {"adult": "perhaps"}),
    (("cases", 0, "expect"), "fire"),
    (("cases", 0, "says"), ["order-magnesum"]),
]


@pytest.mark.parametrize(("place", "value"), NAMED, ids=[str(value) for _, value in NAMED])
def test_a_name_that_nobody_defines_does_not_fit(
    place: tuple[Any, ...], value: Any, named: dict[str, Draft202012Validator]
) -> None:
    data = as_an_editor_reads(CON_01)
    whole = changed(data, place[:-1], {**_at(data, place[:-1]), place[-1]: value})
    assert complaints(named["rule"], whole)


def _at(data: Any, place: tuple[Any, ...]) -> Any:
    for part in place:
        data = data[part]
    return data


@pytest.mark.parametrize("line", ["order-magnesium, if not adult, unless this rule holds", "order-magnesium",
                                  "order-magnesium, if the decider is not CA-01, if CA-05 fires"])  # fmt: skip
def test_conditions_behind_a_name_fit(line: str, named: dict[str, Draft202012Validator]) -> None:
    assert complaints(named["rule"], {**as_an_editor_reads(CON_01), "advice": [line]}) == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("findings", {"findings": {"x": {"all": ["low magnesum"]}}}),
        ("findings", {"findings": {"x": {"when": "age is known", "evidence": ["EXPRT"]}}}),
        ("terms", {"terms": {"x": {"kind": "goal", "says": "x", "of": "magnesum"}}}),
        ("terms", {"terms": {"x": {"kind": "computed", "says": "x", "unit": "mg/dL", "formula": "summ"}}}),
        ("terms", {"terms": {"x": {"kind": "product", "says": "x", "holds": "calcium, magnesum"}}}),
        ("precedence", {"tiers": [{"tier": "x", "says": "x", "outcome": "stopp"}]}),
        ("precedence", {"tiers": [{"tier": "x", "says": "x", "rules": ["CA-99"]}]}),
        ("overlay", {"off": [{"rule": "CA-99", "reason": "x"}]}),
        ("overlay-findings", {"replaces": {"low magnesum": {"when": "age is known"}}}),
        ("overlay-terms", {"terms": {"magnesum": {"add names": ["Mg"]}}}),
    ],
)
def test_names_in_other_kinds_of_files_are_known_too(
    kind: str, data: Any, named: dict[str, Draft202012Validator]
) -> None:
    text = json.dumps(data)
    right = text.replace("magnesum", "magnesium").replace("summ", "sum").replace("stopp", "stop")
    right = right.replace("EXPRT", "EXPERT").replace("CA-99", "CA-05")
    said, without = (complaints(named[kind], json.loads(each)) for each in (text, right))
    assert len(said) > len(without)


def test_a_name_is_explained(named: dict[str, Draft202012Validator], book: RuleBook) -> None:
    offered = named["rule"].schema["$defs"]["a-finding"]["anyOf"][0]
    said = dict(zip(offered["enum"], offered["enumDescriptions"], strict=True))
    assert said["low serum calcium"].startswith("The calcium to use is below its lower reference limit. [")
    given = named["rule"].schema["$defs"]["Case"]["properties"]["given"]["properties"]
    assert "Unit: mg/dL" in given["magnesium"]["description"]
    assert "not low serum calcium" in said
    assert set(book.findings) <= set(said)


def kinds_by_pattern(file: str, places: dict[str, list[str]]) -> Iterator[str]:
    for name, patterns in places.items():
        wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
        others = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
        path = PurePosixPath(f"/{file}")
        if any(path.match(f"/{one}") for one in wanted) and not any(path.match(f"/{one}") for one in others):
            yield name.removesuffix(".schema.json")


@pytest.mark.parametrize("folder", ["rules", ".", "../clinic/rules"])
def test_each_rule_file_is_of_one_schema_for_the_editor_and_of_the_right_one(folder: str) -> None:
    places = places_of(folder, ["hospital"])
    for name in FILES:
        file = name if folder == "." else f"{folder}/{name}"
        assert list(kinds_by_pattern(file, places)) == [kind_of(name)], name
    for path in sorted(HOSPITAL.rglob("*.yaml")):
        name = path.relative_to(HOSPITAL).as_posix()
        (found,) = kinds_by_pattern(f"hospital/{name}", places)
        assert (KINDS | OF_OVERLAYS)[found] is OVERLAY_KINDS[kind_in_an_overlay(name)]


def test_the_command_writes_schemas_with_names_and_what_an_editor_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(schema_command, [str(tmp_path), "--rules", "rules", "--overlay", str(HOSPITAL)])
    assert done.exit_code == 0
    told = json.loads((tmp_path / SETTINGS).read_text("utf-8"))["yaml.schemas"]
    assert all((Path.cwd() / path).is_file() for path in told)
    assert ["rules/*/findings.yaml"] in told.values()
    assert "magnesium" in (tmp_path / "rule.schema.json").read_text("utf-8")
    assert f"Put what stands in {tmp_path / SETTINGS} into .vscode/settings.json" in done.stderr


def test_a_place_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = CliRunner().invoke(schema_command, [str(tmp_path / "file"), "--rules", "rules"])
    assert done.exit_code == 2
    assert "the schemas cannot be written" in done.stderr
