"""The body of a call -> the text of its answer: read, completed, worked out or remembered, recorded, counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import anyio
from anyio.to_thread import run_sync

from cds.hooks.answering import Answered, answered
from cds.hooks.calls import Call, call_of, read_body
from cds.hooks.refusal import RefusedError
from cds.hooks.services import CdsService
from cds.intake.json_text import Parsed
from cds.rulebook.model import RuleBook
from cds.service.answered_call import AnsweredCall
from cds.service.bounds.bodies import LARGE_BYTES
from cds.service.recording.keeping import kept
from cds.service.response_cache import cache_key
from cds.service.state import Service
from cds.trust.caller import Caller


async def answer(service: Service, raw: bytes, asked: CdsService, book: RuleBook, caller: Caller) -> bytes:
    """The text of the answer to the body of a call; it is given only after the decision was kept.

    Raises:
        RefusedError: the body is no call of this service, or it cannot be answered now.

    """
    day = service.today()
    call, found = await _found(service, raw, asked, book, caller, day)
    cards = found.cards
    if service.cool_down is not None:
        cards = await service.cool_down.without_resting(cards, call, caller)
    decided = AnsweredCall(call, found, cards, caller, book, day, service.now()).with_content()
    if service.decisions is not None:
        with service.span("record"):
            decided = await kept(service, service.decisions, decided)
    _count(service, decided)
    return decided.content


async def _found(
    service: Service, raw: bytes, asked: CdsService, book: RuleBook, caller: Caller, day: date
) -> tuple[Call, Answered]:
    """The call with its body as text, and its answer, remembered or worked out; what it was read as is gone then."""
    body = await _read(raw)
    sent = call_of(body.data, asked, body.written)
    call = await _completed(service, sent, book, caller)
    key = cache_key(call, book, day, caller.profile)
    found = service.response_cache.get(key)
    if found is None:
        at_once = len(raw) <= LARGE_BYTES and call.body is sent.body
        found = await _worked_out(service, partial(answered, call, book, day, caller.profile), at_once=at_once)
        if len(raw) <= LARGE_BYTES:
            service.response_cache.put(key, found)
    return call.as_text(), found


async def _read(raw: bytes) -> Parsed:
    """The JSON value of a body; a large one is read in a thread."""
    return read_body(raw) if len(raw) <= LARGE_BYTES else await run_sync(read_body, raw)


async def _completed(service: Service, call: Call, book: RuleBook, caller: Caller) -> Call:
    """The call with what could be fetched for it, without its access."""
    if service.completion is not None:
        with service.span("fetch"):
            call = await service.completion.complete(call, caller, book)
    return call.written()


async def _worked_out(service: Service, work: Callable[[], Answered], *, at_once: bool) -> Answered:
    """The answer: of a usual call at once, which takes less than the way to a thread and back."""
    with service.span("evaluate"):
        found = (work() if at_once else await _in_thread(service, work)).without_data()
    return found if service.card_ids is None else found._replace(cards=service.card_ids.keyed(found.cards))


async def _in_thread(service: Service, work: Callable[[], Answered]) -> Answered:
    """A long piece of work in a thread, one at a time, so that the others are answered meanwhile.

    Raises:
        RefusedError: 503 when it takes too long; the thread is left to end by itself.

    """
    try:
        with anyio.fail_after(service.settings.limits.answer_seconds):
            return await run_sync(work, abandon_on_cancel=True, limiter=service.threads)
    except TimeoutError:
        raise RefusedError(503, "The answer took too long. Send less.", {"Retry-After": "10"}) from None


def _count(service: Service, decided: AnsweredCall) -> None:
    if service.metrics is not None:
        service.metrics.count_call(decided)
    if service.telemetry is not None:
        service.telemetry.count_call(decided.answered.evaluation.decision.outcome)
