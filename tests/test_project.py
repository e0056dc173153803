"""What stands around the code: the lock file, the metadata, what is packed, and how tests are kept apart."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import TIERS, left_out
from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from people import MANY, SOME
from profiles import DEVELOPMENT, FEW, THOROUGH

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = [Requirement(line.rstrip(" \\")) for line in re.findall(r"^[A-Za-z].*$", LOCK, flags=re.MULTILINE)]
OPENING = {"the_book", "open_rulebook", "read_rulebook", "read_overlaid", "switchable"}


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return found


def wanted() -> list[Requirement]:
    about = project()["project"]
    extras = [line for lines in about["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in (*about["dependencies"], *extras) if not line.startswith(about["name"])]


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_the_lock_file_has_one_release_of_each_dependency_and_it_is_one_that_the_project_allows(python: str) -> None:
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    locked = [one for one in LOCKED if one.marker is None or one.marker.evaluate(here)]
    versions = {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in locked}
    assert len(versions) == len(locked)
    for needed in wanted():
        assert needed.specifier.contains(versions[canonicalize_name(needed.name)]), needed


def test_the_lock_file_has_a_hash_for_each_release_and_names_no_host_and_no_machine() -> None:
    releases = re.split(r"^(?=[A-Za-z])", LOCK, flags=re.MULTILINE)[1:]
    assert [release for release in releases if "--hash=sha256:" not in release] == []
    assert re.findall(r"://|--index|--find-links|@ |/tmp/|/home/", LOCK) == []


def test_ci_installs_from_the_lock_file_alone() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"pip install (.+)", ci) == [
        "--quiet --require-hashes -r requirements.lock",
        "--quiet --no-deps -e .",
    ]


def test_everything_that_git_keeps_is_packed_into_a_source_distribution() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    kept = {name.split("/", 1)[0] for name in listed.splitlines()}
    packed = {name.strip("/") for name in project()["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]}
    assert kept - packed <= {".github", ".gitignore", "pyproject.toml"}
    assert {name for name in packed if not (ROOT / name).exists()} == set()


def test_each_file_of_a_tier_is_there_and_has_one_tier() -> None:
    files = [name for tier in TIERS.values() for name in tier]
    assert [name for name in files if not (TESTS / name).is_file()] == []
    assert len(files) == len(set(files))
    assert TIERS.keys() == {line.split(":")[0] for line in project()["tool"]["pytest"]["ini_options"]["markers"]}


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when a module is imported, decorators and defaults among it."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        else:
            waiting += ast.iter_child_nodes(node)


def opened(path: Path) -> list[str]:
    """The calls by which a test module would open a rulebook while it is imported."""
    called = [node.func for node in at_import(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]
    return [f"{path.name}: {name}" for name in map(ast.unparse, called) if name.rpartition(".")[2] in OPENING]


def test_no_rulebook_is_opened_when_a_test_module_is_imported() -> None:
    assert [call for path in sorted(TESTS.glob("*.py")) for call in opened(path)] == []


USUAL = 150, 600
TRIED = {DEVELOPMENT: (FEW, FEW), THOROUGH: (600, 2400)}


def test_without_the_slow_tests_few_examples_are_tried_and_else_more(request: pytest.FixtureRequest) -> None:
    few = settings.get_current_profile_name() == DEVELOPMENT
    assert few or "slow" not in left_out(request.config) or request.config.getoption("--hypothesis-profile")
    assert (SOME.max_examples, MANY.max_examples) == TRIED.get(settings.get_current_profile_name(), USUAL)


def test_the_fast_tier_reaches_every_room_of_the_house() -> None:
    whole = {name for tier in TIERS.values() for name in tier}
    fast = [path for path in sorted(TESTS.glob("test_*.py")) if path.name not in whole]
    imported = {
        name for path in fast for name in re.findall(r"^ *from cds\.(\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    rooms = {path.parent.name for path in (ROOT / "cds").glob("*/__init__.py")}
    assert rooms - imported == set()
