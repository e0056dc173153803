"""Measures the cards of many patients: ``python tests/card_budget.py [--rules DIR] [--as-of DAY] FILES OR FOLDERS``.

Without files: the sample patients and all invented patients of the tests. Printed are cards and words of an answer
(median, 95th percentile, most), answers beyond the budget, rules that speak often, information that stands before a
warning, titles without the number on which their rule turns, and medicines that a card names and the record does not.
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

from short_patients import AS_OF, short_patients

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
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
PLACES = [ROOT / "fhir_samples", ROOT / "tests/patients.jsonl", ROOT / "tests/patients"]
OFTEN = 0.2
WORDS_A_CARD, WORDS_AN_ANSWER, MOST_CARDS = 60, 250, 5
LOOKING_FOR_A_CAUSE = ("CA-01", "CA-05", "GUARD-01", "PTH-02", "PTH-04", "CON-01")
"""Rules that may list at most five possible causes that nobody recorded (amendment B2-25)."""
ASKING_FOR_THE_NUMBER = ("DATA-01",)
"""A rule that speaks because the number it turns on, the age, is missing."""
OPTIONS = ("statin",)
"""What a card offers because it is not on record (CAC-02)."""
NO_MEDICINE = {"thyroid"}
"""The name of a medicine that is an organ in a text."""
_WORD = re.compile(r"\w[\w./%,-]*")
_BESIDE = ("**Based on**", "Rule ", "**Sources of this answer", "Draft rules", "Not a cleared")
"""How paragraphs begin that are no prose."""
_FOLDED = re.compile(r"^### .*$", re.MULTILINE)


class Measured(NamedTuple):
    """What one answer has: its cards, the words of each rule and of all with the notices, its rules, what is wrong."""

    patient: str
    cards: int
    words: list[int]
    whole: int
    rules: set[str]
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
    cards = cards_of(evaluation)
    words = [n for card in cards for n in words_of(card)]
    whole = sum(len(_WORD.findall(prose(card["detail"]))) for card in cards)
    wrong = [("card above 60 words", _rules(card)) for card in cards if max(words_of(card), default=0) > WORDS_A_CARD]
    wrong += [("answer above 250 words", name)] if whole > WORDS_AN_ANSWER else []
    wrong += [("more than five cards", name)] if len(cards) > MOST_CARDS else []
    wrong += [*_misplaced(cards), *_titles(evaluation), *_unrecorded(evaluation, cards)]
    rules = {part.get("rule", "") for card in cards for part in rules_in(card)}
    return Measured(name, len(cards), words, whole, rules, wrong)


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
    """Cards of rules that turn on a number, and whose title has none though the number is known."""
    book = evaluation.book
    for card in cards_of(evaluation):
        for part in rules_in(card):
            rule, title = book.rules.get(part.get("rule", "")), part.get("summary", card["summary"])
            turns = rule and numbers_of(book, [(FINDING, item.finding) for item in rule.when.parts])
            if rule and turns and rule.id not in ASKING_FOR_THE_NUMBER and not written_numbers(title, wordlist(book)):
                said_without = title in (rule.card.fallback, *(one.fallback for one in rule.card.variants))
                yield "title without its number" + ", which is not known" * said_without, rule.id


def _unrecorded(evaluation: Evaluation, cards: list[Any]) -> Iterator[tuple[str, str]]:
    """Medicines that a card names and that are not on record, with the rules of the card."""
    texts = [(_rules(card), f"{card['summary']} {own_text(card['detail'])}".lower()) for card in cards]
    medicines = [term for term in evaluation.book.terms.values() if isinstance(term, Medication)]
    absent = {word for term in medicines if evaluation.chart.state(term.name) is ABSENT for word in _words_for(term)}
    there = {word for term in medicines if evaluation.chart.state(term.name) is not ABSENT for word in _words_for(term)}
    for word in sorted(absent - there):
        for rules in sorted({rules for rules, text in texts if _stands_in(word, text)}):
            yield _kind_of_name(word, rules), f"{word} in {rules}"


def _words_for(term: Medication) -> set[str]:
    return {word.lower() for word in (term.name, *term.names) if len(word) > 3} - NO_MEDICINE


def _kind_of_name(word: str, rules: str) -> str:
    if any(rule in rules for rule in LOOKING_FOR_A_CAUSE):
        return "possible cause that is not on record, of a rule that looks for one"
    return "option that is not on record" if (word in OPTIONS) else "medicine that is not on record"


def own_text(detail: str) -> str:
    """The text of rules alone, without notices and without what is only listed."""
    return prose("\n\n".join(part for part in detail.split("\n\n") if not part.startswith("**")))


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def patients_in(places: Iterable[Path]) -> Iterator[tuple[str, Any, str]]:
    """The patients of files and folders, with the day of their evaluation where one is said.

    They are bundles, and lines with a bundle; expectations are left out.
    """
    for place in places:
        if place.is_dir():
            files = (file for file in sorted(place.rglob("*.json*")) if "expected" not in file.name)
            yield from patients_in(files)
            yield from ((one.name, one.data, str(AS_OF)) for one in short_patients(place))
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
    spoke = Counter(rule for one in found for rule in one.rules)
    often = [f"{rule} {100 * n / len(found):.0f}" for rule, n in spoke.most_common() if n > len(found) * OFTEN]
    yield f"rules that speak in more than {100 * OFTEN:.0f} of 100 answers: {', '.join(often) or 'none'}"
    counted: Counter[tuple[str, str]] = Counter(wrong for one in found for wrong in one.wrong)
    for kind in sorted({kind for kind, _ in counted}):
        listed = [(what, count) for (one, what), count in counted.most_common() if one == kind]
        told = ", ".join(f"{what} ({count})" for what, count in listed[:40])
        yield f"{kind}: {sum(count for _, count in listed)}: {told}"


def _figures(called: str, numbers: list[int]) -> str:
    high = quantiles(numbers, n=20)[-1] if len(numbers) > 1 else numbers[0]
    return f"{called}: median {median(numbers):g}, p95 {high:g}, most {max(numbers)}"


def main() -> None:
    """Print the report of the patients that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", type=Path, default=PLACES)
    parser.add_argument("--rules", type=Path, default=ROOT / "rules")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22))
    said = parser.parse_args()
    for line in report(open_rulebook(said.rules), said.as_of, said.places):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
