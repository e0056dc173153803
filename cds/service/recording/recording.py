"""What the service hands to the records: decisions, feedback, and the question which cards rest.

``Recording`` is the decision log, the feedback store and the cool-down of ``cds.service.state``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from anyio import CapacityLimiter, fail_after
from anyio.to_thread import run_sync

from cds.about import version
from cds.cluster.tokens import once_of
from cds.errors import CdsError
from cds.hooks.calls import Call
from cds.hooks.feedback import Feedback
from cds.jsontypes import Json
from cds.records.chain import WrittenBeforeError
from cds.records.entry import LogEntry, shown_of, utc_text
from cds.records.feedback_log import feedback_entry
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.service.answered_call import AnsweredCall
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal
from cds.service.observability.request_id import current_id
from cds.service.recording.gap import Gap
from cds.trust.caller import Caller, UntrustedError

REST_SECONDS = 2
"""How long it is waited for which cards rest."""
READERS = 4


class Recording:
    """Records what a service decides; ``now`` has a zone. ``request_kept``: whether raw requests are kept."""

    def __init__(
        self,
        records: Records,
        names: Pseudonyms,
        now: Callable[[], datetime],
        journal: Journal,
        *,
        request_kept: bool = True,
    ) -> None:
        self.records, self.names, self.now, self.journal = records, names, now, journal
        self._readers = CapacityLimiter(READERS)
        self._gap = Gap(lambda number: records.add_gap(number, now()), self._back)
        self.request_kept = request_kept

    async def write(self, decided: AnsweredCall) -> None:
        """Return when the decision is on the disk, and the token of its call used up; raises when it is not.

        Raises:
            UntrustedError: another process, or this one before it was started again, has seen the token.
            CdsError: it could not be written.

        """
        with self._told():
            number = await asyncio.wrap_future(
                self.records.add_decision(self.entry(decided), once_of(decided.caller.token))
            )
        call, decision = decided.call, decided.answered.evaluation.decision
        self.journal.write(
            "decision",
            number=number,
            service=call.service.id,
            hook=call.service.hook,
            outcome=decision.outcome,
            rule=decision.decided_by,
            cards=len(decided.cards),
            patient=self.names.patient(call.patient, decided.caller.tenant),
            left_out=" ".join(decided.left_out),
            shadowed=" ".join(decision.shadowed),
        )

    def entry(self, decided: AnsweredCall) -> LogEntry:
        """The decision as the log keeps it; the cards are those of the response, byte for byte."""
        call, caller, book = decided.call, decided.caller, decided.book
        decision = decided.answered.evaluation.decision
        return LogEntry(
            time=utc_text(decided.at),
            service=call.service.id,
            hook=call.service.hook,
            instance=call.instance,
            request_id=current_id.get(),
            client=caller.issuer,
            tenant=caller.tenant,
            patient=self.names.patient(call.patient, caller.tenant),
            user=self.names.user(call.user, caller.tenant),
            profile=caller.profile.name,
            program=version(),
            as_of=decided.day.isoformat(),
            rulebook_version=book.version,
            rulebook_sha256=book.sha256,
            off=tuple(sorted(book.off)),
            shadow=tuple(sorted(book.shadow)),
            reasons=dict(book.reasons),
            outcome=decision.outcome,
            decided_by=decision.decided_by,
            shadowed=decision.shadowed,
            left_out=decided.left_out,
            shown=shown_of(decided.cards),
            key=self.names.fingerprint,
            request_kept=self.request_kept,
            body=call.written().text,
            cards=decided.content,
        )

    async def keep(self, service: str, entries: Sequence[Feedback], caller: Caller) -> None:
        """Return when the feedback is on the disk, about cards that the caller was sent; comments are not kept."""
        told = [
            feedback_entry(
                *(one.card, one.outcome, one.at, service),
                suggestions=one.suggestions,
                reason=one.reason,
                comment=one.comment,
                client=caller.issuer,
                tenant=caller.tenant,
            )
            for one in entries
        ]
        with self._told():
            new = await asyncio.wrap_future(self.records.add_feedback(told, self.now(), once_of(caller.token)))
        self.journal.write("feedback", service=service, count=new)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Write into the journal that something could not be recorded, and why."""
        try:
            yield
        except WrittenBeforeError:
            raise UntrustedError("replay") from None
        except CdsError as error:
            self.journal.write("not-recorded", kind=error.code, problem=str(error))
            raise

    async def without_resting(self, cards: list[Json], call: Call, caller: Caller) -> list[Json]:
        """The cards without those that rest for this user and patient; all of them where that cannot be read.

        It is read in a thread of its own kind, and not waited for longer than a moment: a database that does not answer
        must not stop the calls of others.
        """
        patient, user = self.names.patient(call.patient, caller.tenant), self.names.user(call.user, caller.tenant)
        read = partial(self.records.rested, cards, patient, user, self.now())
        try:
            with fail_after(REST_SECONDS):
                return (await run_sync(read, abandon_on_cancel=True, limiter=self._readers)).cards
        except Exception as error:
            # To show a card once too often is better than to lose it.
            self.journal.write("cool-down-failed", kind=type(error).__name__)
            return cards

    def give_unkept(self, decided: AnsweredCall) -> AnsweredCall:
        """The decision, marked as not recorded; that it was given all the same is counted, for the log too."""
        self._gap.widen()
        self.journal.write("answered-not-recorded", service=decided.call.service.id)
        return decided._replace(recorded=False).with_content()

    def probe(self) -> None:
        """Look whether something can be written; when it can again, write down how many answers were not."""
        self.records.probe()
        if not self.records.trouble:
            self._gap.close()

    def _back(self, number: int) -> None:
        self.journal.write("records-back", count=number)

    def report(self) -> HealthReport:
        """That nothing can be recorded, and so nothing be answered; why, without anything of the database's URL."""
        trouble = self.records.trouble
        return HealthReport((f"the records cannot be written: {trouble}; calls are answered 503.",) if trouble else ())

    def warning(self) -> HealthReport:
        """The same where calls are answered all the same."""
        trouble = self.records.trouble
        text = f"the records cannot be written: {trouble}; calls are answered, and their answers not recorded."
        return HealthReport((), (text,) if trouble else ())
