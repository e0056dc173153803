"""HTTP of the test client with the token that says who calls, and what went wrong in words.

The only door to httpx2 on the client's side. Tokens: https://cds-hooks.hl7.org/2.0/#trusting-cds-clients.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from cds.cards.wording import plain
from cds.errors import CdsError

TIMEOUT_SECONDS = 10.0
LONGEST_TEXT = 300
WHO = (
    "It wants to know who calls: sign a token with --key and --issuer. Issuer, key and audience (the address above, as "
    "the service knows it) must be those that it was told."
)
LIFETIME = 300
SIGNING_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


class CallError(CdsError):
    """A service could not be called, or did not answer as CDS Hooks asks for."""

    code = "call"


def call_json(method: str, url: str, body: object = None, token: str = "") -> object:
    """The JSON of an answer; None where there is no body.

    Raises:
        CallError: no connection, no answer in 10 s, a status other than 2xx, or no JSON.

    """
    headers = {"accept": "application/json", "content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    content = None if body is None else orjson.dumps(body)
    try:
        answer = httpx2.request(method, url, content=content, headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx2.TimeoutException:
        raise CallError(f"{url} did not answer within {TIMEOUT_SECONDS:g} s.") from None
    except httpx2.ConnectError:
        raise CallError(f"Connection to {url} failed. Is the service running, and are host and port right?") from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise CallError(f"{url} cannot be called: {_cut(str(error) or type(error).__name__).rstrip('.')}.") from None
    if not 200 <= answer.status_code < 300:
        raise CallError(_refusal(url, answer))
    return _json(url, answer)


def _refusal(url: str, answer: httpx2.Response) -> str:
    if target := answer.headers.get("location"):
        return f"{url} answered {answer.status_code}: it has moved to {_cut(target)}. Call that address."
    said = [_cut(" ".join(_diagnostics(answer))), WHO if answer.status_code == 401 else ""]
    return f"{url} answered {answer.status_code}: {' '.join(filter(None, said)) or 'and gave no reason.'}"


def _diagnostics(answer: httpx2.Response) -> list[str]:
    """What the OperationOutcome of an answer says."""
    try:
        outcome: Any = orjson.loads(answer.content)
        return [str(issue.get("diagnostics") or issue["code"]) for issue in outcome["issue"]]
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
        return []


def _json(url: str, answer: httpx2.Response) -> object:
    if not answer.content.strip():
        return None
    try:
        found: object = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise CallError(f"{url} answered {answer.status_code} with something that is not JSON.") from None
    return found


def _cut(text: str) -> str:
    text = plain(text)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


class KeyFileError(CdsError):
    """The file holds no private key that a token can be signed with."""

    code = "key"


def private_key(raw: bytes) -> RSAKey | ECKey:
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


def signed_token(key: RSAKey | ECKey, issuer: str, audience: str, now: int) -> str:
    """A token for one call: ES384 for a key on P-384, RS384 for RSA, or what the key itself names."""
    kind = SIGNING_CURVES.get(str(key.as_dict(private=False).get("crv")), "RS384")
    algorithm = str(key.get("alg") or kind)
    header = {"alg": algorithm, "typ": "JWT", "kid": key.kid or key.thumbprint()}
    claims = {"iss": issuer, "aud": audience, "iat": now, "exp": now + LIFETIME, "jti": str(uuid4())}
    return jwt.encode(header, claims, key, algorithms=[algorithm])
