"""How often Python looks for cyclic garbage."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Look for cyclic garbage seldom: JSON makes many objects and no cycles, and looking at all of them takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)
