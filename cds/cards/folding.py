"""From one card for each rule to fewer: those of some rules join in one, and information beyond a number is folded.

Beside the deciding card and the critical ones at most three stand whole. Only information is folded; a card that is
joined of several rules never is. Which rules join, and which are folded first, say the rule files (precedence.yaml).
"""

from __future__ import annotations

from cds.cards.also_review import actions_of, also_review, whole_point
from cds.cards.behind import names_behind
from cds.cards.called import Calls
from cds.cards.closing import closing_of
from cds.cards.drafts import associated, with_orders_named
from cds.cards.filling import LONGEST_NAME, Filling
from cds.cards.frames import card_about, data_of
from cds.cards.hours import hours_of
from cds.cards.wording import escaped, inert
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.rulebook.model import LONGEST_SUMMARY, JoinedCard, ProductTerm, RuleBook
from cds.rulebook.model.placeholder import paragraphs

MOST_WHOLE = 3
"""How many cards stand whole beside the deciding one and the critical ones."""
WIDE = ("。", "！", "？")
INDICATORS = ("critical", "warning", "info")


def folded(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards as a reader sees them who has room: those of some rules as one, too many for information folded.

    A single card too many stays as it is. What fits on the screen of a client is less (``cds.cards.fitting``).
    """
    cards = joined(cards, evaluation)
    others, can_go = can_be_folded(cards, evaluation)
    extra = can_go[: max(0, len(others) - MOST_WHOLE)]
    if len(extra) > 1:
        points = [card for card in cards if card in extra]
        cards = with_folded(cards, extra, also_review(points, map(whole_point, points), evaluation), evaluation)
    return with_orders_named(cards, evaluation.book) if evaluation.chart.record.drafts else cards


def joined(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards with those of some rules as one."""
    for card in evaluation.book.cards.joined:
        cards = _with_joined(cards, card, evaluation)
    return cards


def can_be_folded(cards: list[Json], evaluation: Evaluation) -> tuple[list[Json], list[Json]]:
    """The cards that are neither critical nor lead; those of them for information, the first to be folded first."""
    others = [card for card in cards if card["indicator"] != "critical" and not _leads(card)]
    first = {rule: place for place, rule in enumerate(evaluation.book.cards.folded_first)}
    last = evaluation.book.cards.stands_last
    info = [(data_of(card).get("rule"), place) for place, card in enumerate(others) if card["indicator"] == "info"]
    can_go = sorted((first.get(rule, len(first)), -place) for rule, place in info if rule and rule not in last)
    return others, [others[-place] for _, place in can_go]


def _leads(card: Json) -> bool:
    """Whether a card decides, or says for the whole answer what is not known and was not used."""
    return bool(data_of(card).get("decides") or "sources" in data_of(card))


def with_folded(cards: list[Json], extra: list[Json], one: Json, evaluation: Evaluation) -> list[Json]:
    """The cards with one in place of the extra ones, before what stands last."""
    whole = [card for card in cards if card not in extra]
    last = [card for card in whole if data_of(card).get("rule") in evaluation.book.cards.stands_last]
    return [*(card for card in whole if card not in last), one, *last]


def _with_joined(cards: list[Json], about: JoinedCard, evaluation: Evaluation) -> list[Json]:
    """The cards with those of some rules as one, where the first of them stands; the deciding one stays alone."""
    parts = [card for card in cards if data_of(card).get("rule") in about.rules and not data_of(card).get("decides")]
    if len(parts) < 2:
        return cards
    card = _joined(parts, about, evaluation)
    return [card if one is parts[0] else one for one in cards if one is parts[0] or one not in parts]


def _joined(parts: list[Json], joined: JoinedCard, evaluation: Evaluation) -> Json:
    rules = [data_of(part)["rule"] for part in parts]
    indicator = min((part["indicator"] for part in parts), key=INDICATORS.index)
    filling = Filling(evaluation, Calls(evaluation.chart.record))
    lines = [line for part in parts for line in _lines(part, filling)]
    said = dict.fromkeys(sentence for part in parts for sentence in _own_sentences(part, evaluation.book))
    closing = closing_of(evaluation.book, rules)
    detail = "\n\n".join(filter(None, ["\n".join(dict.fromkeys(lines)), "".join(said).strip(), closing]))
    data = {"joined": [{"summary": part["summary"], **data_of(part)} for part in parts]}
    code = f"JOINED{''.join(joined.rules)}".replace("-", "")
    about = (code, joined.name, indicator, _names_in_title(joined, rules, filling), detail)
    card = card_about(evaluation, *about, data=data, **actions_of(parts))
    card["extension"] |= associated(parts)
    return card


def _lines(card: Json, filling: Filling) -> list[str]:
    """A line for each medicine on record of which the rule of a card tells the hours; else its title."""
    hours = hours_of(filling, filling.book.rules[data_of(card)["rule"]].card)
    return list(map(str, hours)) or [f"- {escaped(card['summary'], LONGEST_SUMMARY)}"]


def _own_sentences(card: Json, book: RuleBook) -> list[str]:
    """What the rule itself says in a card: without lists, without what it is based on, and without its closing."""
    closing = closing_of(book, [data_of(card)["rule"]])
    own: list[str] = []
    for paragraph in card["detail"].split("\n\n"):
        if paragraph.startswith(("**", closing)):
            break
        if not paragraph.startswith("- "):
            own += [_spaced(sentence.strip()) for sentences in paragraphs(paragraph) for sentence in sentences]
    return own


def _spaced(sentence: str) -> str:
    """A sentence with the space behind it; after a sign that has its own there is none."""
    return sentence if sentence.endswith(WIDE) else f"{sentence} "


def _names_in_title(joined: JoinedCard, rules: list[str], filling: Filling) -> str:
    """The title with what the record calls the things that the rules are about, as many as fit."""
    book, wording = filling.book, filling.book.wording
    conditions = [part.finding for rule in rules for part in book.rules[rule].when.parts]
    entries = [entry for name in conditions for entry in names_behind(filling.evaluation, filling.calls, name)]
    named = (inert(name, LONGEST_NAME) for term, name, _ in entries if not isinstance(book.terms[term], ProductTerm))
    names = list(dict.fromkeys(named))
    for count in range(len(names), 0, -1):
        more, told = len(names) - count, wording.series("{}, {}", names[:count])
        listed = wording.filled("{} and {} more", told, str(more)) if more else told
        title = wording.filled("{} {}.", joined.title, listed)
        if len(title) <= LONGEST_SUMMARY:
            return title
    return wording.filled("{}.", joined.name)
