"""Access tokens by SMART Backend Services, renewed before they expire.

https://hl7.org/fhir/smart-app-launch/backend-services.html
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from cds.bulk.addresses import Reach, shown
from cds.bulk.outcomes import said
from cds.bulk.problems import ExportError, TransientError
from cds.bulk.requests import Requests
from cds.cards.wording import plain
from cds.trust.signing import PrivateKey, signed_token

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LEEWAY = 30.0
"""Seconds before its end in which a token is not used any more."""
UNSAID_LIFE = 300.0
"""Seconds; the longest life that SMART recommends, for a token whose life is not said."""


class Client(NamedTuple):
    """Who asks for tokens. An empty ``token_url`` or ``scope`` is found out from the server."""

    client_id: str
    key: PrivateKey
    token_url: str = ""
    scope: str = ""


def _configuration(requests: Requests, reach: Reach, base: str) -> dict[str, Any]:
    url = f"{base}/.well-known/smart-configuration"
    reach.check(url)
    answer = requests.send("GET", url, {"Accept": "application/json"})
    body = answer.body()
    try:
        found = orjson.loads(body) if answer.status == 200 else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("token_endpoint"), str):
        raise ExportError(
            "no-token",
            f"{shown(url)} names no token endpoint (status {answer.status}). Name it with --token-url, or leave "
            "--client-id and --key away if the server is open.",
        )
    return found


def scope_of(types: Sequence[str], capabilities: object = None) -> str:
    """The scopes that an export of some types needs, in the form of SMART 1 unless a server knows that of 2 only."""
    known = capabilities if isinstance(capabilities, list) else []
    read = "rs" if "permission-v2" in known and "permission-v1" not in known else "read"
    return " ".join(f"system/{name}.{read}" for name in types or ["*"])


class Access:
    """The token of a client for some types (none: for all) of the server with a base URL; of nobody, it is empty.

    Used by several threads at once.
    """

    def __init__(
        self, requests: Requests, reach: Reach, client: Client | None, base: str, types: Sequence[str]
    ) -> None:
        self.client, self._base, self._types = client, base, types
        self._requests, self._reach, self._lock = requests, reach, Lock()
        self._token, self._until = "", 0.0

    def token(self) -> str:
        """A token that is good for some time.

        Raises:
            ExportError: the authorization server gives none.

        """
        if self.client is None:
            return ""
        with self._lock:
            if time.monotonic() >= self._until:
                self.client = self._discovered(self.client)
                self._renew(self.client)
            return self._token

    def refused(self, token: str) -> None:
        """Use a token no more that a server did not take; another thread may have renewed it already."""
        with self._lock:
            if token == self._token:
                self._until = 0.0

    def without_token(self, text: str) -> str:
        """A text of a server, without the token if it repeats that."""
        return text.replace(self._token, "…") if self._token else text

    def _discovered(self, client: Client) -> Client:
        if client.token_url and client.scope:
            return client
        found = {} if client.token_url else _configuration(self._requests, self._reach, self._base)
        scope = client.scope or scope_of(self._types, found.get("capabilities"))
        return client._replace(token_url=client.token_url or found["token_endpoint"], scope=scope)

    def _renew(self, client: Client) -> None:
        assertion = signed_token(client.key, client.client_id, client.token_url, int(time.time()), client.client_id)
        found = self._granted(client, assertion)
        life = found.get("expires_in")
        seconds = float(life) if isinstance(life, (int, float)) and life > 0 else UNSAID_LIFE
        self._token = found["access_token"]
        self._until = time.monotonic() + seconds - min(LEEWAY, seconds / 4)

    def _granted(self, client: Client, assertion: str) -> dict[str, Any]:
        self._reach.check(client.token_url)
        form = {
            "grant_type": "client_credentials", "scope": client.scope, "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }  # fmt: skip
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        answer = self._requests.send("POST", client.token_url, headers, urlencode(form).encode())
        return _grant(client.token_url, answer.status, answer.body(), said(answer.status, answer.headers, b"").again)


def _grant(url: str, status: int, body: bytes, again: float | None) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    found = found if isinstance(found, dict) else {}
    token = found.get("access_token")
    if status == 200 and isinstance(token, str) and token and token.isascii() and token.isprintable():
        return found
    # Only the code of the error: its description may repeat what was sent.
    reason = plain(str(found.get("error", "")))[:60]
    text = f"{shown(url)} gives no token (status {status}{f': {reason}' if reason else ''})."
    if status == 429 or status >= 500:
        raise TransientError("no-token", text, again)
    raise ExportError(
        "no-token", f"{text} Are client id, key and scope those that were registered? --scope asks for others."
    )
