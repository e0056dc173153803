"""Answers that were given and not recorded: counted, and written down as a gap of the log when that can be done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from cds.errors import CdsError


class Gap:
    """``open`` is the number of answers that the log does not know of yet; any thread may call every method."""

    def __init__(self, write: Callable[[int], Future[int]], told: Callable[[int], None]) -> None:
        """``write`` puts a number into the log, ``told`` hears it when it is there."""
        self._write, self._told, self._lock = write, told, Lock()
        self.open = 0

    def widen(self, number: int = 1) -> None:
        """One more answer was not recorded."""
        with self._lock:
            self.open += number

    def close(self) -> None:
        """Write the number down, if there is one; where that fails, it stays open."""
        with self._lock:
            number, self.open = self.open, 0
        if number:
            try:
                self._write(number).add_done_callback(lambda future: self._written(future, number))
            except CdsError:
                self.widen(number)

    def _written(self, future: Future[int], number: int) -> None:
        if future.exception() is None:
            self._told(number)
        else:
            self.widen(number)
