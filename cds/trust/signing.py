"""Tokens that this program signs as a client: for CDS Hooks services, and for SMART authorization servers.

CDS Hooks: https://cds-hooks.hl7.org/2.0/#trusting-cds-clients. SMART Backend Services:
https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html.
"""

from __future__ import annotations

from typing import Any, TypeAlias
from uuid import uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from cds.errors import CdsError

PrivateKey: TypeAlias = "RSAKey | ECKey"
LIFETIME = 300
"""Seconds; neither standard takes a token that lives longer."""
SIGNING_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


class KeyFileError(CdsError):
    """The file holds no private key that a token can be signed with."""

    code = "key"


def private_key(raw: bytes) -> PrivateKey:
    """The private key of a JWK, or the first one of a JWK set.

    Raises:
        KeyFileError: not JSON, not a key, a public key, or a symmetric one.

    """
    try:
        data: Any = orjson.loads(raw)
        keys = data["keys"] if isinstance(data, dict) and "keys" in data else [data]
        private = next((key for key in keys if "d" in key), None)
        key = import_key(private) if private else None
    except (orjson.JSONDecodeError, JoseError, ValueError, TypeError, KeyError):
        raise KeyFileError("The key is not a JSON Web Key (JWK).") from None
    if not isinstance(key, (RSAKey, ECKey)):
        raise KeyFileError("The key is not a private RSA or EC key; a service trusts the public part of such a pair.")
    return key


def signed_token(key: PrivateKey, issuer: str, audience: str, now: int, subject: str = "") -> str:
    """A token for one call: ES384 for a key on P-384, RS384 for RSA, or what the key itself names.

    SMART asks for a subject, which is the issuer there; CDS Hooks knows none.
    """
    kind = SIGNING_CURVES.get(str(key.as_dict(private=False).get("crv")), "RS384")
    algorithm = str(key.get("alg") or kind)
    header = {"alg": algorithm, "typ": "JWT", "kid": key.kid or key.thumbprint()}
    claims = {"iss": issuer, "aud": audience, "iat": now, "exp": now + LIFETIME, "jti": str(uuid4())}
    return jwt.encode(header, claims | ({"sub": subject} if subject else {}), key, algorithms=[algorithm])
