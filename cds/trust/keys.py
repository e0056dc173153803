"""Public keys of issuers (RFC 7517): from a file, or from the key set URL of the configuration.

Of a key set only keys that can verify the four algorithms count; each is bound to the algorithm of its type and size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cds.errors import CdsError

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


class KeySource(Protocol):
    """Finds the key of an issuer."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key with an id; None when the issuer has none."""


def public_keys(data: object) -> dict[str, PublicKey]:
    """The usable keys of a JSON Web Key Set by their ids; others are left out.

    Raises:
        CdsError: the data are no key set, or hold a private key or no usable key.

    """
    listed = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise CdsError("This is no JSON Web Key Set: it has no list 'keys'.")
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

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    async def find(self, kid: str) -> PublicKey | None:
        """The key with an id."""
        return self.keys.get(kid)


class KeyServer:
    """Keys behind a URL: fresh for ten minutes; while the server fails, the last ones count for a day.

    An unknown id makes one request at most a minute, whatever callers send; a failure counts as a request.
    """

    def __init__(self, load: Callable[[], Any], now: Callable[[], float]) -> None:
        """``load`` is awaited for the parsed key set and may raise CdsError; ``now`` gives seconds."""
        self.load, self.now = load, now
        self.keys: Keys = {}
        self.fetched, self.tried = float("-inf"), float("-inf")
        self.lock = asyncio.Lock()

    async def find(self, kid: str) -> PublicKey | None:
        """The key with an id, after the requests that are due."""
        if self._is_due(kid):
            async with self.lock:
                if self._is_due(kid):
                    await self._refresh()
        return self.keys.get(kid) if self.now() - self.fetched <= STALE_SECONDS else None

    def _is_due(self, kid: str) -> bool:
        now = self.now()
        old = now - self.fetched > FRESH_SECONDS
        return (old or kid not in self.keys) and now - self.tried >= FORCED_SECONDS

    async def _refresh(self) -> None:
        self.tried = self.now()
        try:
            self.keys = public_keys(await self.load())
        except CdsError:
            return
        self.fetched = self.now()
