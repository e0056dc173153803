"""Measures the cards of many patients: ``python tests/card_budget.py [--rules DIR] [--as-of DAY] FILES OR FOLDERS``.

Without files: the sample patients and ``tests/patients.jsonl``. Printed are cards and words of an answer (median, 95th
percentile, most), answers beyond the budget, information that stands before a warning, titles without the number on
which their rule turns, and medicines that a card names and the record does not.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from cds.bookshelf import open_rulebook
from cds.cards.card import shown_cards
from cds.cards.frames import rules_in
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.quantity import ABSENT
from cds.review.number_words import wordlist
from cds.review.numbers import numbers_of
from cds.review.written_numbers import written_numbers
from cds.rulebook.graph import FINDING
from cds.rulebook.model import Medication, RuleBook

ROOT = Path(__file__).resolve().parent.parent
WORDS_A_CARD, WORDS_AN_ANSWER, MOST_CARDS = 60, 250, 5
_WORD = re.compile(r"\w[\w./%,-]*")
_BESIDE = ("**Based on**", "Rule ", "**Sources of this answer", "Draft rules", "Not a cleared")
"""How paragraphs begin that are no prose."""
_FOLDED = re.compile(r"^### .*$", re.MULTILINE)


class Measured(NamedTuple):
    """What one answer has: its cards, the words of each rule and of all with the notices, and what is wrong with it."""

    patient: str
    cards: int
    words: list[int]
    whole: int
    wrong: list[tuple[str, str]]


def prose(detail: str) -> str:
    """The words of rules in a detail: without its facts, its sources and the disclaimer."""
    parts = (part for part in detail.split("\n\n") if not part.startswith(_BESIDE))
    return " ".join(parts)


def words_of(card: Any) -> list[int]:
    """How many words each rule says in a card, several of which may be folded in it; without the notices."""
    parts = _FOLDED.split(card["detail"])
    said = ("\n\n".join(text for text in part.split("\n\n") if not text.startswith("**")) for part in parts)
    return [len(_WORD.findall(prose(text))) for text in said if text.strip()]


def measured(name: str, evaluation: Evaluation) -> Measured:
    """The figures of one answer."""
    cards = shown_cards(evaluation)
    words = [n for card in cards for n in words_of(card)]
    whole = sum(len(_WORD.findall(prose(card["detail"]))) for card in cards)
    wrong = [("card above 60 words", _rules(card)) for card in cards if max(words_of(card), default=0) > WORDS_A_CARD]
    wrong += [("answer above 250 words", name)] if whole > WORDS_AN_ANSWER else []
    wrong += [("more than five cards", name)] if len(cards) > MOST_CARDS else []
    wrong += [*_misplaced(cards), *_titles(evaluation), *_unrecorded(evaluation, cards)]
    return Measured(name, len(cards), words, whole, wrong)


def _rules(card: Any) -> str:
    return "+".join(part.get("rule", "?") for part in rules_in(card))


def _misplaced(cards: list[Any]) -> Iterator[tuple[str, str]]:
    """Information, unless it decides, that stands before a warning or a critical card."""
    for number, card in enumerate(cards):
        decides = any(part.get("decides") for part in rules_in(card))
        later = (one for one in cards[number:] if not rules_in(one)[0].get("decides"))
        if card["indicator"] == "info" and not decides and any(one["indicator"] != "info" for one in later):
            yield "information before a warning", _rules(card)


def _titles(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """Cards of rules that turn on a number, and whose title has none."""
    book = evaluation.book
    for card in shown_cards(evaluation):
        for part in rules_in(card):
            rule = book.rules.get(part.get("rule", ""))
            turns = rule and numbers_of(book, [(FINDING, item.finding) for item in rule.when.parts])
            if rule and turns and not written_numbers(part.get("summary", card["summary"]), wordlist(book)):
                yield "title without its number", rule.id


def _unrecorded(evaluation: Evaluation, cards: list[Any]) -> Iterator[tuple[str, str]]:
    """Medicines that a card names and that are not on record."""
    text = " ".join(f"{card['summary']} {prose(card['detail'])}" for card in cards).lower()
    for name, term in evaluation.book.terms.items():
        if isinstance(term, Medication) and evaluation.chart.state(name) is ABSENT:
            for word in {name.lower(), *(one.lower() for one in term.names)}:
                if len(word) > 3 and re.search(rf"\b{re.escape(word)}\b", text):
                    yield "medicine that is not on record", word


def patients_in(places: Iterable[Path]) -> Iterator[tuple[str, Any, str]]:
    """The patients of files and folders, with the day of their evaluation where one is said.

    They are bundles, and lines with a bundle; expectations are left out.
    """
    for place in places:
        if place.is_dir():
            files = (file for file in sorted(place.rglob("*.json*")) if "expected" not in file.name)
            yield from patients_in(files)
        elif place.suffix == ".jsonl":
            for number, line in enumerate(place.read_text("utf-8").splitlines()):
                found = json.loads(line)
                yield f"{place.name}:{number}", found.get("bundle", found), found.get("asOf", "")
        else:
            yield str(place), json.loads(place.read_text("utf-8")), ""


def report(book: RuleBook, day: date, places: Iterable[Path]) -> Iterator[str]:
    """The lines of the report."""
    found: list[Measured] = []
    for name, data, said in patients_in(places):
        on = date.fromisoformat(said) if said else day
        found.append(measured(name, evaluate(read_record(data, book, on), book, on)))
    yield f"{len(found)} answers"
    yield _figures("cards of an answer", [one.cards for one in found])
    yield _figures("words of a card", [n for one in found for n in one.words])
    yield _figures("words of an answer", [one.whole for one in found])
    counted: Counter[tuple[str, str]] = Counter(wrong for one in found for wrong in one.wrong)
    for kind in sorted({kind for kind, _ in counted}):
        listed = [(what, count) for (one, what), count in counted.most_common() if one == kind]
        told = ", ".join(f"{what} ({count})" for what, count in listed[:12])
        yield f"{kind}: {sum(count for _, count in listed)}: {told}"


def _figures(called: str, numbers: list[int]) -> str:
    high = quantiles(numbers, n=20)[-1] if len(numbers) > 1 else numbers[0]
    return f"{called}: median {median(numbers):g}, p95 {high:g}, most {max(numbers)}"


def main() -> None:
    """Print the report of the patients that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", type=Path, default=[ROOT / "fhir_samples", ROOT / "tests/patients.jsonl"])
    parser.add_argument("--rules", type=Path, default=ROOT / "rules")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22))
    said = parser.parse_args()
    for line in report(open_rulebook(said.rules), said.as_of, said.places):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
