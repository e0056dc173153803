"""Every form in which something is said in rule files, by chapters: an example of each, and what it says.

It is made of what reads the files: the registry of forms, the senses, the kinds of terms, the ways of placeholders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.forms.nothing import NoneRecorded
from cds.forms.registry import SENTENCES
from cds.quantity import State
from cds.review.phrases_of_lines import LINES, Phrase, Phrases, Reads
from cds.review.phrases_of_terms import ENTRIES, first_line, formulas, kinds_of_terms
from cds.rulebook import lines
from cds.rulebook.model import ASKED, RuleBook
from cds.rulebook.model.placeholder import WAYS
from cds.rulebook.model.product import usual_line
from cds.rulebook.model.safety import statement_line

FINDING_KEYS: Phrases = (
    Phrase("when: SENTENCE", "A finding of its own: a sentence of one of the forms below."),
    Phrase(
        "all:\n  - FINDING\n  - not OTHER FINDING", "Every part: absent when one is absent, else unknown when one is."
    ),
    Phrase("any:\n  - FINDING\n  - OTHER FINDING", "At least one part: present when one is, else unknown when one is."),
    Phrase("no record of any:\n  - FINDING\n  - OTHER FINDING", first_line(NoneRecorded)),
    Phrase(
        "says: A sentence with the number and its unit.", "What it is; its numbers are compared with those of 'when'."
    ),
    Phrase("evidence:\n  - SOURCE", "Where its number stands: needed for every number."),
    Phrase("local: yes", "A site may set this number in its overlay."),
)
CASE_VALUES: Phrases = (
    Phrase("10.6 mg/dL", "A value, 30 days old, in any unit that the term accepts."),
    Phrase("10.6 mg/dL, 100 days ago", "A value of that day."),
    Phrase("8 to 12 mg/dL", "Anything from the one to the other: nobody knows better."),
    Phrase("below 8 mg/dL", "A result below a bound; also 'above'."),
    Phrase("2.6 mmol/L (RESULT)", "The measurement in brackets, where a unit fits two."),
    Phrase("9 mg/dL, 40 days ago; 10 mg/dL, 3 days ago", "Several results, the oldest first or not."),
    Phrase("missing", "No value on record."),
)
STATE_VALUES: Phrases = (
    Phrase("yes", "Of a finding, condition, medicine or product: present, or on record."),
    Phrase("no", "Absent, or not on record."),
    Phrase("unknown", "Nobody can say."),
    Phrase("female", "Of the term that reads the gender; also 'male', 'missing'."),
)
EXPECTED: Phrases = (
    Phrase("OUTCOME", "This rule decides, and the answer has this outcome."),
    Phrase("fires", "The rule fires; it may not be the one that decides."),
    Phrase("nothing", "It does not fire, and asks for nothing."),
    Phrase("ask", "The data do not settle it."),
)
OVERLAY: Phrases = (
    Phrase(
        "name: WARD\nowner: WHO ANSWERS FOR IT\nreason: WHY IT DIFFERS",
        "overlay.yaml, which every overlay has; below it also 'region', 'off' and 'shadow'.",
    ),
    Phrase(
        "replaces:\n  FINDING:\n    says: What it is here.\n    when: SENTENCE\n    evidence:\n      - SOURCE",
        "findings.yaml of a chapter: a finding of the base with another number, under its name; 'adds' has new ones.",
    ),
    Phrase(
        "texts:\n  RULE:\n    OLD WORDS: NEW WORDS",
        "texts.yaml: words of a rule or an advice code of the base that hold a number which is replaced.",
    ),
    Phrase(
        "cases:\n  RULE:\n    - case: NAME", "cases.yaml: cases of a rule of the base as they are with the overlay."
    ),
)
OTHER_NUMBERS: Phrases = (
    Phrase("14 mg/dL: what begins there (SOURCE)", "A number of the texts that no finding has, with its source."),
    Phrase("600 to 800 mg/d: FINDING", "A number that a finding or a term has."),
)


class Chapter(NamedTuple):
    """Forms that stand at one kind of place, which ``where`` names."""

    title: str
    where: str
    phrases: Phrases


def phrasebook() -> tuple[Chapter, ...]:
    """All forms, in the order in which somebody who writes a rule needs them."""
    return (
        Chapter("A finding", "An entry under 'findings' of the findings.yaml of a chapter.", FINDING_KEYS),
        Chapter("Sentences", "Behind 'when' of a finding; of two that fit a text, the upper.", tuple(_sentences())),
        Chapter("Words before a finding", "Wherever a finding is named.", tuple(_senses())),
        Chapter("What a rule decides", "'tier' of a rule.", LINES[lines.vote_line]),
        Chapter("What a rule advises", "'advice' of a rule.", LINES[lines.saying_line]),
        Chapter(
            "Conditions on the answer",
            "Behind ', if' and ', unless' of advice, indicators and other texts of a card; 'when' in silencing.yaml.",
            LINES[lines.clause_line],
        ),
        Chapter("How urgent a card is", "'indicator' of a card.", LINES[lines.indicator_line]),
        Chapter("Other texts of a card", "'when' of an entry under 'variants'.", LINES[lines.joined_clauses]),
        Chapter("Placeholders", "In 'summary' and 'detail' of a card.", tuple(_placeholders())),
        Chapter("Numbers of texts", "'other numbers' of a rule.", OTHER_NUMBERS),
        Chapter("Values of a case", "Behind the name of a result or another value, under 'given'.", CASE_VALUES),
        Chapter("States of a case", "Behind the name of a finding or of what is on record.", STATE_VALUES),
        Chapter("What a case expects", "'expect' of a case.", EXPECTED),
        Chapter("Kinds of terms", "An entry under 'terms' of a file in terms/.", tuple(kinds_of_terms())),
        *_of_lines(),
        Chapter("Formulas", "'formula' of a computed term.", tuple(formulas())),
        Chapter("An overlay", "The files of a folder that is laid over the rules (--overlay).", OVERLAY),
        Chapter("What is promised", "In safety.yaml.", LINES[statement_line]),
    )


def _of_lines() -> Iterator[Chapter]:
    """The forms of single texts inside terms and products."""
    places: dict[Reads, tuple[str, str]] = {
        lines.code_line: ("Codes", "'codes' and every other list of codes."),
        lines.unit_line: ("Units", "'also accepted' of a measurement or a nutrient."),
        lines.range_line: ("Ranges", "'plausible' and other ranges of a term, in its own unit."),
        lines.choice_line: ("Which result counts", "'choose' of a measurement."),
        lines.window_line: ("How long a value counts", "'usable for' of a term."),
        lines.row_line: ("Tables", "'table' of a computed term."),
        lines.instead_line: ("Exceptions of a table", "'instead' of a computed term."),
        lines.days_line: ("Days", "Such as 'forgotten after' of a condition."),
        lines.percent: ("Percentages", "'conflict above' of a measurement."),
        lines.words_near_line: ("Words near each other", "'words near each other' of a condition."),
        lines.number_line: ("Numbers", "'strength' and 'known strengths' of products."),
        usual_line: ("Usual amounts", "'usual' of a nutrient."),
    }
    return (Chapter(title, where, LINES[read]) for read, (title, where) in places.items())


def _sentences() -> Iterator[Phrase]:
    for form in SENTENCES:
        yield Phrase(form.example, first_line(form))
        yield from (Phrase(example, says) for example, says in form.more_examples.items())


def _senses() -> Iterator[Phrase]:
    """Each sense, with what it makes of a finding that is absent, unknown and present."""
    for sense in ASKED:
        answers = ", ".join(f"{state.word} is {answer.word}" for state, answer in zip(State, sense.table, strict=True))
        yield Phrase(sense.of("FINDING"), f"{_begun(sense.meaning)}: {answers}.")


def _placeholders() -> Iterator[Phrase]:
    for way, meaning in WAYS.items():
        yield Phrase(f"{{TERM, {way}}}" if way else "{TERM}", f"{_begun(meaning)}.")


def _begun(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def about(word: str, chapters: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """The chapters with only those forms in which a word stands; all forms of one whose title has it."""
    kept = (
        chapter if word.lower() in chapter.title.lower() else chapter._replace(phrases=_with(word, chapter.phrases))
        for chapter in chapters
    )
    return tuple(chapter for chapter in kept if chapter.phrases)


def _with(word: str, phrases: Phrases) -> Phrases:
    return tuple(phrase for phrase in phrases if word.lower() in f"{phrase.example} {phrase.says}".lower())


def with_own_words(chapters: Iterable[Chapter], book: RuleBook) -> Iterator[Chapter]:
    """The chapters with an example of a rulebook beside each sentence and each kind of term, and with its tiers."""
    own = _own_sentences(book) | _own_terms(book) | {"TIER": _own_tiers(book)}
    for chapter in chapters:
        yield chapter._replace(phrases=tuple(p._replace(here=own.get(p.example, "")) for p in chapter.phrases))


def _own_sentences(book: RuleBook) -> dict[str, str]:
    """The shortest sentence of each form."""
    written = [finding for finding in book.findings.values() if finding.text and finding.chapter]
    longest_first = sorted(written, key=lambda finding: -len(finding.text))
    return {type(own.definition).example: f"{own.text}  ({own.spot.file}:{own.spot.line})" for own in longest_first}


def _own_tiers(book: RuleBook) -> str:
    """The tiers in their order, each with its outcome."""
    return " > ".join(f"{tier.name} ({tier.outcome or 'only a card'})" for tier in book.tiers)


def _own_terms(book: RuleBook) -> dict[str, str]:
    """The first term of each kind."""
    return {
        ENTRIES[type(term)]: f"{term.name}  ({term.spot.file}:{term.spot.line})"
        for term in reversed(book.terms.values())
    }
