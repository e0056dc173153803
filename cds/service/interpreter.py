"""The interpreter of a process that serves: seldom garbage collections, and quick changes between its threads."""

from __future__ import annotations

import sys

from cds.garbage import collect_seldom

SWITCH_SECONDS = 0.001
"""How long a thread that runs may keep one waiting that wants to (Python: five times as long).

The thread of the records needs the interpreter about ten times in a transaction, while calls are answered; so long it
holds the lock of the database, and the records of every other worker wait for that.
"""


def prepare_to_serve() -> None:
    """Set the interpreter up, once the rulebooks are there, which stay as long as the process."""
    collect_seldom()
    sys.setswitchinterval(SWITCH_SECONDS)
