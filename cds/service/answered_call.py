"""A call that was answered, and everything that its answer follows from."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import orjson

from cds.hooks.answering import Answered
from cds.hooks.calls import Call
from cds.hooks.not_recorded import not_recorded
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook
from cds.trust.caller import Caller


class AnsweredCall(NamedTuple):
    """One answered call, whole: enough to answer it again.

    ``call.text`` is the request without ``fhirAuthorization``, with everything in its prefetch that was fetched for it:
    ``answered`` of it, the rulebook, the day and the profile gives the same cards. ``cards`` are those that were shown.
    An answer that could not be recorded says so.
    """

    call: Call
    answered: Answered
    cards: list[Json]
    caller: Caller
    book: RuleBook
    day: date
    at: datetime
    recorded: bool = True
    content: bytes = b""
    """The body of the answer as it is sent and recorded, once it was written."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """The topics of the cards that rest."""
        kept = {card["uuid"] for card in self.cards}
        return tuple(card["source"]["topic"]["code"] for card in self.answered.cards if card["uuid"] not in kept)

    def response(self) -> Json:
        """The body of the answer."""
        answer = self.answered.response(self.left_out)
        return answer if self.recorded else not_recorded(answer, self.book)

    def with_content(self) -> AnsweredCall:
        """The same with its content, from what it says now."""
        return self._replace(content=orjson.dumps(self.response()))
