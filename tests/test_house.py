"""The plan of the house: no module needs one above it, none needs itself, and each library has one door."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from cds.audit.examples import SOURCES
from cds.proof.report import PROVED_CODE

ROOT = Path(__file__).resolve().parent.parent
# From the ground up; a module may import from its own floor and from lower ones.
FLOORS = (
    (
        "cds.about",
        "cds.errors",
        "cds.jsontypes",
        "cds.code_systems",
        "cds.boundary",
        "cds.quantity",
        "cds.cache",
        "cds.garbage",
        "cds.views",
    ),
    ("cds.rulebook", "cds.forms"),
    ("cds.intake",),
    ("cds.facts",),
    ("cds.reasoning",),
    ("cds.why", "cds.evaluation", "cds.watched"),
    ("cds.cards",),
    (
        "cds.result",
        "cds.self_test",
        "cds.outlook",
        "cds.explanation",
        "cds.one_file",
        "cds.files",
        "cds.screen",
        "cds.bookshelf",
        "cds.review",
    ),
    (
        "cds.hooks",
        "cds.trust",
        "cds.exchange",
        "cds.proof",
        "cds.topics",
        "cds.doctor",
        "cds.api",
        "cds.notebook",
        "cds.testing",
    ),
    ("cds.records", "cds.cluster", "cds.audit", "cds.client", "cds.population", "cds.bulk", "cds.overview"),
    ("cds.service",),
    ("cds.commands", "cds.cli", "cds.__main__"),
)
BOOKSHELF = ("cds.about", "cds.cache", "cds.quantity", "cds.errors", "cds.rulebook", "cds.forms", "cds.facts.formulas")
DOORS = {
    "sqlalchemy": ("cds.records", "cds.cluster"),
    "alembic": ("cds.records.migrations",),
    "prometheus_client": ("cds.service.observability.exposition",),
    "durable_rules_engine": ("cds.reasoning.engine",),
    "fhir": ("cds.intake.validation",),
    "ruamel": ("cds.rulebook.yaml_text",),
    "click": ("cds.cli", "cds.commands"),
    "pytest": ("cds.testing",),
    "jinja2": ("cds.audit.templating",),
    "rich": ("cds.screen",),
    "z3": ("cds.proof", "cds.topics.calcium.proofs", "cds.topics.calcium.kidney_proofs"),
    "markdown_it": ("cds.cards.markdown",),
    "starlette": ("cds.service",),
    "anyio": ("cds.service", "cds.trust.fetching"),
    "joserfc": ("cds.trust.keys", "cds.trust.tokens", "cds.trust.signing"),
    "httpx2": ("cds.trust.fetching", "cds.client.calling", "cds.bulk.requests"),
    "duckdb": ("cds.population",),
    "pyarrow": ("cds.population",),
    "pyspark": ("cds.population.engines.spark_engine",),
    "cryptography": ("cds.service.access.certificate",),
    "opentelemetry": ("cds.service.observability.telemetry",),
    "uvicorn": ("cds.service.server", "cds.service.bounds.connections", "cds.service.workers"),
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@lru_cache(maxsize=1)
def modules() -> dict[str, frozenset[str]]:
    """Every module of the package but the package itself, and the modules that it imports anywhere in it."""
    paths = {module_of(path): path for path in sorted((ROOT / "cds").rglob("*.py"))}
    return {name: frozenset(_imports(path, paths)) for name, path in paths.items() if name != "cds"}


def _imports(path: Path, known: Collection[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = {name for name in names if name in known}
            yield from inner
            if len(inner) < len(names):
                yield node.module or ""
        elif isinstance(node, ast.Call) and "import" in ast.unparse(node.func) and node.args:
            texts = (part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
            yield str(next(texts, ""))


def inside(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def floor_of(name: str) -> int:
    found = [number for number, floor in enumerate(FLOORS) if inside(name, floor)]
    assert len(found) == 1, f"{name} stands on no floor, or on two"
    return found[0]


def test_every_module_stands_on_one_floor() -> None:
    assert len(modules()) > 40
    assert all(floor_of(name) >= 0 for name in modules())


def test_no_module_imports_from_a_floor_above_its_own() -> None:
    upwards = [
        (name, other)
        for name, others in modules().items()
        for other in others
        if inside(other, ("cds",)) and (other == "cds" or floor_of(other) > floor_of(name))
    ]
    assert upwards == []


def test_no_modules_need_each_other() -> None:
    own = {name: {other for other in others if other in modules()} for name, others in modules().items()}
    TopologicalSorter(own).prepare()


def test_the_bookshelf_needs_only_what_reads_rules() -> None:
    assert [o for o in modules()["cds.bookshelf"] if inside(o, ("cds",)) and not inside(o, BOOKSHELF)] == []


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_a_library_has_one_door(library: str, door: tuple[str, ...]) -> None:
    users = [name for name, others in modules().items() if any(inside(o, (library,)) for o in others)]
    assert users
    assert [name for name in users if not inside(name, door)] == []


def needed_by(start: str) -> set[str]:
    """The rooms that a module imports, and what those import in turn."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name in modules() and name not in seen:
            seen.add(name)
            todo += modules()[name]
    return {name.split(".")[1] for name in seen}


@pytest.mark.parametrize(("start", "code"), [("cds.proof.prove", PROVED_CODE), ("cds.review.mutation", SOURCES)])
def test_what_is_kept_is_made_anew_when_any_code_changes_on_which_it_rests(start: str, code: tuple[str, ...]) -> None:
    said = {name.removesuffix(".py") for name in code}
    # Messages, the place of the files, the tree of reasons, and what a notebook shows change no verdict; plug-ins are
    # imported by their name.
    assert needed_by(start) - {"errors", "cache", "why", "views"} <= said
    assert "topics" in said
