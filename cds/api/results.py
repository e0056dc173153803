"""The results of many patients: as a sequence, as rows, as a data frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NamedTuple, overload

from cds.api.rows import COLUMNS, Row, error_row, row_of
from cds.errors import CdsError
from cds.evaluation import Evaluation
from cds.views import html_of

NO_PANDAS = "to_frame() needs pandas, which is not installed. Install it (pip install pandas), or use rows()."


class Result(NamedTuple):
    """What was answered about one patient: an evaluation, or the error that stands in its place.

    ``file`` is where the patient was found (``export.ndjson:3`` is a line of it; ``item 3`` the third of what was
    given), ``patient`` the name of the resource; empty where an error is about a whole file.
    """

    file: str
    patient: str
    evaluation: Evaluation | None = None
    error: CdsError | None = None

    def __repr__(self) -> str:
        """The outcome or the code of the error; no patient data."""
        return f"<Result: {self.error.code if self.error else self.evaluation and self.evaluation.outcome}>"

    def row(self) -> Row:
        """A plain dict with the keys ``COLUMNS``."""
        if self.evaluation is None:
            return error_row(self.file, self.patient, self.error)
        return row_of(self.file, self.evaluation)

    def _repr_html_(self) -> str | None:
        """The cards, for a notebook."""
        return html_of(self if self.evaluation is None else self.evaluation)


class Results(Sequence[Result]):
    """The results of many patients, in the order of the data.

    ``notes`` are sentences about what was passed over and is no error: hidden files, files of other kinds.
    """

    def __init__(self, results: Iterable[Result], notes: Iterable[str] = ()) -> None:
        self._results, self.notes = tuple(results), tuple(notes)

    def __len__(self) -> int:
        """How many results there are, errors too."""
        return len(self._results)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Results: ...

    def __getitem__(self, index: int | slice) -> Result | Results:
        """One result by its place, or some of them."""
        return Results(self._results[index], self.notes) if isinstance(index, slice) else self._results[index]

    @property
    def errors(self) -> Results:
        """Those that are errors."""
        return Results((one for one in self if one.error), self.notes)

    @property
    def outcomes(self) -> dict[str, int]:
        """How often each outcome was answered, the most frequent first; errors have none."""
        found = (one.evaluation for one in self)
        return dict(Counter(one.outcome for one in found if one is not None).most_common())

    def rows(self) -> list[Row]:
        """A plain dict for each result, with the keys ``COLUMNS``: for ``csv``, ``json`` or any library of tables."""
        return [one.row() for one in self]

    def to_frame(self) -> Any:
        """A ``pandas.DataFrame`` with the columns ``COLUMNS``, one row for each result.

        Raises:
            ImportError: pandas is not installed.

        """
        try:
            pandas: Any = import_module("pandas")
        except ImportError as error:
            raise ImportError(NO_PANDAS) from error
        return pandas.DataFrame(self.rows(), columns=[*COLUMNS])

    def __repr__(self) -> str:
        """How many there are of what; no patient data."""
        told = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
        return f"<Results: {len(self)} in all: {told or 'no outcome'}; {len(self.errors)} errors>"

    def _repr_html_(self) -> str | None:
        """A table, for a notebook."""
        return html_of(self)
