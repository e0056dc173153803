"""What the application works with: one object that is filled at start; everything optional is off while it is None.

Other rooms plug in here: a decision log, a feedback store, a cool-down, metrics, a journal, switches.
The protocols below are all that the service asks of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from anyio import CapacityLimiter

from cds.bookshelf import samples_folder
from cds.hooks.answering import Answered
from cds.hooks.envelope import Call
from cds.hooks.feedback import Feedback
from cds.rulebook.model import RuleBook
from cds.service.limits import ConcurrencyLimit, RateLimiter
from cds.service.response_cache import ResponseCache
from cds.service.settings import Settings
from cds.trust.caller import Caller

Json = dict[str, Any]


class Decided(NamedTuple):
    """One answered call, whole: enough to answer it again.

    ``call.body`` is the request without ``fhirAuthorization``, with everything in its prefetch that was fetched for it:
    ``answered(call, book, day, caller.profile)`` gives the same cards. ``cards`` are those that were shown.
    """

    call: Call
    answered: Answered
    cards: list[Json]
    caller: Caller
    book: RuleBook
    day: date
    at: datetime

    @property
    def left_out(self) -> tuple[str, ...]:
        """The topics of the cards that rest."""
        kept = {card["uuid"] for card in self.cards}
        return tuple(card["source"]["topic"]["code"] for card in self.answered.cards if card["uuid"] not in kept)

    def response(self) -> Json:
        """The body of the answer, as it is sent and recorded."""
        return self.answered.response(self.left_out)


class HealthReport(NamedTuple):
    """How a part of the service is: why the service may not be asked, and what an operator should look at meanwhile.

    ``/readyz`` is open: a text names no patient, no secret, and no URL but the names of issuers.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class DecisionLog(Protocol):
    """Keeps every decision."""

    async def write(self, decided: Decided) -> None:
        """Return when the record is kept; the answer is sent only then. What it raises refuses the answer."""


class FeedbackStore(Protocol):
    """Keeps feedback."""

    async def keep(self, service: str, entries: Sequence[Feedback], caller: Caller) -> None:
        """Return when the entries are kept; equal ones count once."""


class CoolDown(Protocol):
    """Knows which cards a user has put aside for a while."""

    async def without_resting(self, cards: list[Json], call: Call, caller: Caller) -> list[Json]:
        """The cards that may be shown to this user now."""


class Metrics(Protocol):
    """Counts."""

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one request; ``endpoint`` is the template of its path, never the path."""

    def decided(self, decided: Decided) -> None:
        """Count one decision."""

    def exposition(self) -> tuple[bytes, str]:
        """All figures, and their content type."""


class Health(Protocol):
    """Says how the service is; each answer is an HTTP status and a JSON body."""

    def livez(self) -> tuple[int, Json]:
        """Whether the process answers."""

    def readyz(self) -> tuple[int, Json]:
        """Whether it may be asked."""

    def version(self) -> tuple[int, Json]:
        """The versions of program and rulebook."""

    def poll(self) -> None:
        """Test again."""


class Switches(Protocol):
    """Rules that are off or in shadow."""

    def applied(self, book: RuleBook) -> RuleBook:
        """The rulebook with the switches of now; the same object as long as nothing changes."""


class Journal(Protocol):
    """Structured logs: no field of it may hold patient data or a token."""

    def write(self, event: str, **fields: str | float) -> None:
        """Write one event."""


class Authenticator(Protocol):
    """Verifies callers."""

    async def authenticate(self, authorization: str | None, path: str) -> Caller:
        """The caller; ``path`` is that of the endpoint below the public URL. Raises RefusedError 401 or 429."""


class Completion(Protocol):
    """Fetches what the prefetch lacks."""

    async def complete(self, call: Call, caller: Caller, book: RuleBook) -> Call:
        """The call with what could be fetched in its prefetch; never raises for a server that fails."""


class CurrentRulebook:
    """Holds the rulebook that is in use; ``book`` may be replaced at any time, calls under way keep theirs."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book


@dataclass
class Service:
    """Everything that the routes need.

    ``samples`` is the folder of the sample patients that stand beside the rules: by them the rules are tested.
    ``tasks`` run while the application does (watching switches, reloading) and are cancelled when it ends; then
    ``closers`` are awaited, in their order. ``checks`` report on what a call needs beside the rules, for ``/readyz``.
    """

    current: CurrentRulebook
    settings: Settings = field(default_factory=Settings)
    today: Callable[[], date] = date.today
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    authenticator: Authenticator | None = None
    completion: Completion | None = None
    decisions: DecisionLog | None = None
    feedback: FeedbackStore | None = None
    cool_down: CoolDown | None = None
    metrics: Metrics | None = None
    switches: Switches | None = None
    journal: Journal | None = None
    health: Health | None = None
    rate_limiter: RateLimiter | None = None
    samples: Path = field(default_factory=samples_folder)
    tasks: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    checks: list[Callable[[], HealthReport]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The limits of the settings."""
        limits = self.settings.limits
        self.concurrency = ConcurrencyLimit(limits.calls_at_once)
        self.threads = CapacityLimiter(1)
        self.response_cache = ResponseCache(limits.repeat_seconds)
        if limits.calls_per_second is not None and self.rate_limiter is None:
            self.rate_limiter = RateLimiter(limits.calls_per_second, limits.burst)

    @property
    def book(self) -> RuleBook:
        """The rulebook in use, with the switches of now."""
        book = self.current.book
        return book if self.switches is None else self.switches.applied(book)
