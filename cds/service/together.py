"""What a process of the service does with the others, through the database of the records: tokens, rates and seats."""

from __future__ import annotations

import asyncio
from functools import partial

from cds.cluster.clocks import ClockWatch
from cds.cluster.members import BEAT_SECONDS, Members
from cds.cluster.rates import bucket_of
from cds.cluster.tokens import use_up
from cds.records.records import Records
from cds.service.bounds.shared_rates import SharedRateLimiter
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal
from cds.service.reload import every
from cds.service.state import Service

FAR_SECONDS = 5.0
"""A clock that is further from that of the database should be looked at."""
FULL = "more tokens are in use than are remembered; calls are refused until some have ended."


def work_together(service: Service, records: Records, journal: Journal) -> None:
    """Let the process share tokens, rates and seats with all that have the same records, before its first call."""
    clock = ClockWatch(lambda seconds: journal.write("clock-jumped", seconds=round(seconds, 3)))
    members, limits = Members(records, clock), service.settings.limits

    def beat() -> None:
        members.beat()
        service.concurrency.share(members.together.live)
        if service.authenticator is not None:
            service.authenticator.forgotten = members.together.forgotten
            service.authenticator.full = members.together.full

    service.use_up = partial(use_up, records)
    if limits.calls_per_second is not None:
        service.rate_limiter = SharedRateLimiter(
            records, bucket_of(limits.calls_per_second, limits.burst), limits.answer_seconds
        )
    service.before.append(partial(asyncio.to_thread, beat))
    service.tasks.append(partial(every, BEAT_SECONDS, beat, journal))
    service.closers.append(partial(asyncio.to_thread, members.leave))
    service.checks.append(partial(report, clock, members, service.settings.leeway_seconds))


def report(clock: ClockWatch, members: Members, leeway: float) -> HealthReport:
    """Whether the clock of this host is right, as far as can be told, and whether tokens can be remembered."""
    problems, warnings, far = [], [], abs(clock.difference)
    differs = f"the clock of this host and that of the database differ by {far:.0f} seconds"
    if far > max(leeway, FAR_SECONDS):
        problems.append(f"{differs}, and 'leeway seconds' allows {leeway:g}: tokens cannot be judged.")
    elif far > FAR_SECONDS:
        warnings.append(f"{differs}. Set the clock right.")
    if clock.jump:
        warnings.append(f"the clock of this host jumped by {clock.jump:+.0f} seconds in the last minutes.")
    if members.together.full:
        problems.append(FULL)
    return HealthReport(tuple(problems), tuple(warnings))
