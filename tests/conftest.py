"""Fixtures that every test may use: the real rulebook, and the material beside the project where it is present."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from generated import the_book

from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The rulebook of this checkout."""
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
