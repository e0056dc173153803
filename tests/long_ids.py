"""A record with the ids of a large EHR: 45 letters and digits each."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]
LENGTH = 45
MARK = "eXyZ0"
"""How every such id begins, and nothing else in a record does."""


def with_long_ids(bundle: Json) -> Json:
    """A Bundle with other ids, and references to them."""
    text = json.dumps(bundle)
    ids = {entry["resource"]["id"] for entry in bundle["entry"] if "id" in entry["resource"]}
    for number, identity in enumerate(sorted(ids, key=len, reverse=True)):
        other = f"{MARK}{number:03d}{'aBcDeFgHiJkLmNoPqRsTuVw' * 2}"[:LENGTH]
        text = text.replace(f'"{identity}"', f'"{other}"').replace(f'/{identity}"', f'/{other}"')
    found: Json = json.loads(text)
    return found
