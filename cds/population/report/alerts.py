"""The burden of alerts: how many cards a hundred patients would bring, and how they are spread, as JSON data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import ceil

from cds.jsontypes import Json
from cds.population.report.small_cells import SmallCells
from cds.population.tables.answer_table import Answers


def alert_burden(answers: Answers, answered: int, cells: SmallCells) -> Json:
    """Cards per 100 patients, in all and by indicator, and the patients by the number of their cards."""
    found = answers.cards()
    counts = Counter[int]()
    for indicators, n in found.items():
        counts[len(indicators)] += n
    numbers = range(max(counts, default=-1) + 1)
    groups = cells.joined([counts[number] for number in numbers])
    joined = {_name(numbers[part], len(numbers)): sum(counts[n] for n in numbers[part]) for part in groups}
    shown = {name: cells.cell(n) for name, n in joined.items()}
    return {
        "cardsPer100": cells.rate(sum(cards * n for cards, n in counts.items()), answered),
        "median": _quantile(joined, 0.5),
        "p95": _quantile(joined, 0.95),
        "patientsByCards": [
            {"cards": name, "patients": n, "per100": cells.per_100(n, answered)} for name, n in shown.items()
        ],
        "byIndicator": _indicators(found, answered, cells),
    }


def _name(cards: range, numbers: int) -> str:
    """``0``, ``2 to 3``; the last of joined ones has no end, which would be somebody's."""
    if len(cards) == 1:
        return str(cards[0])
    return f"{cards[0]} or more" if cards[-1] + 1 == numbers else f"{cards[0]} to {cards[-1]}"


def _quantile(patients: Mapping[str, int], share: float) -> str | None:
    """The number of cards, or the joined numbers, that a share of the patients has at most; None of nobody."""
    wanted, before = ceil(share * sum(patients.values())), 0
    for name, n in patients.items():
        before += n
        if n and before >= wanted:
            return name
    return None


def _indicators(found: Mapping[tuple[str, ...], int], answered: int, cells: SmallCells) -> list[Json]:
    """Cards of each indicator per 100 patients, and the patients with such a card; no rate of what few have."""
    cards, patients = Counter[str](), Counter[str]()
    for indicators, n in found.items():
        cards.update({name: n * number for name, number in Counter(indicators).items()})
        patients.update(dict.fromkeys(indicators, n))
    told = []
    for name in sorted(cards):
        rate = None if cells.is_small(patients[name]) else cells.rate(cards[name], answered)
        told.append({"indicator": name, "patients": cells.part(patients[name], answered), "cardsPer100": rate})
    return told
