"""The clock of the service jumps (libfaketime with a file that is changed); that of its callers goes on as it was."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

from deployment import ROOT, Setting
from trial import Stage

SLEEP = "import threading, time; time.sleep = lambda seconds: threading.Event().wait(seconds) and None"
"""libfaketime cannot sleep until a moment of the clock that it leaves alone, which is how Python sleeps."""
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
LEFT_ALONE = {
    "FAKETIME_CACHE_DURATION": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    "NO_FAKE_STAT": "1",
}
"""Only the time of day jumps; else Python's threads would wait for each other a hundred times as long."""


class _Jump:
    """The clock is so many seconds off for 15 s."""

    offset: ClassVar[str]
    disk_mb: ClassVar[int] = 0

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="trial-clock-"))
        self._file = self._folder / "offset"
        self._file.write_text("+0", encoding="ascii")
        (self._folder / "sitecustomize.py").write_text(SLEEP, encoding="ascii")

    def setting(self) -> Setting:
        paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{self._folder}", "FAKETIME_TIMESTAMP_FILE": str(self._file)}
        return Setting(environment={**LEFT_ALONE, **paths, "LD_PRELOAD": str(LIBRARY)})

    def end(self) -> None:
        """Remove the file that libfaketime reads."""
        shutil.rmtree(self._folder)

    async def cause(self, stage: Stage) -> str:
        self._file.write_text(self.offset, encoding="ascii")
        await asyncio.sleep(15)
        self._file.write_text("+0", encoding="ascii")
        return ""


class Forward(_Jump):
    name = "clock 1 h ahead for 15 s"
    offset = "+3600"


class Back(_Jump):
    name = "clock 1 h behind for 15 s"
    offset = "-3600"


class WithinLeeway(_Jump):
    name = "clock 20 s behind for 15 s"
    offset = "-20"


FAULTS = (Forward, Back, WithinLeeway)
