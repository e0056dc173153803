"""What the chain holds of feedback: the canonical JSON of its row, whose salted digest is in its link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

NAMES = (
    *("received", "tenant", "client", "service", "card", "outcome", "at", "suggestions", "reason"),
    *("number", "topic", "rule", "version", "indicator", "patient", "user"),
)
"""What of a row is chained; a column that a later version adds is not among them in older rows."""


def feedback_content(row: Any) -> bytes:
    """The canonical JSON of a row, or of the values that are to be one."""
    values = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in NAMES}
    return orjson.dumps({name: values[name] for name in NAMES}, option=orjson.OPT_SORT_KEYS)
