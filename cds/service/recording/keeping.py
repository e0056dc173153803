"""A decision is kept before it is given; where it cannot be, the operator has chosen what becomes of the call.

``when not recorded: refuse`` answers 503. ``answer`` gives the decision all the same, and says so: in the answer, on
its deciding card, in the journal and in the metrics.
"""

from __future__ import annotations

from cds.hooks.refusal import RefusedError
from cds.service.answered_call import AnsweredCall
from cds.service.bounds.limits import recorded_or_503
from cds.service.state import DecisionLog, Service

UNAVAILABLE = 503
NOT_RECORDED = "The decision could not be recorded, so it is not given."


async def kept(service: Service, log: DecisionLog, decided: AnsweredCall) -> AnsweredCall:
    """The decision when it is on the disk; where it cannot be, marked as not recorded if it may be given so.

    Raises:
        RefusedError: 503, unless the configuration says ``when not recorded: answer``; 401 for a token that was used.

    """
    try:
        with recorded_or_503(NOT_RECORDED, service.settings.limits.record_seconds):
            await log.write(decided)
    except RefusedError as error:
        if service.settings.when_not_recorded == "refuse" or error.status != UNAVAILABLE:
            raise
        return log.give_unkept(decided)
    return decided
