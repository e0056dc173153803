"""How long to wait before asking again, and how often something is tried that may only fail for a while.

https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from threading import Event
from typing import TypeVar

from cds.bulk.problems import TransientError

T = TypeVar("T")
SHORTEST = 1.0
LONGEST = 3600.0
LONGEST_BACK_OFF = 60.0
"""Seconds; without a word of the server the waits double from the shortest to this."""
MOST_TRIES = 8


class StoppedError(Exception):
    """The user wants no more."""


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds of ``Retry-After``; None where it says nothing. Negative: a date that is past."""
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        return float(asked)
    at, now = _date(asked), _date(headers.get("date", ""))
    # By the clock of the server where it tells the time: that of this machine may be minutes off.
    return (at - (now or datetime.now(timezone.utc))).total_seconds() if at else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


class Pace:
    """Waits; ``longest`` seconds at most, whatever a server asks for, until ``stop`` is set."""

    def __init__(self, longest: float = LONGEST, stop: Event | None = None) -> None:
        self.longest, self.stop = longest, stop or Event()

    def seconds(self, asked: float | None, tries: int) -> float:
        """How long to wait after some tries: what was asked for, else twice as long each time; within bounds."""
        backed_off = min(LONGEST_BACK_OFF, SHORTEST * 2 ** min(tries - 1, 16))
        return min(self.longest, max(SHORTEST, backed_off if asked is None else asked))

    def wait(self, seconds: float) -> None:
        """Wait; raises StoppedError as soon as the user wants no more."""
        if self.stop.wait(seconds):
            raise StoppedError

    def patiently(self, make: Callable[[], T]) -> T:
        """What is made, tried again while it fails for a while only.

        Raises:
            TransientError: it failed as often as it is tried.

        """
        for tries in range(1, MOST_TRIES):
            try:
                return make()
            except TransientError as error:  # noqa: PERF203 - what is tried is a request
                self.wait(self.seconds(error.again, tries))
        return make()
