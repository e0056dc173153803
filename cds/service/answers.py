"""A checked call -> the text of its answer: completed, worked out or remembered, recorded, counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import anyio
from anyio.to_thread import run_sync

from cds.hooks.answering import Answered, answered
from cds.hooks.calls import Call
from cds.hooks.refusal import RefusedError
from cds.rulebook.model import RuleBook
from cds.service.answered_call import AnsweredCall
from cds.service.bounds.bodies import LARGE_BYTES
from cds.service.recording.keeping import kept
from cds.service.response_cache import cache_key
from cds.service.state import Service
from cds.trust.caller import Caller


async def answer(service: Service, call: Call, book: RuleBook, caller: Caller, size: int) -> bytes:
    """The text of the answer to a call whose body had so many bytes; it is given only after the decision was kept."""
    day = service.today()
    whole = await _completed(service, call, book, caller)
    key = cache_key(whole, book, day, caller.profile)
    found = service.response_cache.get(key)
    if found is None:
        work = partial(answered, whole, book, day, caller.profile)
        found = await _worked_out(service, work, at_once=size <= LARGE_BYTES and whole.body is call.body)
        if size <= LARGE_BYTES:  # an answer holds what its call was read as
            service.response_cache.put(key, found)
    cards = found.cards
    if service.cool_down is not None:
        cards = await service.cool_down.without_resting(cards, whole, caller)
    decided = AnsweredCall(whole, found, cards, caller, book, day, service.now()).with_content()
    if service.decisions is not None:
        with service.span("record"):
            decided = await kept(service, service.decisions, decided)
    _count(service, decided)
    return decided.content


async def _completed(service: Service, call: Call, book: RuleBook, caller: Caller) -> Call:
    """The call with what could be fetched for it, without its access."""
    if service.completion is not None:
        with service.span("fetch"):
            call = await service.completion.complete(call, caller, book)
    return call.written()


async def _worked_out(service: Service, work: Callable[[], Answered], *, at_once: bool) -> Answered:
    """The answer: of a usual call at once, which takes less than the way to a thread and back."""
    with service.span("evaluate"):
        found = work() if at_once else await _in_thread(service, work)
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
