"""HTTP of the test client with the token that says who calls, and what went wrong in words."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson

from cds.cards.wording import plain
from cds.errors import CdsError

TIMEOUT_SECONDS = 10.0
LONGEST_TEXT = 300
WHO = (
    "It wants to know who calls: sign a token with --key and --issuer. Issuer, key and audience (the address above, as "
    "the service knows it) must be those that it was told."
)


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
