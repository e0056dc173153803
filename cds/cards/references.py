"""The detail of a card with the resources behind its lines, for an auditor: at the terminal, and on the page.

Cards carry them as data (``basis`` of the extension); what a client shows has none of them.
"""

from __future__ import annotations

from cds.cards.frames import data_of, rules_in
from cds.cards.wording import escaped
from cds.jsontypes import Json

MOST_SHOWN = 3
"""How many resources stand behind a line; the others are counted."""
CLOSING_BRACKETS = (")", "）")


def with_references(card: Json) -> str:
    """The detail as Markdown: ``- DXA T-score: -2.8 (2025-05-20, Observation/t-score)``."""
    detail = str(card.get("detail") or "")
    parts = (data_of(card), *rules_in(card))
    behind = {f"- {one['line']}": one["sources"] for part in parts for one in _basis(part)}
    if not behind:
        return detail
    return "\n".join(_with(line, behind.get(line, ())) for line in detail.split("\n"))


def _basis(data: Json) -> list[Json]:
    """The lines of a part of a card; none where another service has something else under the same name."""
    listed = data.get("basis")
    items = listed if isinstance(listed, list) else []
    return [item for item in items if isinstance(item, dict) and item.keys() >= {"line", "sources"}]


def _with(line: str, sources: list[str]) -> str:
    """A line with its resources, in the brackets that it ends with or in brackets of their own."""
    if not sources:
        return line
    more = len(sources) - MOST_SHOWN
    told = ", ".join(map(escaped, sources[:MOST_SHOWN])) + (f" and {more} more" if more > 0 else "")
    return f"{line[:-1]}, {told}{line[-1]}" if line.endswith(CLOSING_BRACKETS) else f"{line} ({told})"
