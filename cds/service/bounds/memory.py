"""The memory of this process: how much it may use, how much it does, and giving back what large calls leave behind.

glibc keeps what is freed: an arena for each thread, and blocks between others that are in use. After 64 calls of 1.8 MB
that was some hundred megabytes, for good.
"""

from __future__ import annotations

import ctypes
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from cds.hooks.refusal import RefusedError

FULL = 0.9
"""The share of the granted memory above which nothing is begun that needs more."""
TIMES_A_BODY = 16
"""A call needs about so many times the bytes of its body: the text, its values, what they are read as, the answer."""
GLANCE_SECONDS = 0.1
GROUPS, OF_THIS_PROCESS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
NO_LIMIT = 1 << 60
"""What stands above this is no limit: control groups of version 1 write the largest number that they know."""
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
ARENAS, LARGE_BLOCK = 2, 256 * 1024


class ControlGroup:
    """The memory of a control group: of one container, all its processes together."""

    def __init__(self, folder: Path, *, limit: str, usage: str, cache: str) -> None:
        self._folder, self._limit, self._usage, self._cache = folder, limit, usage, cache

    def granted(self) -> int | None:
        """Bytes that the group may use; None where that is not bounded."""
        with suppress(OSError, ValueError):
            found = int((self._folder / self._limit).read_text(encoding="ascii"))
            return found if found < NO_LIMIT else None
        return None

    def used(self) -> int:
        """Bytes that the group uses, without files that the kernel can forget; 0 where it does not say."""
        with suppress(OSError, ValueError):
            whole = int((self._folder / self._usage).read_text(encoding="ascii"))
            lines = (self._folder / "memory.stat").read_text(encoding="ascii").splitlines()
            return whole - next((int(line.split()[1]) for line in lines if line.startswith(f"{self._cache} ")), 0)
        return 0


def control_groups() -> Iterator[ControlGroup]:
    """The control group of this process and those above it, of version 2 or 1."""
    with suppress(OSError):
        for line in OF_THIS_PROCESS.read_text(encoding="utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            if not kinds:
                names = {"limit": "memory.max", "usage": "memory.current", "cache": "inactive_file"}
                yield from (ControlGroup(folder, **names) for folder in _upwards(GROUPS, path))
            elif "memory" in kinds.split(","):
                names = {"limit": "memory.limit_in_bytes", "usage": "memory.usage_in_bytes"}
                names["cache"] = "total_inactive_file"
                yield from (ControlGroup(folder, **names) for folder in _upwards(GROUPS / "memory", path))


def _upwards(root: Path, path: str) -> Iterator[Path]:
    inner = root / path.lstrip("/")
    yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(root))


def resident() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return 0


class MemoryBound:
    """What may be used: what the configuration says of this process, else what its container or limit grants."""

    def __init__(self, most: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._looked, self._seen = clock, float("-inf"), 0
        self.granted, self._used = _granted(most)

    def used(self) -> int:
        """Bytes in use, as of a moment ago."""
        if self._clock() - self._looked > GLANCE_SECONDS:
            self._looked, self._seen = self._clock(), self._used()
        return self._seen

    def left(self) -> int:
        """Bytes that may still be used, now; very many where nothing is bounded."""
        return NO_LIMIT if self.granted is None else max(0, int(FULL * self.granted) - self.used())

    def refuse_beyond(self, body: int) -> None:
        """Refuse a call with a body of so many bytes, where the kernel might end this process over it.

        Raises:
            RefusedError: 503.

        """
        if TIMES_A_BODY * body > self.left():
            raise RefusedError(503, "This service has no memory left for the call. Try again.", {"Retry-After": "5"})


def _granted(most: int | None) -> tuple[int | None, Callable[[], int]]:
    """The bytes that count, and how many of them are in use."""
    if most is not None:
        return most, resident
    groups = [(granted, group) for group in control_groups() if (granted := group.granted()) is not None]
    if groups:
        granted, group = min(groups, key=lambda found: found[0])
        return granted, group.used
    space, _ = resource.getrlimit(resource.RLIMIT_AS)
    return (None if space == resource.RLIM_INFINITY else space), _address_space


def _address_space() -> int:
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGESIZE")
    return 0


def keep_little() -> None:
    """Let glibc keep little of what is freed: few arenas, and large blocks apart; elsewhere nothing happens."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, ARENAS)
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def give_back() -> None:
    """Give freed memory back to the system; it takes some milliseconds, and other threads go on."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
