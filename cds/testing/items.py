"""Files of expected patients and the patients in them, as pytest collects and runs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds.api.functions import evaluate
from cds.errors import CdsError, with_code
from cds.testing.differences import differences, head_of
from cds.testing.expected import Expected, expected_in
from cds.testing.rulebooks import rulebook_of


class NotAsExpectedError(Exception):
    """A patient is not answered as expected; the text says what differs."""


class ExpectedFile(pytest.File):
    """A file ``*.cds.yaml``."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each expected patient.

        Raises:
            CollectError: the file or the rulebook is wrong.

        """
        try:
            found = expected_in(self.path, self.nodeid, rulebook_of(self.config))
        except CdsError as error:
            raise self.CollectError(str(error)) from None
        for expected in found:
            yield ExpectedPatient.from_parent(self, name=expected.patient, expected=expected)


class ExpectedPatient(pytest.Item):
    """One expected patient."""

    def __init__(self, *, expected: Expected, **more: Any) -> None:
        super().__init__(**more)
        self.expected = expected

    def runtest(self) -> None:
        """Answer the patient.

        Raises:
            NotAsExpectedError: the answer is another one, or there is none.

        """
        expected = self.expected
        try:
            evaluation = evaluate(expected.bundle, rulebook_of(self.config), expected.as_of)
        except CdsError as error:
            raise NotAsExpectedError(f"{expected.place}: {expected.bundle}: {with_code(error)}") from None
        if found := differences(expected, evaluation):
            raise NotAsExpectedError("\n".join([*head_of(expected, evaluation), *found]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, without a traceback; of anything else the traceback."""
        if isinstance(excinfo.value, NotAsExpectedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File, line and name."""
        line = int(self.expected.place.rpartition(":")[2])
        return self.path, line - 1, self.name
