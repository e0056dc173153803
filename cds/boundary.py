"""The error boundary: around one file or one call, so that what breaks in it is one error and the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cds.errors import CdsError


class ProgramError(CdsError):
    """Something broke that nobody foresaw, in this program or in a library. The text holds no patient data."""

    code = "program-error"

    def __init__(self, error: BaseException) -> None:
        place = f"{type(error).__name__} at {place_of(error)}"
        super().__init__(
            f"The program failed ({place}); nothing is said about this patient. "
            "Report this line to those who maintain the program."
        )


@contextmanager
def error_boundary() -> Iterator[None]:
    """Inside it, every exception becomes a ProgramError; a CdsError stays what it is.

    MemoryError and a reader of the output that has gone go through, as interrupts do: the next file fares no better.
    """
    try:
        yield
    except (CdsError, MemoryError, BrokenPipeError):
        raise
    except Exception as error:
        raise ProgramError(error) from error


def place_of(error: BaseException) -> str:
    """File and line where an error arose; its text may hold patient data and is not looked at."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
