"""The summary of several patients: each is counted when it was answered, and nothing of it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date

from cds.cards.closing import disclaimer_of
from cds.cards.folding import INDICATORS
from cds.jsontypes import Json
from cds.overview.rows import Refused, Row
from cds.rulebook.model import RuleBook


class Tally:
    """Counts of everybody who was answered, whether shown or not, and of everything that was refused."""

    def __init__(self, only: Collection[str] = ()) -> None:
        self.only = only
        self.answered = self.shown = self.remarks = self.not_understood = self.not_understood_in = 0
        self.cards: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.decided: Counter[tuple[str, str]] = Counter()
        self.spoke: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()

    def shows(self, row: Row) -> bool:
        """Whether a patient is one of those who are asked for."""
        return not self.only or row.outcome in self.only

    def add(self, row: Row) -> None:
        """Count a patient."""
        self.answered += 1
        self.shown += self.shows(row)
        self.decided[row.outcome, row.decided_by] += 1
        self.cards.update(dict(zip(INDICATORS, row.cards, strict=True)))
        self.spoke.update(row.spoke)
        self.missing.update(row.missing)
        self.remarks += row.remarks
        self.not_understood += row.not_understood
        self.not_understood_in += row.not_understood > 0

    def refuse(self, refused: Refused) -> None:
        """Count what has no answer."""
        self.refused[refused.code] += 1

    def data(self, book: RuleBook, day: date) -> Json:
        """The summary as JSON data; ``outcomes`` are those of the rulebook in its order, and any other."""
        names = dict.fromkeys((*book.outcomes, *(outcome for outcome, _ in self.decided)))
        overlay = {"overlay": book.overlay.name} if book.overlay else {}
        return {
            "asOf": day.isoformat(),
            "rulebook": {"version": book.version, "sha256": book.sha256, **overlay},
            "patients": {"answered": self.answered, "shown": self.shown, "only": sorted(self.only)},
            "outcomes": [self._outcome(name) for name in names],
            "rules": _ordered(self.spoke),
            "missing": _ordered(self.missing),
            "cards": {indicator: self.cards[indicator] for indicator in INDICATORS},
            "remarks": self.remarks,
            "notUnderstood": {"resources": self.not_understood, "patients": self.not_understood_in},
            "refused": _ordered(self.refused),
            "disclaimer": disclaimer_of(book, self.spoke),
        }

    def _outcome(self, name: str) -> Json:
        own = Counter({rule: n for (outcome, rule), n in self.decided.items() if outcome == name})
        per100 = 100 * own.total() / self.answered if self.answered else None
        decided = [{"rule": rule, "patients": n} for rule, n in _ordered(own).items()]
        return {"outcome": name, "patients": own.total(), "per100": per100, "decidedBy": decided}


def _ordered(counts: Counter[str]) -> dict[str, int]:
    """The most frequent first, equals by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
