"""The type of a JSON object, for all who read or write one."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object: its members by name, whatever they hold."""
