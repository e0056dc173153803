"""Public keys of issuers (RFC 7517): from a file, or from the key set URL of the configuration.

Of a key set only keys that can verify the four algorithms count; each is bound to the algorithm of its type and size.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cds.errors import CdsError
from cds.hooks.refusal import RefusedError
from cds.trust.failures import Standing, Trouble, kind_of

CURVES = {"P-384": "ES384", "P-256": "ES256"}
SMALLEST_RSA = 2048
MOST_KEYS = 100
MEMBERS: tuple[str, ...] = ("kty", "crv", "x", "y", "n", "e")
FRESH_SECONDS = 600
STALE_SECONDS = 24 * 3600
FORCED_SECONDS = 60


class PublicKey(NamedTuple):
    """A key and the algorithms that it may verify."""

    key: ECKey | RSAKey
    algorithms: tuple[str, ...]


Keys = Mapping[str, PublicKey]
KeyState = Literal["known", "stale", "unknown"]


class KeysUnavailableError(RefusedError):
    """Whether a token is good cannot be told: the trouble is the key server's or ours, not the caller's."""

    def __init__(self, seconds: float) -> None:
        text = "The public keys of this issuer cannot be fetched, so no token of it can be verified. Try again later."
        super().__init__(503, text, {"Retry-After": str(max(1, math.ceil(seconds)))})


class KeySource(Protocol):
    """Finds the key of an issuer."""

    @property
    def state(self) -> KeyState:
        """Whether the keys are known, known from before while they cannot be fetched now, or not known."""

    @property
    def trouble(self) -> Trouble | None:
        """What failed last, and since when; None when nothing did."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key with an id; None when the issuer has none. Raises KeysUnavailableError when that cannot be told."""

    async def refresh(self) -> None:
        """Fetch the keys, if they are to be fetched and that is due."""


def public_keys(data: object) -> dict[str, PublicKey]:
    """The usable keys of a JSON Web Key Set by their ids; others are left out.

    Raises:
        CdsError: the data are no key set, or hold a private key or no usable key.

    """
    listed = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise CdsError("Not a JSON Web Key Set: it has no list 'keys'.")
    entries = [entry for entry in listed[:MOST_KEYS] if isinstance(entry, dict)]
    if any("d" in entry or entry.get("kty") == "oct" for entry in entries):
        raise CdsError("The key set holds a private or symmetric key. Keep only public keys in it.")
    keys = {str(entry["kid"]): key for entry in entries if (key := _public_key(entry)) is not None}
    if not keys:
        raise CdsError("The key set holds no key with a 'kid' that can verify ES384, RS384, ES256 or RS256.")
    return keys


def _public_key(entry: dict[str, Any]) -> PublicKey | None:
    if not isinstance(entry.get("kid"), str) or not entry["kid"] or entry.get("use", "sig") != "sig":
        return None
    if "verify" not in entry.get("key_ops", ("verify",)):
        return None
    bare = {name: str(entry[name]) for name in MEMBERS if name in entry}
    try:
        key = ECKey.import_key({**bare}) if entry.get("kty") == "EC" else RSAKey.import_key({**bare})
        algorithms = _algorithms(key)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    named = tuple(name for name in algorithms if entry.get("alg", name) == name)
    return PublicKey(key, named) if named else None


def _algorithms(key: ECKey | RSAKey) -> tuple[str, ...]:
    if isinstance(key, ECKey):
        return (CURVES[key.curve_name],) if key.curve_name in CURVES else ()
    size: int = key.get_op_key("verify").key_size
    return ("RS384", "RS256") if size >= SMALLEST_RSA else ()


class KeyFile:
    """Keys that were handed over by hand."""

    state: KeyState = "known"
    trouble: Trouble | None = None

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    async def find(self, kid: str) -> PublicKey | None:
        """The key with an id."""
        return self.keys.get(kid)

    async def refresh(self) -> None:
        """Nothing: a file is read when the service starts."""


class KeyServer:
    """Keys behind a URL: fresh for ten minutes; while the server fails, the last ones count for a day.

    An unknown id makes one request at most a minute, whatever callers send; a failure counts as a request.
    """

    def __init__(
        self, load: Callable[[], Any], now: Callable[[], float], failed: Callable[[str], None] = lambda kind: None
    ) -> None:
        """``load`` is awaited for the parsed key set; ``now`` gives seconds; ``failed`` hears the kind of a failure."""
        self.load, self.now, self.failed = load, now, failed
        self.standing = Standing(now)
        self.keys: Keys = {}
        self.fetched, self.tried = float("-inf"), float("-inf")
        self.lock = asyncio.Lock()

    @property
    def state(self) -> KeyState:
        """As long as no request failed the keys are known; before the first one they are not."""
        if self.fetched >= self.tried > float("-inf"):
            return "known"
        return "stale" if self._count() else "unknown"

    @property
    def trouble(self) -> Trouble | None:
        """What failed last, and since when nothing succeeded."""
        return self.standing.trouble

    async def find(self, kid: str) -> PublicKey | None:
        """The key with an id, after the requests that are due."""
        await self._fetched(lambda: self._is_old() or kid not in self.keys)
        found = self.keys.get(kid) if self._count() else None
        if found is None and self.state != "known":
            raise KeysUnavailableError(self.tried + FORCED_SECONDS - self.now())
        return found

    async def refresh(self) -> None:
        """Fetch the keys when they are old, so that no caller waits for them."""
        await self._fetched(self._is_old)

    def _is_old(self) -> bool:
        return self.now() - self.fetched > FRESH_SECONDS

    def _count(self) -> bool:
        """Whether the keys that were fetched last count still."""
        return self.now() - self.fetched <= STALE_SECONDS

    async def _fetched(self, wanted: Callable[[], bool]) -> None:
        """Make the request that is wanted, unless one was made in the last minute; one at a time."""
        if wanted() and self.now() - self.tried >= FORCED_SECONDS:
            async with self.lock:
                if wanted() and self.now() - self.tried >= FORCED_SECONDS:
                    await self._request()

    async def _request(self) -> None:
        self.tried = self.now()
        try:
            self.keys = public_keys(await self.load())
        except Exception as error:
            # Whatever broke, in the network or in a library: the keys of before count on.
            self.standing.failed(kind_of(error))
            self.failed(kind_of(error))
            return
        self.fetched = self.now()
        self.standing.answered()
