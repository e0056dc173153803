"""The JSON Schemas for editors: one for each kind of rule file, and they say what the loader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from cds.rulebook.files import KINDS, kind_of
from cds.rulebook.json_schema import OF_OVERLAYS, write_schemas
from cds.rulebook.model.overlay import OVERLAY_KINDS
from cds.rulebook.overlaying import kind_in_an_overlay

RULES = Path(__file__).resolve().parent.parent / "rules"
HOSPITAL = Path(__file__).resolve().parent / "hospital"
REGIONS = RULES / "regions"
FILES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.yaml") if REGIONS not in path.parents)
OVERLAYS = [(root, path) for root in (HOSPITAL, *sorted(REGIONS.iterdir())) for path in sorted(root.rglob("*.yaml"))]
ONE_OF_A_KIND = {kind_of(name): name for name in FILES}
NEED_A_KEY = [kind for kind in ONE_OF_A_KIND if kind not in ("other_medicines", "terms")]
"""Lists of names may all be left out, and a file of terms may hold names of other conditions alone."""


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft202012Validator]:
    """The written schemas, by kind."""
    paths = write_schemas(tmp_path_factory.mktemp("schemas"))
    return {path.name.removesuffix(".schema.json"): validator(path) for path in paths}


def validator(path: Path) -> Draft202012Validator:
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_an_editor_reads(name: str) -> Any:
    """The content of a rule file by the core schema of YAML 1.2: numbers and truth values, but days are text."""
    data = YAML(typ="safe", pure=True).load((RULES / name).read_text("utf-8"))
    return json.loads(json.dumps(data, default=str))


def complaints(check: Draft202012Validator, data: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in check.iter_errors(data)]


def test_each_kind_of_rule_file_has_one_schema(schemas: dict[str, Draft202012Validator]) -> None:
    assert schemas.keys() == KINDS.keys() | OF_OVERLAYS.keys()
    assert KINDS.keys() >= ONE_OF_A_KIND.keys()


@pytest.mark.parametrize(("root", "path"), OVERLAYS, ids=lambda path: path.name)
def test_every_file_of_an_overlay_fits_its_schema(
    root: Path, path: Path, schemas: dict[str, Draft202012Validator]
) -> None:
    kind = kind_in_an_overlay(path.relative_to(root).as_posix())
    name = next(name for name in (kind, f"overlay-{kind}") if OVERLAY_KINDS[kind] is (KINDS | OF_OVERLAYS).get(name))
    data = json.loads(json.dumps(YAML(typ="safe", pure=True).load(path.read_text("utf-8")), default=str))
    assert complaints(schemas[name], data) == []
    assert complaints(schemas[name], {**data, "colour": "red"})


@pytest.mark.parametrize("name", FILES)
def test_every_real_rule_file_fits_its_schema(name: str, schemas: dict[str, Draft202012Validator]) -> None:
    assert complaints(schemas[kind_of(name)], as_an_editor_reads(name)) == []


@pytest.mark.parametrize("kind", ONE_OF_A_KIND)
def test_an_unknown_key_does_not_fit(kind: str, schemas: dict[str, Draft202012Validator]) -> None:
    data = {**as_an_editor_reads(ONE_OF_A_KIND[kind]), "colour": "red"}
    assert complaints(schemas[kind], data) == ["$: Additional properties are not allowed ('colour' was unexpected)"]


@pytest.mark.parametrize("kind", NEED_A_KEY)
def test_a_missing_key_does_not_fit(kind: str, schemas: dict[str, Draft202012Validator]) -> None:
    data = as_an_editor_reads(ONE_OF_A_KIND[kind])
    first = next(iter(data))
    assert complaints(schemas[kind], {key: data[key] for key in data if key != first}) == [
        f"$: '{first}' is a required property"
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [("rule", "bone-1"), ("authored", "in May"), ("if unknown", "guess"), ("evidence", []), ("evidence", "EXPERT"),
     ("card", {"indicator": "info"}), ("when", {"none": ["adult"]})],
)  # fmt: skip
def test_a_value_of_another_form_does_not_fit(key: str, value: Any, schemas: dict[str, Draft202012Validator]) -> None:
    data = {**as_an_editor_reads(ONE_OF_A_KIND["rule"]), key: value}
    assert complaints(schemas["rule"], data)


@pytest.mark.parametrize(("value", "fits"), [("yes", True), ("no", True), (True, True), ("perhaps", False)])
def test_a_truth_value_may_be_yes_or_no(value: Any, fits: bool, schemas: dict[str, Draft202012Validator]) -> None:
    term = {"kind": "condition", "says": "Gout.", "also when inactive": value}
    assert (complaints(schemas["terms"], {"terms": {"gout": term}}) == []) == fits


def test_plain_text_may_look_like_a_number(schemas: dict[str, Draft202012Validator]) -> None:
    source = {"citation": 1984, "kind": "book", "short": 1984}
    assert complaints(schemas["evidence"], {"sources": {"ORWELL": source}}) == []


def test_the_folder_is_made_and_old_schemas_are_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "editor" / "schemas"
    first = {path: path.read_text("utf-8") for path in write_schemas(folder)}
    next(iter(first)).write_text("old", "utf-8")
    assert {path: path.read_text("utf-8") for path in write_schemas(folder)} == first
