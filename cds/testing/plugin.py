"""What pytest asks for at its start: options, and which files are ours. Nothing else is loaded before there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cds.about import PROGRAM
from cds.testing.rulebooks import OPENED, rulebook_of

if TYPE_CHECKING:
    from cds.rulebook.model import RuleBook
    from cds.testing.items import ExpectedFile

ENDINGS = (".cds.yaml", ".cds.yml")
"""How the names of files of expected patients end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rulebook that the expected patients are answered by, on the command line or in the configuration."""
    group = parser.getgroup(PROGRAM, f"expected patients of {PROGRAM} (*.cds.yaml)")
    rules = "Rule files for expected patients (default: CDS_RULES, else the built-in ones)."
    over = "What is laid over them: a region by its name, or a folder; may be repeated (default: CDS_OVERLAY)."
    group.addoption("--cds-rules", metavar="DIR", default="", help=rules)
    group.addoption("--cds-overlay", metavar="NAME|DIR", action="append", default=[], help=over)
    parser.addini("cds_rules", rules, default="")
    parser.addini("cds_overlay", over, type="linelist", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ExpectedFile | None:
    """A file of expected patients; every other file is left to others."""
    if not file_path.name.endswith(ENDINGS):
        return None
    from cds.testing.items import ExpectedFile  # noqa: PLC0415 - who has no such file waits for nothing

    found: ExpectedFile = ExpectedFile.from_parent(parent, path=file_path)
    return found


@pytest.fixture(scope="session")
def cds_rulebook(request: pytest.FixtureRequest) -> RuleBook:
    """The rulebook that the expected patients are answered by."""
    from cds.errors import CdsError  # noqa: PLC0415

    try:
        return rulebook_of(request.config)
    except CdsError as error:
        pytest.fail(f"The rulebook cannot be opened.\n{error}", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Which rulebook answered, where one was opened."""
    if (book := config.stash.get(OPENED, None)) is not None:
        over = f" with {book.overlay.name}" if book.overlay else ""
        terminalreporter.write_line(f"Expected patients: rulebook {book.version}{over}, sha256 {book.sha256[:12]}.")
