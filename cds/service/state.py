"""What the application works with: one object that is filled at start; everything optional is off while it is None.

The protocols below, and the keyed ids of cards, are all that the service asks of the records.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Protocol

from anyio import CapacityLimiter

from cds.hooks.calls import Call
from cds.hooks.feedback import Feedback
from cds.jsontypes import Json
from cds.records.card_ids import CardIds
from cds.rulebook.model import RuleBook
from cds.service.access.certificate import Certificate
from cds.service.access.denials import Denials
from cds.service.answered_call import AnsweredCall
from cds.service.bounds.bodies import Bodies
from cds.service.bounds.limits import ConcurrencyLimit, RateLimiter
from cds.service.bounds.memory import MemoryBound
from cds.service.configuration.settings import Settings, networks_of
from cds.service.observability.health import Health, HealthReport
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.observability.telemetry.telemetry import Telemetry
from cds.service.response_cache import ResponseCache
from cds.service.rulebooks import CurrentRulebook
from cds.service.switches import Switches
from cds.trust.caller import Caller, UsedToken
from cds.trust.completion import Completion
from cds.trust.fetching import Fetcher
from cds.trust.tokens import Verifier

NO_SPAN: AbstractContextManager[None] = nullcontext()


class DecisionLog(Protocol):
    """Keeps every decision."""

    async def write(self, decided: AnsweredCall) -> None:
        """Return when the record is kept; the answer is sent only then. What it raises refuses the answer."""

    def give_unkept(self, decided: AnsweredCall) -> AnsweredCall:
        """The decision as it may be given although it could not be kept."""


class FeedbackStore(Protocol):
    """Keeps feedback."""

    async def keep(self, service: str, entries: Sequence[Feedback], caller: Caller) -> None:
        """Return when the entries are kept; equal ones count once."""


class RateBound(Protocol):
    """Bounds how many calls each issuer makes."""

    async def take(self, issuer: str) -> None:
        """Take one call. Raises RefusedError: 429, or 503 where that cannot be told."""


class CoolDown(Protocol):
    """Knows which cards a user has put aside for a while."""

    async def without_resting(self, cards: list[Json], call: Call, caller: Caller) -> list[Json]:
        """The cards that may be shown to this user now."""


@dataclass
class Service:
    """Everything that the routes need.

    ``current`` is the rulebook that the page shows, and the only one unless there are ``others``.
    ``use_up`` uses up a token for every process of the service; WrittenBeforeError where one has seen it.
    ``before`` are awaited, in their order, before the first call is taken.
    ``tasks`` run while the application does (watching switches, reloading) and are cancelled when it ends; then
    ``closers`` are awaited, in their order. ``checks`` report on what a call needs beside the rules, for ``/readyz``.
    """

    current: CurrentRulebook
    settings: Settings = field(default_factory=Settings)
    others: tuple[CurrentRulebook, ...] = ()
    today: Callable[[], date] = date.today
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    authenticator: Verifier | None = None
    fetcher: Fetcher | None = None
    completion: Completion | None = None
    decisions: DecisionLog | None = None
    feedback: FeedbackStore | None = None
    cool_down: CoolDown | None = None
    use_up: Callable[[UsedToken], Future[None]] | None = None
    card_ids: CardIds | None = None
    metrics: Metrics | None = None
    switches: Switches | None = None
    journal: Journal | None = None
    health: Health | None = None
    telemetry: Telemetry | None = None
    certificate: Certificate | None = None
    rate_limiter: RateBound | None = None
    before: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    tasks: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    checks: list[Callable[[], HealthReport]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The limits of the settings, and what follows from them."""
        limits = self.settings.limits
        self.profiles = self.settings.profiles
        self.denials = Denials(lambda: self.journal, lambda: self.metrics)
        self.proxies = networks_of(self.settings.trusted_proxies)
        self.concurrency = ConcurrencyLimit(limits.calls_at_once, self.settings.seats_of_one)
        self.concurrency.share(self.settings.workers)
        self.threads = CapacityLimiter(1)
        self.bodies = Bodies(limits, MemoryBound(limits.memory_bytes))
        self.response_cache = ResponseCache(limits.repeat_seconds)
        if limits.calls_per_second is not None and self.rate_limiter is None:
            workers = self.settings.workers
            self.rate_limiter = RateLimiter(limits.calls_per_second / workers, max(1, limits.burst // workers))

    @property
    def rulebooks(self) -> tuple[CurrentRulebook, ...]:
        """All that are served."""
        return (self.current, *self.others)

    @property
    def books(self) -> tuple[RuleBook, ...]:
        """The rulebooks in use, with the switches of now."""
        books = tuple(one.book for one in self.rulebooks)
        return books if self.switches is None else tuple(map(self.switches.applied, books))

    @property
    def book(self) -> RuleBook:
        """The first of them."""
        return self.books[0]

    def span(self, name: str) -> AbstractContextManager[None]:
        """What a part of a call stands in: a span of that name, or nothing while there is no telemetry."""
        return NO_SPAN if self.telemetry is None else self.telemetry.span(name)
