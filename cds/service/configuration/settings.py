"""The configuration of the service as a typed value; every number has its unit in its name."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from cds.hooks.profiles import PROFILES, Profile
from cds.hooks.services import USUAL
from cds.rulebook.model.topic import Hook
from cds.rulebook.shape import Shape
from cds.service.configuration.reason_settings import CODE, Reasons, reasons_of
from cds.trust.networks import AddressRules, Network, host_name

OPEN_TO_ALL = "off, and I know that whoever reaches this address can call it"
Algorithm = Literal["ES384", "RS384", "ES256", "RS256"]
ProfileName = Literal["generic", "epic", "cerner"]


def as_tuple(value: object) -> tuple[object, ...]:
    """One or several of something: what is no list is the only one."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks that were checked when the configuration was read."""
    return tuple(map(ipaddress.ip_network, texts))


def as_folders(value: object) -> object:
    """One or several folders of rules: a text is a folder without an overlay."""
    return tuple({"folder": one} if isinstance(one, (str, Path)) else one for one in as_tuple(value))


URL, ORIGIN, SHA256 = r"^https?://[^\s/?#@]+(?:/[^\s?#]*)?$", r"^https?://[^\s/?#@*]+$", r"^[0-9a-f]{64}$|^$"
DAYS = r"^[1-9]\d{0,4} days?$"
FORMS = {
    URL: "https://HOST/PATH, without user, query or fragment",
    ORIGIN: "https://HOST, without path, closing slash or '*'",
    SHA256: "64 hexadecimal digits in small letters",
    CODE: "at most 64 letters, digits, '.', '_' and '-'",
    DAYS: "a number of days, like '90 days'",
}
"""What each pattern asks for, in words."""
Url = Annotated[str, Field(pattern=URL)]
Origin = Annotated[str, Field(pattern=ORIGIN)]
OneOrMoreHashes = Annotated[tuple[Annotated[str, Field(pattern=SHA256)], ...], BeforeValidator(as_tuple)]
NameText = Annotated[str, Field(min_length=1, max_length=256)]
OneOrMoreNames = Annotated[tuple[NameText, ...], BeforeValidator(as_tuple)]


class Listen(Shape):
    """Where the service listens."""

    host: NameText = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class IssuerSettings(Shape):
    """A client that may call, and where its public keys are: in a file, or behind a URL of this configuration.

    ``jku`` are the key set URLs that its tokens may name, beside ``keys url``; they are compared and never fetched.
    """

    issuer: NameText
    keys_file: Path | None = None
    keys_url: Url | None = None
    jku: tuple[str, ...] = ()
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("ES384", "RS384")
    longest_token_seconds: Annotated[int, Field(ge=30, le=3600)] = 300
    profile: ProfileName = "generic"
    tenants: tuple[NameText, ...] = ()
    fhir_servers: tuple[Url, ...] = ()


class RulesSettings(Shape):
    """The folder of a rulebook, and what is laid over it: a region of it by its name, folders."""

    folder: Path
    overlay: OneOrMoreNames = ()


class RequestLimits(Shape):
    """What one caller, or all together, may use; no rate means that only the number of calls at once is bounded.

    ``bodies bytes`` are those of all bodies under way. ``memory bytes`` are those of the process or, where nothing is
    said, what its control group or its own limit grants.
    """

    body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 2 * 1024 * 1024
    body_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    calls_at_once: Annotated[int, Field(ge=1, le=10_000)] = 64
    calls_at_once_for_each_issuer: Annotated[int, Field(ge=1, le=10_000)] | None = None
    calls_per_second: Annotated[float, Field(gt=0)] | None = None
    burst: Annotated[int, Field(ge=1)] = 100
    answer_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    record_seconds: Annotated[float, Field(gt=0, le=300)] = 5
    fetch_seconds: Annotated[float, Field(gt=0, le=30)] = 2
    repeat_seconds: Annotated[float, Field(ge=0, le=600)] = 60
    head_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    idle_seconds: Annotated[int, Field(ge=1, le=3600)] = 75
    connections: Annotated[int, Field(ge=1, le=100_000)] = 1000
    bodies_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024 * 1024
    memory_bytes: Annotated[int, Field(ge=64 * 1024 * 1024)] | None = None


class Settings(Shape):
    """The whole configuration; without a file, that of a service on the loopback address without authentication.

    ``workers`` is the number of processes that answer calls.
    ``rules`` are the folders of the rulebooks, each of a topic of its own; the first is that of the page. ``overlay``
    is laid over the first.
    ``rules sha256`` pins the rule files, one hash for each; otherwise they are watched (``reload``) and taken into use
    when they pass.
    ``records`` is a file or a database URL: there every decision and all feedback are kept. ``rest hours`` is how long
    a card stays away from a user who overrode it. ``when not recorded``: what becomes of a call whose decision cannot
    be recorded in time. ``switches`` is the file of rules that are off or in shadow.
    ``keep requests``: whether requests are kept at all; ``keep requests for`` and ``keep decisions for`` say how long,
    else for ever. ``log head to`` is a file or a URL where the end of the log is noted every ``log head minutes``.
    ``page``: whether the page for a person is at ``/``, which asks for no token; where nothing is said, only without
    issuers. It never is beyond the loopback address or with a public URL.
    ``override reasons`` are offered on every card in place of the usual ones.
    ``tls certificate`` and ``tls key`` are PEM files: with them the service speaks TLS itself.
    ``fhir servers`` are those that callers may name while authentication is off.
    ``allowed networks`` and ``allowed hosts`` are the private addresses at which key sets and FHIR servers may be;
    ``trusted certificates`` are of authorities that vouch for them, beside those of the system. ``trusted proxies`` are
    the networks whose proxies are believed when they say for whom they call.
    """

    listen: Listen = Listen()
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    public_url: Url | None = None
    authentication: Literal["required", "off, and I know that whoever reaches this address can call it"] | None = None
    leeway_seconds: Annotated[int, Field(ge=0, le=60)] = 30
    issuers: tuple[IssuerSettings, ...] = ()
    hooks: Annotated[tuple[Hook, ...], Field(min_length=1)] = USUAL
    profile: ProfileName = "generic"
    override_reasons: Reasons = ()
    page: bool | None = None
    origins: tuple[Origin, ...] = ()
    fhir_servers: tuple[Url, ...] = ()
    fetch_from_loopback: bool = False
    allowed_networks: tuple[NameText, ...] = ()
    allowed_hosts: tuple[NameText, ...] = ()
    trusted_certificates: Path | None = None
    trusted_proxies: tuple[NameText, ...] = ()
    limits: RequestLimits = RequestLimits()
    rules: Annotated[tuple[RulesSettings, ...], BeforeValidator(as_folders)] = ()
    overlay: OneOrMoreNames = ()
    rules_sha256: OneOrMoreHashes = ()
    reload: bool = True
    switches: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    records: NameText | None = None
    pseudonym_key: Path | None = None
    when_not_recorded: Literal["refuse", "answer"] = "refuse"
    rest_hours: Annotated[float, Field(ge=0, le=24 * 366)] = 0
    keep_requests: bool = True
    keep_requests_for: Annotated[str, Field(pattern=DAYS)] | None = None
    keep_decisions_for: Annotated[str, Field(pattern=DAYS)] | None = None
    log_head_to: NameText | None = None
    log_head_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 60
    journal: bool = True
    metrics: bool = True

    @property
    def address_rules(self) -> AddressRules:
        """Which private addresses may be called."""
        hosts = frozenset(map(host_name, self.allowed_hosts))
        return AddressRules(networks_of(self.allowed_networks), hosts, self.fetch_from_loopback)

    def days(self, name: Literal["keep_requests_for", "keep_decisions_for"]) -> timedelta | None:
        """How long something is kept; None: for ever."""
        text: str | None = getattr(self, name)
        return timedelta(days=int(text.split()[0])) if text else None

    @property
    def notes_head_at_url(self) -> bool:
        """Whether the end of the log is noted by another server, and not in a file."""
        return "://" in (self.log_head_to or "")

    @property
    def profiles(self) -> dict[str, Profile]:
        """What each kind of client can show, with the reasons that are offered here."""
        reasons = reasons_of(self.override_reasons, self.base_url)
        return {name: profile._replace(reasons=reasons) for name, profile in PROFILES.items()}

    @property
    def pinned(self) -> tuple[str, ...]:
        """The hashes that pin the rulebooks, in their order; none where nothing is pinned."""
        return tuple(filter(None, self.rules_sha256))

    @property
    def seats_of_one(self) -> int:
        """How many calls of one issuer may be under way: three quarters of all where there are several issuers."""
        limits = self.limits
        usual = max(1, limits.calls_at_once * 3 // 4) if len(self.issuers) > 1 else limits.calls_at_once
        return limits.calls_at_once_for_each_issuer or usual

    @property
    def wants_page(self) -> bool:
        """Whether there is to be a page: where callers need a token, only if somebody said so."""
        return not self.issuers if self.page is None else self.page

    @property
    def base_url(self) -> str:
        """What callers know the service by."""
        host = f"[{self.listen.host}]" if ":" in self.listen.host else self.listen.host
        scheme = "https" if self.tls_certificate else "http"
        return (self.public_url or f"{scheme}://{host}:{self.listen.port}").rstrip("/")
