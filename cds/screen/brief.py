"""One patient on one screen: what decides, whole; everything else by its title, one sentence, or its count.

The cards stand by their indicator. That which decides, and those that are critical, say all that a client shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from cds.cards.card import cards_of
from cds.cards.closing import DISCLAIMER, DRAFT, disclaimer_of
from cds.cards.folding import INDICATORS
from cds.cards.frames import data_of, rules_in
from cds.cards.wording import harmless, plain
from cds.evaluation import Evaluation
from cds.intake.account import account_of
from cds.jsontypes import Json
from cds.quantity import UNKNOWN, State
from cds.result import meaning_of
from cds.rulebook.model import RuleBook, Wording
from cds.rulebook.model.placeholder import paragraphs
from cds.screen.lines import Line, shown
from cds.screen.patients import account_text, entries_text, title_line, without_marks
from cds.why import tree

MOST_NOT_UNDERSTOOD = 3
"""How many resources that were not understood are named; the others are counted."""
LONG = "--long: every card whole, with resources, sources, remarks."
_HEADING = re.compile(r"(?:\*\*|###? )")


def brief_text(evaluation: Evaluation, file: str) -> str:
    """What is said of the patient in a file, on one screen: for this terminal, or plain and not wrapped."""
    return shown(brief_lines(evaluation, file))


def brief_lines(evaluation: Evaluation, file: str) -> Iterator[Line]:
    """What is said of the patient in a file, in short; what is left out is counted, and where it is shown is said."""
    chart, decision = evaluation.chart, evaluation.decision
    yield Line(Text(f"{plain(file)}  {harmless(chart.record.patient)}  as of {chart.as_of}", style="bold"))
    said = f" ({meaning_of(evaluation)}) Decided by {decision.decided_by}."
    yield Line(Text.assemble("Outcome: ", (decision.outcome, "bold"), said))
    if why := why_text(evaluation):
        yield Line(Text(f"Why: {why}"))
    for card in sorted(cards_of(evaluation), key=_place):
        yield Line(Text())
        yield title_line(card)
        yield from _whole(card, evaluation.book.wording) if _leads(card) else _in_short(card)
    yield Line(Text())
    yield from _left_out(evaluation)
    yield from _end(evaluation)


def why_text(evaluation: Evaluation) -> str:
    """The title of the deciding rule and the findings that carry it; empty where no rule decides."""
    book, name = evaluation.book, evaluation.decision.decided_by
    if name not in book.rules:
        return ""
    ground = tree(book, evaluation.inferred, name)
    carrying = [part for part in ground.parts if part.counts_as == ground.state]
    told = [part.part.sense.of(part.part.finding) + _if_unknown(part.state) for part in carrying]
    return f"{book.rules[name].title}: {', '.join(told)}." if told else f"{book.rules[name].title}."


def _if_unknown(state: State) -> str:
    return " (not known)" if state is UNKNOWN else ""


def _place(card: Json) -> tuple[int, bool]:
    """Critical cards first; among equals that which decides, then the order of the decision."""
    indicator = card.get("indicator")
    return INDICATORS.index(indicator) if indicator in INDICATORS else len(INDICATORS), not _decides(card)


def _decides(card: Json) -> bool:
    """Whether a card is the deciding one, or says in its place what is said once for the whole answer."""
    return bool(data_of(card).get("decides") or "sources" in data_of(card))


def _leads(card: Json) -> bool:
    return _decides(card) or card.get("indicator") == "critical"


def _whole(card: Json, wording: Wording) -> Iterator[Line]:
    """All that a card says but the disclaimer, which stands once at the end; what it offers in one line."""
    once = {wording.phrase(DRAFT), wording.phrase(DISCLAIMER)}
    for paragraph in str(card.get("detail") or "").split("\n\n"):
        if paragraph not in once:
            yield Line(Text(without_marks(paragraph)), 4)
    if offers := [plain(str(suggestion.get("label"))) for suggestion in card.get("suggestions") or ()]:
        yield Line(Text(f"> {'; '.join(offers)}"), 4)


def _in_short(card: Json) -> Iterator[Line]:
    """The first sentence of a card; of one in which others are folded the title of each."""
    folded = [part for part in rules_in(card) if "summary" in part]
    if folded:
        yield from (Line(Text(f"- {plain(part['summary'])}  {part.get('rule', '')}"), 4) for part in folded)
    elif sentence := _first_sentence(str(card.get("detail") or "")):
        yield Line(Text(sentence), 4)


def _first_sentence(detail: str) -> str:
    for sentences in paragraphs(detail):
        if not _HEADING.match(sentences[0]):
            return without_marks(sentences[0]).strip()
    return ""


def _left_out(evaluation: Evaluation) -> Iterator[Line]:
    """What is counted here and told with ``--long``: silenced cards, remarks about data, what was not understood."""
    record, silenced = evaluation.chart.record, evaluation.decision.overruled
    if silenced:
        yield _soft(f"Not shown: {', '.join(f'{rule} (silenced by {by})' for rule, by in silenced)}.")
    if record.issues:
        codes = Counter(issue.code for issue in record.issues)
        yield _soft(f"Data remarks: {len(record.issues)} ({_counts(codes)}).")
    account = account_of(record, evaluation.book)
    yield _soft(account_text(account.resources))
    if account.not_understood:
        named = entries_text(account.not_understood, MOST_NOT_UNDERSTOOD)
        yield Line(Text(f"Not understood: {len(account.not_understood)}: {named}.", style="yellow"))


def _counts(codes: Counter[str]) -> str:
    return ", ".join(f"{code} {number}" if number > 1 else code for code, number in sorted(codes.items()))


def _end(evaluation: Evaluation) -> Iterator[Line]:
    """By which rules this was said, where the rest is, and what it is not."""
    book, rules = evaluation.book, [said.rule for said in evaluation.decision.said]
    yield _soft(f"{rulebook_text(book)}. {LONG}")
    yield Line(Text(book.wording.phrase(disclaimer_of(book, rules)), style="bold"))


def rulebook_text(book: RuleBook) -> str:
    """The rulebook with its version and the beginning of its hash, and its overlay where it has one."""
    overlay = f" with {book.overlay.name}" if book.overlay else ""
    return f"Rulebook {book.version}, sha256 {book.sha256[:12]}{overlay}"


def _soft(text: str) -> Line:
    return Line(Text(text, style="dim"))
