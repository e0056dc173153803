"""Dicts and lists that hold what libraries make of JSON, as JSON itself would be parsed."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

NO_JSON = (
    "These data hold values that are no JSON. Give the model itself, model_dump(mode='json'), or what json.loads makes."
)


def plain_json(data: Any) -> Any:
    """The data themselves where they are plain; else a copy with numbers for Decimals, and text for dates and times.

    A number that is a Decimal would otherwise be a result that nobody can read, and a wrong answer. What cannot be
    written as JSON for another reason is left to intake, which names it.

    Raises:
        TypeError: there are values that stand for nothing in JSON.

    """
    met: list[object] = []

    def of_a_library(value: object) -> object:
        met.append(value)
        if isinstance(value, (Decimal, float)):
            return float(value)
        if isinstance(value, (date, datetime, time)):
            return value.isoformat()
        raise TypeError

    try:
        text = orjson.dumps(data, of_a_library, orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:
        if met:
            raise TypeError(NO_JSON) from None
        return data
    return orjson.loads(text) if met else data
