"""What can go wrong with a request to another server: a closed list of kinds, each with what an operator can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Literal, NamedTuple

from cds.errors import CdsError

FETCH_KINDS: dict[str, str] = {
    "url": "Only https URLs without user and fragment are fetched.",
    "outside": "The link to the next page points outside the FHIR server.",
    "dns": "The name of the server cannot be resolved. Look at its spelling and at the DNS of this machine.",
    "private-address": "The server has a private address. Name its network under 'allowed networks', or its host under "
    "'allowed hosts'.",
    "forbidden-address": "The server has an address that is never called: of this machine, its link, cloud metadata, "
    "or reserved. Look at what its name resolves to.",
    "refused": "The server takes no connection. Look at its port and at the firewalls.",
    "tls": "The certificate of the server is not trusted, out of its time, or made out to another name. That of an own "
    "authority belongs into the file under 'trusted certificates'.",
    "timeout": "The server did not answer in time.",
    "broken-off": "The answer of the server broke off, or is no HTTP.",
    "redirect": "The server redirects, which is not followed. Configure the URL to which it leads.",
    "status": "The server did not answer with status 200.",
    "too-large": "The answer of the server is too large.",
    "not-json": "The server did not answer with plain JSON.",
    "not-fhir": "The FHIR server answered with another type of resource.",
    "no-keys": "The answer is no JSON Web Key Set with a public key that can verify.",
}
"""The kinds, in the order in which they are noticed."""
UNREACHED = frozenset({"url", "dns", "private-address", "forbidden-address", "refused", "tls"})
"""Nothing was asked of the server: any request that reaches it says that this is over."""
Seen = Literal["in all", "in part", "in a probe"]


class FetchError(CdsError):
    """Something could not be fetched, or may not be; the text holds no URL and no data. ``kind`` is a FETCH_KINDS."""

    code = "fetch"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(FETCH_KINDS[kind])


class Trouble(NamedTuple):
    """What failed last with a server, and since when (in seconds since 1970) something has; where that was seen."""

    kind: str
    since: float
    seen: Seen = "in all"

    def __str__(self) -> str:
        """In words for an operator, without URLs and data."""
        begin = datetime.fromtimestamp(self.since, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{self.kind}, since {begin}. {FETCH_KINDS.get(self.kind, 'Something broke unexpectedly.')}"


class Standing:
    """How a server stands: ``trouble`` is what is wrong with it, None when nothing is known to be."""

    def __init__(self, now: Callable[[], float]) -> None:
        """``now`` gives seconds since 1970."""
        self.now = now
        self.trouble: Trouble | None = None

    def failed(self, kind: str, seen: Seen = "in all") -> None:
        """Something failed; it is new trouble only after an answer."""
        since = self.trouble.since if self.trouble else self.now()
        self.trouble = Trouble(kind, since, seen)

    def answered(self) -> None:
        """All is well."""
        self.trouble = None


def kind_of(error: Exception) -> str:
    """The kind of whatever broke; of an error that nobody expected, the name of its type."""
    if isinstance(error, FetchError):
        return error.kind
    return "no-keys" if isinstance(error, CdsError) else type(error).__name__
