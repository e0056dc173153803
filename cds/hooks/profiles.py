"""What clients can show: differences between EHR products as data.

Vendors and implementers report them in public; confirm each with the vendor before relying on it.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from cds.cards.closing import CLOSING, DISCLAIMER, DRAFT
from cds.cards.frames import OVERRIDE_REASONS
from cds.cards.override_reasons import Reason, offered
from cds.jsontypes import Json
from cds.rulebook.model import Wording


class Profile(NamedTuple):
    """What a client can show; empty means no limit.

    ``longest_detail`` is in characters; ``one_action`` splits suggestions so that each has one action;
    ``extension`` is added to the extension of every card. ``reasons`` are offered for overriding a card in place of the
    usual ones.
    """

    name: str
    hooks: tuple[str, ...] = ()
    longest_detail: int | None = None
    one_action: bool = False
    extension: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Reason, ...] = ()


GENERIC = Profile("generic")
EPIC_MARKDOWN = ("com.epic.cdshooks.card.detail.content-type", "text/markdown")
PROFILES = {
    profile.name: profile
    for profile in (
        GENERIC,
        # One action for each suggestion; the kind of text is said by an extension of the card.
        Profile("epic", one_action=True, extension=(EPIC_MARKDOWN,)),
        # patient-view only; a sidebar of about an eighth of the screen.
        Profile("cerner", hooks=("patient-view",), longest_detail=700),
    )
}


def with_reasons_of(profile: Profile, answer: bytes) -> Profile:
    """The profile with the reasons that a recorded answer offered: those are of the configuration of that time."""
    cards = orjson.loads(answer)["cards"] if answer else []
    if not cards or cards[0]["overrideReasons"] == OVERRIDE_REASONS:
        return profile
    listed = cards[0]["overrideReasons"]
    return profile._replace(reasons=tuple(Reason(one["code"], one["display"], "", one["system"]) for one in listed))


def shaped(cards: list[Json], profile: Profile, wording: Wording) -> list[Json]:
    """The cards, worded like this, as the client can show them; the same list where it has no limits."""
    return cards if profile == GENERIC else [_shaped(card, profile, wording) for card in cards]


def _shaped(card: Json, profile: Profile, wording: Wording) -> Json:
    changed = {**card, "detail": _short(card["detail"], profile.longest_detail, wording)}
    if profile.extension:
        changed["extension"] = {**card["extension"], **dict(profile.extension)}
    if profile.reasons:
        changed["overrideReasons"] = offered(profile.reasons)
    if profile.one_action and "suggestions" in card:
        changed["suggestions"] = [part for suggestion in card["suggestions"] for part in _single(suggestion)]
    return changed


def _single(suggestion: Json) -> list[Json]:
    """A suggestion for each action; ours have one, and keep their uuid."""
    actions = suggestion["actions"]
    if len(actions) == 1:
        return [suggestion]
    return [{**suggestion, "label": action["description"], "actions": [action]} for action in actions]


def _short(detail: str, longest: int | None, wording: Wording) -> str:
    """The detail with whole paragraphs left out until it fits, the last ones first; one of the rule's text stays."""
    paragraphs = detail.split("\n\n")
    while longest is not None and sum(map(len, paragraphs)) > longest:
        loose = [number for number, text in enumerate(paragraphs) if _is_loose(text, wording)]
        if len(loose) < 2:
            break
        del paragraphs[loose[-1]]
    return "\n\n".join(paragraphs)


def _is_loose(paragraph: str, wording: Wording) -> bool:
    """Whether a paragraph may be left out: one of the rule's text alone.

    Never one with a heading (the values that a card turns on, what is unknown, what was not used, a point of a folded
    card), nor when a medicine is taken, the rule with its sources, and the disclaimer.
    """
    rule = wording.phrase(CLOSING).partition("{}")[0]
    kept = ("**", "- ", rule, wording.phrase(DRAFT), wording.phrase(DISCLAIMER))
    return not paragraph.startswith(kept)
