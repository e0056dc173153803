"""From one card for each rule to the cards that are shown: some rules join in one, and little information is folded.

Beside the deciding card and the critical ones at most three stand whole. Only information is folded; a card that is
joined of several rules never is. Which rules join, and which are folded first, say the rule files (precedence.yaml).
"""

from __future__ import annotations

from cds.cards.behind import names_behind
from cds.cards.called import Calls
from cds.cards.closing import closing_of
from cds.cards.filling import LONGEST_NAME, Filling
from cds.cards.frames import card_about, data_of
from cds.cards.hours import hours_of
from cds.cards.wording import escaped, inert
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.rulebook.model import LONGEST_SUMMARY, JoinedCard, ProductTerm, RuleBook, Wording
from cds.rulebook.model.placeholder import paragraphs

MOST_WHOLE = 3
"""How many cards stand whole beside the deciding one and the critical ones."""
ALSO_REVIEW = "ALSOREVIEW"
WIDE = ("。", "！", "？")
INDICATORS = ("critical", "warning", "info")


def folded(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards as they are shown: those of some rules as one, and too many for information folded into one.

    A single card too many stays as it is.
    """
    for card in evaluation.book.cards.joined:
        cards = _with_joined(cards, card, evaluation)
    extra = _too_many(cards, evaluation)
    if len(extra) < 2:
        return cards
    whole = [card for card in cards if card not in extra]
    last = [card for card in whole if data_of(card).get("rule") in evaluation.book.cards.stands_last]
    return [*(card for card in whole if card not in last), _also_review(extra, evaluation), *last]


def _too_many(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards for information beyond those that may stand whole, in their order."""
    others = [card for card in cards if card["indicator"] != "critical" and not data_of(card).get("decides")]
    first = {rule: place for place, rule in enumerate(evaluation.book.cards.folded_first)}
    last = evaluation.book.cards.stands_last
    info = [(data_of(card).get("rule"), place) for place, card in enumerate(others) if card["indicator"] == "info"]
    can_go = [(first.get(rule, len(first)), -place) for rule, place in info if rule and rule not in last]
    places = [-place for _, place in sorted(can_go)[: max(0, len(others) - MOST_WHOLE)]]
    return [others[place] for place in sorted(places)]


def _with_joined(cards: list[Json], joined: JoinedCard, evaluation: Evaluation) -> list[Json]:
    """The cards with those of some rules as one, where the first of them stands; the deciding one stays alone."""
    parts = [card for card in cards if data_of(card).get("rule") in joined.rules and not data_of(card).get("decides")]
    if len(parts) < 2:
        return cards
    card = _joined(parts, joined, evaluation)
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
    return card_about(evaluation, *about, data=data, **_actions(parts))


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


def _actions(cards: list[Json]) -> Json:
    """The links and suggestions of several cards."""
    suggestions = [suggestion for card in cards for suggestion in card.get("suggestions", ())]
    links = {link["url"]: link for card in cards for link in card.get("links", ())}
    more: Json = {"links": list(links.values())} if links else {}
    if suggestions:
        more |= {"suggestions": suggestions, "selectionBehavior": "any"}
    return more


def _also_review(cards: list[Json], evaluation: Evaluation) -> Json:
    summary = _summary([card["source"]["topic"]["display"] for card in cards], evaluation.book.wording)
    detail = "\n\n".join(f"### {card['summary']}\n\n{card['detail']}" for card in cards)
    data = {"folded": [{"summary": card["summary"], **data_of(card)} for card in cards]}
    return card_about(evaluation, ALSO_REVIEW, "Also review", "info", summary, detail, data=data, **_actions(cards))


def _summary(titles: list[str], wording: Wording) -> str:
    """As many titles as fit."""
    shown = [_inside_a_sentence(title) for title in titles]
    for count in range(len(shown), 0, -1):
        rest, told = len(shown) - count, wording.series("{}; {}", shown[:count])
        listed = wording.filled("{}; and {} more", told, str(rest)) if rest else told
        text = wording.filled("Also review: {}.", listed)
        if len(text) <= LONGEST_SUMMARY:
            return text
    return wording.filled("Also review: {} further points.", str(len(shown)))


def _inside_a_sentence(title: str) -> str:
    """The title with a small first letter, unless it begins with an abbreviation such as CKD or HIV."""
    abbreviated = title[1:2].isupper() or title[1:2].isdigit()
    return title if abbreviated else title[:1].lower() + title[1:]
