"""Which tests belong to which tier, and the fixtures that every test may use.

The fast tier is ``pytest -n 2 -m "not slow and not browser and not install"``: some seconds, a part of every room of
the house, and a few examples of each property. It does not even import the files that it leaves out. CI and the
README's command run all tests with all examples.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from profiles import DEVELOPMENT

from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
TIERS: dict[str, dict[str, str]] = {
    "slow": {
        "test_audit.py": "whole books are written, pages opened in Chromium",
        "test_audit_of_a_run.py": "labelled patients are answered, and whole books written",
        "test_broken_files.py": "a hundred broken copies of the whole rulebook are read",
        "test_bulk_export.py": "a server is started for each test",
        "test_bulk_killed.py": "the command is killed and started again",
        "test_bulk_tokens.py": "servers are started for each test",
        "test_cause_first.py": "small changes are tried",
        "test_changes.py": "copies of the whole rulebook are compared",
        "test_compare_runs.py": "sample patients are answered on two days and by two rulebooks",
        "test_docs.py": "every command of the documentation is run in a copy of the checkout, and the site is built",
        "test_export.py": "whole exports are validated by fhir.resources",
        "test_faults.py": "services are started and disturbed under load",
        "test_fetching.py": "servers are waited for that are slow or silent",
        "test_formulas.py": "copies of the whole rulebook with other numbers are read",
        "test_generated_requests.py": "thousands of requests",
        "test_hospital_network.py": "network namespaces are made, and services started in them",
        "test_invoke.py": "servers are started and called",
        "test_json_schema.py": "every rule file is held against its schema",
        "test_kill_switch.py": "a rulebook and an evaluator of its own for each test",
        "test_numbers_in_texts.py": "changed copies of the whole rulebook are checked",
        "test_one_files_trouble.py": "the command line is started for each file",
        "test_outcomes.py": "thousands of random patients",
        "test_outlook.py": "every labelled patient is evaluated on several days",
        "test_overlay.py": "an overlay is read, checked and compared for each test",
        "test_population_killed.py": "runs are killed at random moments and go on",
        "test_population_plan_answers.py": "hundreds of patients are answered twice",
        "test_population_run.py": "an export of hundreds of patients is answered again and again",
        "test_population_since.py": "a hundred histories are answered twice on each of their days",
        "test_product_names.py": "copies of the whole rulebook with other names are read",
        "test_proxy.py": "a service, a database and a proxy are started",
        "test_proof.py": "the solver proves every property",
        "test_proof_switches.py": "the solver proves the property of switches",
        "test_quick_proofs.py": "the real cases are answered, and the solver is asked the same",
        "test_records_killed.py": "a writing process is killed again and again",
        "test_records_migrations.py": "processes open one database at once, on SQLite and PostgreSQL",
        "test_renaming.py": "copies of the whole rulebook are renamed and read",
        "test_requirements.py": "many labelled patients are answered by every hook",
        "test_review.py": "every small change of the rules is tried",
        "test_run_as_fhir.py": "whole runs are validated by fhir.resources",
        "test_sbom.py": "the bill of materials is made and validated",
        "test_schema_names.py": "every rule file is held against a schema with all names",
        "test_second_reading.py": "the solver compares two readings",
        "test_signatures.py": "copies of the whole rulebook are signed and checked",
        "test_spark_engine.py": "Spark is started, and answers beside DuckDB",
        "test_switched_rules.py": "every labelled patient with every rule switched off",
        "test_telemetry.py": "services are started and send to a collector",
        "test_units_oracle.py": "a registry of all units is built",
        "test_vacuous_proofs.py": "the solver proves changed rulebooks",
        "test_what_if.py": "each answer is many evaluations",
        "test_several_hosts.py": "services with one database are started, and one of them killed",
        "test_workers.py": "services with several processes are started, and some of them killed",
        "test_watching.py": "the command line is started, and waits for changes",
        "test_which_rules.py": "every command is started in every folder",
    },
    "browser": {
        "test_cards_on_screen.py": "the cards of every sample patient are shown and measured, in Chromium",
        "test_page.py": "a person's way over the page, in Chromium",
        "test_page_view.py": "the page's addresses, paper, screens and keys, in Chromium",
        "test_sandbox.py": "the public sandbox's way of calling, in Chromium",
    },
    "install": {
        "test_readme.py": "both commands of the README in a fresh environment",
        "test_installing.py": "the engine's absence, and what CI makes of a bare system",
    },
}
"""Whole files by their tier, each with what takes its time; a single slow test is marked where it stands."""

LEAVES_OUT = re.compile(r"not \w+( and not \w+)*")


def left_out(config: pytest.Config) -> frozenset[str]:
    """The tiers that ``-m`` leaves out, if it does nothing but leave tiers out."""
    expression = str(config.option.markexpr)
    if not LEAVES_OUT.fullmatch(expression):
        return frozenset()
    return frozenset(re.findall(r"not (\w+)", expression))


def pytest_configure(config: pytest.Config) -> None:
    """Without the slow tests, and unless a profile is named, try few examples."""
    gc.disable()
    if "slow" in left_out(config) and config.getoption("--hypothesis-profile", None) is None:
        settings.load_profile(DEVELOPMENT)


def pytest_collection_finish() -> None:
    """What collecting makes is kept to the end: looking for garbage among it costs a fifth of the time."""
    gc.enable()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file whose tier is left out is not imported, unless it is named."""
    named = any(collection_path.name in str(argument) for argument in config.args)
    return True if not named and any(collection_path.name in TIERS.get(tier, ()) for tier in left_out(config)) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of whole files."""
    for item in items:
        for tier, files in TIERS.items():
            if item.path.name in files:
                item.add_marker(tier)


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The rulebook of this checkout."""
    from generated import the_book  # not before the profile is known, which its properties ask for

    return the_book()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that the tests start; tests that need it skip when Debian's package is absent."""
    from recorded import server

    with server() as url:
        yield url


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data and of the clinical specification; tests that need it skip when it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not beside this checkout")
    return SHARED
