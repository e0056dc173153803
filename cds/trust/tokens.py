"""Verifies the JSON Web Token of a caller (CDS Hooks 2.0, "Trusting CDS Clients"; RFC 7515, 7519).

In this order, so that cheap checks come first and bad tokens cannot fill the store of those that were seen: size,
algorithm, issuer, key, signature, audience, times, tenant, replay.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from cds.hooks.profiles import GENERIC, Profile
from cds.hooks.refusal import RefusedError
from cds.jsontypes import Json
from cds.trust.caller import Caller, UntrustedError, UsedToken, claimed_issuer
from cds.trust.keys import KeySource

LONGEST_HEADER = 8 * 1024
LONGEST_WORD = 256
MOST_SEEN = 200_000


class Issuer(NamedTuple):
    """A client that may call; ``jku`` are the key set URLs that its tokens may name, none of which is ever fetched."""

    name: str
    keys: KeySource
    algorithms: tuple[str, ...] = ("ES384", "RS384")
    jku: tuple[str, ...] = ()
    longest: float = 300
    tenants: tuple[str, ...] = ()
    profile: Profile = GENERIC


class _Registry(jws.JWSRegistry):
    """Bounds of the library; which algorithm is allowed is said at each call."""

    max_header_length = LONGEST_HEADER


def too_many_tokens() -> RefusedError:
    """That no further token can be remembered."""
    return RefusedError(503, "Too many tokens are in use. Try again.", {"Retry-After": "60"})


class SeenTokens:
    """Remembers each token until it has expired."""

    def __init__(self) -> None:
        self.until: dict[bytes, float] = {}
        self.swept = 0.0

    def is_new(self, token: bytes, until: float, now: float) -> bool:
        """Whether the token was not seen before; it is now.

        Raises:
            RefusedError: 503 when more tokens are alive than can be remembered.

        """
        if now - self.swept > 60 or len(self.until) >= MOST_SEEN:
            self.until = {known: end for known, end in self.until.items() if end >= now}
            self.swept = now
        if token in self.until:
            return False
        if len(self.until) >= MOST_SEEN:
            raise too_many_tokens()
        self.until[token] = until
        return True


class Verifier:
    """Tells who calls."""

    def __init__(
        self, issuers: Mapping[str, Issuer], public_url: str, now: Callable[[], float], leeway: float = 30
    ) -> None:
        """``public_url`` is what callers know the service by; ``now`` gives seconds since 1970.

        Tokens that end before ``forgotten`` (seconds since 1970) are refused: nobody knows whether they were used.
        While ``full`` no token can be remembered, and so none be taken.
        """
        self.issuers, self.public_url, self.now, self.leeway = issuers, public_url.rstrip("/"), now, leeway
        self.seen = SeenTokens()
        self.forgotten, self.full = 0, False

    async def authenticate(self, authorization: str | None, path: str) -> Caller:
        """The caller of the endpoint at a path below the public URL.

        Raises:
            UntrustedError: whatever is wrong.

        """
        token = _bearer(authorization)
        header, claims = _unverified(token)
        try:
            return await self._verified(token, header, claims, path)
        except UntrustedError as error:
            raise UntrustedError(error.reason, claimed_issuer(claims.get("iss"))) from None

    async def _verified(self, token: str, header: Json, claims: Json, path: str) -> Caller:
        issuer = self._issuer(header, claims)
        await _verify(token, header, issuer)
        self._check_claims(claims, issuer, f"{self.public_url}{path}")
        tenant = _tenant(claims, issuer)
        if self.full:
            raise too_many_tokens()
        used = _used(issuer.name, claims)
        if used.ends < self.forgotten or not self.seen.is_new(used.digest, claims["exp"] + self.leeway, self.now()):
            raise UntrustedError("replay")
        return Caller(issuer.name, tenant, issuer.profile, used)

    def _issuer(self, header: Json, claims: Json) -> Issuer:
        name = claims.get("iss")
        issuer = self.issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise UntrustedError("issuer")
        if header["alg"] not in issuer.algorithms:
            raise UntrustedError("algorithm")
        if "jku" in header and header["jku"] not in issuer.jku:
            raise UntrustedError("jku")
        return issuer

    def _check_claims(self, claims: Json, issuer: Issuer, audience: str) -> None:
        named = claims.get("aud")
        if audience not in (named if isinstance(named, list) else [named]):
            raise UntrustedError("audience")
        if not _is_word(claims.get("jti")):
            raise UntrustedError("claims")
        begin, end = _time(claims.get("iat")), _time(claims.get("exp"))
        late = max(begin, _time(claims.get("nbf", begin)))
        now = self.now()
        if not (late <= now + self.leeway and now - self.leeway < end and 0 < end - begin <= issuer.longest):
            raise UntrustedError("time")


def _used(issuer: str, claims: Json) -> UsedToken:
    """A token by what makes it one: who issued it, and the id that no other token of the issuer has."""
    name = orjson.dumps([issuer, claims["jti"]])
    return UsedToken(sha256(name).digest()[:16], math.ceil(claims["exp"]))


def _bearer(authorization: str | None) -> str:
    """The token of the header; five parts would be an encrypted token, which is not read."""
    if authorization is None or len(authorization) > LONGEST_HEADER:
        raise UntrustedError("header")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.isascii() or token.count(".") != 2:
        raise UntrustedError("header")
    return token


def _unverified(token: str) -> tuple[Json, Json]:
    """Header and claims, of which nothing is believed yet."""
    header, claims = (_decoded(part) for part in token.split(".")[:2])
    if not (_is_word(header.get("alg")) and _is_word(header.get("kid"))) or "crit" in header or "b64" in header:
        raise UntrustedError("header")
    return header, claims


def _decoded(part: str) -> Json:
    try:
        data = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        raise UntrustedError("header") from None
    if not isinstance(data, dict):
        raise UntrustedError("header")
    return data


async def _verify(token: str, header: Json, issuer: Issuer) -> None:
    """Check the signature with the key that the issuer is known to have; key material in the token is ignored."""
    algorithm = header["alg"]
    found = await issuer.keys.find(header["kid"])
    if found is None or algorithm not in found.algorithms:
        raise UntrustedError("key")
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        jws.deserialize_compact(token, found.key, algorithms=[algorithm], registry=registry)
    except (JoseError, ValueError, TypeError):
        raise UntrustedError("signature") from None


def _tenant(claims: Json, issuer: Issuer) -> str:
    tenant = claims.get("tenant", "")
    if not isinstance(tenant, str) or len(tenant) > LONGEST_WORD or (issuer.tenants and tenant not in issuer.tenants):
        raise UntrustedError("tenant")
    return tenant


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_WORD


def _time(value: Any) -> float:
    """A claim that is a number of seconds."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise UntrustedError("claims")
    return value
