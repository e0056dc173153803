"""The only door to durable-rules: its C module, one handle per thread and sheet, one fact at a time.

Why so narrow: the package's own host runs actions on timer threads, swallows their exceptions and costs about ten
times as much; batches, joins, negation and numbers in conditions have ways to answer wrongly without an error.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
import threading
from operator import itemgetter
from typing import Any

import orjson

from cds.errors import EngineError
from cds.reasoning.compiler import ACKNOWLEDGE, TRUE, Sheet, compile_page
from cds.reasoning.program import Pattern, Program, Reach

CC = 'CC="gcc -DPyEval_CallObject=PyObject_CallObject"'
"""What durable-rules 2.0.28 has to be compiled with: Python 3.13 removed the function under its old name."""
SID = "1"
MOST_FIRINGS = 500
MOST_REMEMBERED = 4096


def load_engine() -> Any:
    """The C module.

    Raises:
        EngineError: it is not there, or cannot be loaded; the text says how to install it.

    """
    try:
        import durable_rules_engine  # noqa: PLC0415 - its absence is an error with a cure, and only where it is needed
    except ImportError as error:
        raise EngineError(f"the rules engine durable-rules cannot be loaded ({error}). {_cure()}") from error
    return durable_rules_engine


def _cure() -> str:
    """How to install the engine; built without ``CC``, or kept in pip's cache from then, it fails from Python 3.13."""
    needs = "Install gcc and the Python headers (on Debian and Ubuntu: apt-get install gcc python3-dev)"
    command = f"{shlex.quote(sys.executable)} -m pip install --force-reinstall --no-cache-dir durable-rules==2.0.28"
    return f"{needs}, then: {CC} {command}"


class _Handles(dict[int, Any]):
    """The rulesets of one thread by sheet; they are given back when the thread ends."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def __del__(self) -> None:
        for handle in self.values():
            with contextlib.suppress(Exception):
                self.module.delete_ruleset(handle)


class Engine:
    """Chains forward through the sheets of a program.

    The answer of a sheet is a pure function of the states it reads, so answers are remembered (a bounded number).
    """

    def __init__(self, program: Program) -> None:
        self.module = load_engine()
        self.total = len(program.names)
        self.sheets = [sheet for page in program.pages for sheet in compile_page(page)]
        self.remembered: list[dict[object, bytes]] = [{} for _ in self.sheets]
        self.plan = [
            (
                itemgetter(*sheet.reads) if sheet.reads else bytes,
                remembered,
                sheet.first,
                sheet.first + len(sheet.steps),
            )
            for sheet, remembered in zip(self.sheets, self.remembered, strict=True)
        ]
        self.every = range(len(self.sheets))
        self.sheet_of = {step.number: index for index, sheet in enumerate(self.sheets) for step in sheet.steps}
        self.reach = Reach(program)
        self.own = threading.local()

    def infer(self, base: Pattern, near: Pattern | None = None) -> Pattern:
        """The states of everything, given those of the base findings.

        With the states of a similar patient near by, only sheets that read what differs are asked.

        Raises:
            EngineError: when the engine fails; its handle is then built anew for the next call.

        """
        states = bytearray(self.total if near is None else near)
        states[: len(base)] = base
        for index in self.every if near is None else self._sheets_between(base, near):
            reads, remembered, first, end = self.plan[index]
            read = reads(states)
            states[first:end] = remembered.get(read) or self._ask(index, read, bytes(states))
        return bytes(states)

    def _sheets_between(self, base: Pattern, near: Pattern) -> list[int]:
        """The sheets that work out what can differ from the states near by."""
        return list(dict.fromkeys(map(self.sheet_of.__getitem__, self.reach.between(base, near))))

    def forget(self) -> None:
        """Drop the remembered answers."""
        for answers in self.remembered:
            answers.clear()

    def _ask(self, index: int, read: object, states: Pattern) -> bytes:
        sheet = self.sheets[index]
        fact = {"id": SID, "sid": SID, "k": TRUE}
        for words, number in zip(sheet.words, sheet.reads, strict=True):
            fact.update(words[states[number]])
        fired = self._fire(index, sheet, fact)
        answers = bytes(
            2 if f"s{number}" in fired else 1 if f"m{number}" in fired else 0 for number in range(len(sheet.steps))
        )
        if len(self.remembered[index]) >= MOST_REMEMBERED:
            self.remembered[index].clear()
        self.remembered[index][read] = answers
        return answers

    def _fire(self, index: int, sheet: Sheet, fact: dict[str, str]) -> set[str]:
        try:
            return self._assert(self._handle(index, sheet), fact)
        except Exception as error:
            self._drop(index)
            text = str(error) if isinstance(error, EngineError) else "the rules engine failed; no answer was given."
            raise EngineError(text) from error

    def _assert(self, handle: Any, fact: dict[str, str]) -> set[str]:
        """Assert one fact, drain the firings, forget the state; the names of the rules that fired."""
        names: set[str] = set()
        firings = 0
        try:
            code, offset = self.module.assert_fact(handle, orjson.dumps(fact).decode())
            if code != 0:
                raise EngineError(f"the rules engine refused a fact (error {code}).")
            action = self.module.start_action_for_state(handle, offset)
            message = action[1] if action else None
            while message is not None:
                names.add(message[2 : message.index('"', 2)])
                firings += 1
                if firings > MOST_FIRINGS:
                    raise EngineError("the rules engine fired without end.")
                message = self.module.complete_and_start_action(handle, offset)
        finally:
            if names:  # before a first action, delete_state would free memory that was never set
                self.module.delete_state(handle, SID)
        if ACKNOWLEDGE not in names:
            raise EngineError("the rules engine did not acknowledge a fact.")
        return names

    def _handle(self, index: int, sheet: Sheet) -> Any:
        if not hasattr(self.own, "handles"):
            self.own.handles = _Handles(self.module)
        handles: _Handles = self.own.handles
        if index not in handles:
            handles[index] = self.module.create_ruleset(sheet.name, sheet.ruleset)
            # One evaluation right away, so that a ruleset that does not work is known before it is used.
            self._assert(handles[index], {"id": SID, "sid": SID, "k": TRUE})
        return handles[index]

    def _drop(self, index: int) -> None:
        handle = self.own.handles.pop(index, None) if hasattr(self.own, "handles") else None
        if handle is not None:
            with contextlib.suppress(Exception):
                self.module.delete_ruleset(handle)
