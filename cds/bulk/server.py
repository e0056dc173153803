"""One Bulk Data server: requests with its token, which never leaves it, and redirects that take no token along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cds.bulk.access import Access
from cds.bulk.addresses import Reach, joined, origin_of, shown
from cds.bulk.outcomes import Said, said
from cds.bulk.problems import ExportError
from cds.bulk.requests import Answer, Requests

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
FHIR_JSON, JSON, NDJSON = "application/fhir+json", "application/json", "application/fhir+ndjson"


class Call(NamedTuple):
    """A request. ``token``: whether it needs the token of the server. ``redirects``: how many are followed."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    token: bool = True
    redirects: int = MOST_REDIRECTS


class BulkServer:
    """Makes requests within reach. Used by several threads at once."""

    def __init__(self, requests: Requests, reach: Reach, access: Access) -> None:
        self._requests, self._reach, self._access = requests, reach, access

    def answer(self, call: Call) -> Answer:
        """The answer to a call, to be closed by whoever asked; a token that is refused is renewed once.

        Raises:
            ExportError: the address is not called, or would need a token that it does not get.
            TransientError: no connection, or no answer in time.

        """
        token = self._token_for(call)
        answer = self._sent(call, token)
        if answer.status == 401 and token:
            answer.close()
            self._access.refused(token)
            answer = self._sent(call, self._access.token())
        return answer

    def get(self, url: str) -> Answer:
        """The answer to a request for JSON, with the token."""
        return self.answer(Call("GET", url, {"Accept": JSON}))

    def said(self, answer: Answer) -> Said:
        """What an answer says that is not what was asked for; closed then. The token is taken out of the words."""
        found = said(answer.status, answer.headers, answer.body())
        return found._replace(text=self._access.without_token(found.text))

    def _token_for(self, call: Call) -> str:
        if not call.token or self._access.client is None:
            return ""
        self._reach.check(call.url)
        if not self._reach.gets_token(call.url):
            raise ExportError(
                "address-refused",
                f"{shown(call.url)} is not called: it needs the token, which is for {origin_of(self._reach.server)} "
                f"only. If both belong together, add --trust-origin {origin_of(call.url)}",
            )
        return self._access.token()

    def _sent(self, call: Call, token: str) -> Answer:
        url = call.url
        for _ in range(call.redirects + 1):
            self._reach.check(url)
            # Once it has led elsewhere, a chain of redirects gets no token any more, not even back at home.
            token = token if token and self._reach.gets_token(url) else ""
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            answer = self._requests.send(call.method, url, {**call.headers, **bearer}, call.content)
            target = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not target or not call.redirects:
                return answer
            answer.close()
            url = joined(url, target)
        raise ExportError("address-refused", f"{shown(call.url)} redirects more than {call.redirects} times.")
