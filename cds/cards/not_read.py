"""What is of types that nothing reads and could say more, counted by type, with what the record calls it."""

from __future__ import annotations

from cds.cards.wording import MOST_NAMES, escaped, harmless
from cds.intake.record import Record
from cds.jsontypes import Json
from cds.rulebook.model import Wording


def not_read_data(record: Record) -> list[Json]:
    """How many there are of each type, and their words where they have any."""
    return [_of_a_type(kind, words) for kind, words in _by_type(record).items()]


def not_read_text(record: Record, wording: Wording) -> str:
    """The same as a paragraph of Markdown; empty where nothing was passed over."""
    found = _by_type(record)
    if not found:
        return ""
    told = wording.phrase(", ").join(f"{len(words)} {kind}{_called(words)}" for kind, words in found.items())
    return f"**Not read:** {wording.filled('{}.', told)} {wording.phrase('What they say was not judged.')}"


def _by_type(record: Record) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in sorted(record.passed_over, key=lambda item: item.kind):
        found.setdefault(item.kind, []).append(item.words)
    return found


def _of_a_type(kind: str, words: list[str]) -> Json:
    named = list(dict.fromkeys(harmless(text) for text in words if text))
    return {"type": kind, "count": len(words), **({"words": named} if named else {})}


def _called(words: list[str]) -> str:
    """What the record calls them, in brackets, each once; nothing where it has no words."""
    named = list(dict.fromkeys(escaped(text) for text in words if text))
    more = f" and {len(named) - MOST_NAMES} more" if len(named) > MOST_NAMES else ""
    return f" ({'; '.join(named[:MOST_NAMES])}{more})" if named else ""
