"""Keys and JSON Web Tokens for tests: an EHR that signs its calls, at a time that stands still."""

from __future__ import annotations

import base64
import itertools
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

import orjson
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from cds.trust.keys import KeyFile, KeySource, public_keys
from cds.trust.tokens import Issuer, Verifier

Json = dict[str, Any]
NOW = 1_800_000_000.0
BASE = "https://cds.example.org"
EHR, JKU = "https://ehr.example.org", "https://ehr.example.org/jwks.json"
PATH = "/cds-services/calcium-review"
_numbers = itertools.count()


@lru_cache
def keys() -> dict[str, Any]:
    """One key of each kind."""
    return {
        "ES384": ECKey.generate_key("P-384", parameters={"kid": "ec384"}),
        "ES256": ECKey.generate_key("P-256", parameters={"kid": "ec256"}),
        "RS384": RSAKey.generate_key(2048, parameters={"kid": "rsa"}),
        "HS256": OctKey.generate_key(256, parameters={"kid": "ec384"}),
        "other": ECKey.generate_key("P-384", parameters={"kid": "ec384"}),
    }


def key_set(*names: str) -> Json:
    """The public keys as a JSON Web Key Set."""
    return {"keys": [keys()[name].as_dict(private=False) for name in names or ("ES384", "ES256", "RS384")]}


def claims(**more: Any) -> Json:
    """Fresh claims of a good token; a claim that is None is left out."""
    found = {"iss": EHR, "aud": f"{BASE}{PATH}", "iat": NOW - 1, "exp": NOW + 299, "jti": f"t{next(_numbers)}", **more}
    return {name: value for name, value in found.items() if value is not None}


def token(alg: str = "ES384", key: str = "", header: Json | None = None, **more: Any) -> str:
    """A signed token; members of the header that are None are left out."""
    signer = keys()[key or alg]
    whole = {"alg": alg, "typ": "JWT", "kid": signer.kid, "jku": JKU, **(header or {})}
    whole = {name: value for name, value in whole.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = 100_000
    return jws.serialize_compact(whole, orjson.dumps(claims(**more)), signer, algorithms=[alg], registry=registry)


def part(data: Any) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(orjson.dumps(data)).rstrip(b"=").decode()


def bearer(text: str) -> dict[str, str]:
    """The header of a request."""
    return {"authorization": f"Bearer {text}"}


class Clock:
    """A time that moves only when it is told to."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time

    def day(self) -> datetime:
        """The time as a date."""
        return datetime.fromtimestamp(self.time, timezone.utc)


def verifier(clock: Clock | None = None, source: KeySource | None = None, **more: Any) -> Verifier:
    """A verifier that knows one issuer."""
    issuer = Issuer(EHR, source or KeyFile(public_keys(key_set())), jku=(JKU,), **more)
    return Verifier({EHR: issuer}, BASE, clock or Clock())
