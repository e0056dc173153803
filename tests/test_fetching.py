"""Requests to other servers: nothing is reached that the configuration does not name, and the token goes nowhere else.

Every listener is on the loopback address.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
import pytest
from calls import OUTCOME, TODAY, call, client_of, rules_in, searchset, service_for
from people import EXTENSION, cds_services, observation, patient, statement

from cds.hooks.answering import answered
from cds.hooks.calls import Call, call_of
from cds.hooks.prefetch import prefetch_of, unanswered
from cds.rulebook.model import RuleBook
from cds.trust.caller import NOBODY, Caller
from cds.trust.completion import Completion, within
from cds.trust.failures import FetchError
from cds.trust.fetching import Fetcher
from cds.trust.networks import AddressRules
from cds.trust.targets import checked_addresses, checked_url

Json = dict[str, Any]
Answer = Callable[[str], tuple[int, dict[str, str], bytes]]
LOOPBACK = AddressRules(loopback=True)
TOKEN = "CANARY-ACCESS-TOKEN"  # noqa: S105 - no secret
ACCESS = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "user/*.rs", "subject": "cds"}


class Listener:
    """A server on the loopback address that counts what reaches it."""

    def __init__(self, answer: Answer) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, data = answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign] - clients that leave are expected
        self.port = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}/fhir"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listen() -> Iterator[Callable[[Answer], Listener]]:
    running: list[Listener] = []

    def start(answer: Answer) -> Listener:
        running.append(Listener(answer))
        return running[-1]

    yield start
    for listener in running:
        listener.close()


def ok(data: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/fhir+json"}, orjson.dumps(data)


def fhir_server(path: str) -> tuple[int, dict[str, str], bytes]:
    """A small FHIR server with one patient."""
    parts = urlsplit(path)
    found = {
        "/fhir/Patient/p": patient(),
        "/fhir/Observation": searchset(observation("LOINC 17861-6", 13.1, "mg/dL")),
        "/fhir/MedicationStatement": searchset(statement()),
    }.get(parts.path, searchset())
    return ok(found)


def made(server: str, **members: Any) -> Call:
    body = {**call(observations="left out", statements="left out", patient="left out"), "fhirServer": server, **members}
    return call_of({"fhirAuthorization": ACCESS, **body}, cds_services()["patient-view"])


def completed(
    book: RuleBook,
    asked: Call,
    *servers: str,
    seconds: float = 5,
    caller: Caller = NOBODY,
    loopback: bool = True,
    **guard: Any,
) -> Call:
    async def run() -> Call:
        fetcher = Fetcher(AddressRules(loopback=loopback), **guard)
        try:
            return await Completion(fetcher, {"": servers}, seconds).complete(asked, caller, book)
        finally:
            await fetcher.close()

    return asyncio.run(run())


def missing(book: RuleBook, found: Call) -> list[str]:
    return unanswered(found.prefetch, prefetch_of(book))


def test_what_the_prefetch_lacks_is_fetched_with_the_token_of_the_call(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    found = completed(book, made(server.base), server.base)
    assert missing(book, found) == []
    assert found.prefetch["patient"]["birthDate"] == "1950-07-01"
    assert {headers["authorization"] for _, headers in server.seen} == {f"Bearer {TOKEN}"}
    assert sorted(urlsplit(path).path for path, _ in server.seen) == [
        "/fhir/MedicationStatement", "/fhir/Observation", "/fhir/Patient/p",
    ]  # fmt: skip


def pointing(*references: Any) -> Json:
    """A list of statements whose medicines stand in Medications."""
    entries = [
        {**statement(identity=f"m{number}"), "medicationReference": reference}
        for number, reference in enumerate(references)
    ]
    return searchset(*({k: v for k, v in entry.items() if k != "medicationCodeableConcept"} for entry in entries))


def test_the_medications_that_a_list_points_to_are_read_and_count(book: RuleBook, listen: Any) -> None:
    calcium = {"resourceType": "Medication", "id": "c1", "code": statement()["medicationCodeableConcept"]}
    server = listen(lambda path: ok(calcium) if path == "/fhir/Medication/c1" else fhir_server(path))
    sent = call(statements=pointing({"reference": "Medication/c1"}))
    asked = call_of({**sent, "fhirServer": server.base, "fhirAuthorization": ACCESS}, cds_services()["patient-view"])
    assert answered(asked, book, TODAY).missing == ("statements",)
    found = completed(book, asked, server.base)
    assert [path for path, _ in server.seen] == ["/fhir/Medication/c1"]
    whole = answered(found, book, TODAY)
    assert (whole.missing, len(whole.record.products)) == ((), 1)


def test_references_that_are_no_medication_of_the_server_are_not_read(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    odd = [
        "Medication/..",
        "Medication/../admin",
        "Medication/a?x",
        "https://evil.example/Medication/1",
        "#m",
        "",
        None,
        5,
    ]
    sent = call(statements=pointing(*({"reference": text} for text in odd), "Medication/1", None, []))
    asked = call_of({**sent, "fhirServer": server.base, "fhirAuthorization": ACCESS}, cds_services()["patient-view"])
    assert completed(book, asked, server.base).prefetch == asked.prefetch
    assert server.seen == []
    assert answered(asked, book, TODAY).missing == ("statements",)


def test_a_fetched_page_that_says_that_there_is_more_is_not_whole(book: RuleBook, listen: Any) -> None:
    server = listen(lambda path: ok(searchset(total=3)) if "/Observation" in path else fhir_server(path))
    assert missing(book, completed(book, made(server.base), server.base)) == ["observations"]


def test_queries_are_those_of_the_discovery_answer_with_the_patient_in_them(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    completed(book, made(server.base), server.base)
    (query,) = [urlsplit(path).query for path, _ in server.seen if "Observation" in path]
    wanted = prefetch_of(book)["observations"].partition("&code=")[2]
    assert (parse_qs(query)["patient"], unquote(parse_qs(query)["code"][0])) == (["p"], wanted)


def test_without_a_token_a_named_server_is_asked_without_one(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    for access in (None, {}, {"access_token": 5}, {"access_token": "a b"}, {"access_token": "x\ny"}):
        completed(book, made(server.base, fhirAuthorization=access), server.base)
    assert [headers for _, headers in server.seen if "authorization" in headers] == []


def test_a_fetched_result_decides(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    service = service_for(book)
    service.completion = Completion(Fetcher(LOOPBACK), {"": (server.base,)}, 5)
    body = {**call(observations="left out"), "fhirServer": server.base, "fhirAuthorization": ACCESS}
    answer = client_of(service).post("/cds-services/calcium-review", json=body)
    assert "CA-02" in rules_in(answer.json()["cards"])
    assert answer.json()["extension"][EXTENSION].keys() == {"account"}


def test_fetching_is_off_unless_a_server_is_named(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    assert service_for(book).completion is None
    for servers in ((), ("https://fhir.example.org/r4",)):
        asked = made(server.base)
        assert completed(book, asked, *servers) == asked
    assert completed(book, made(server.base), server.base, caller=Caller("https://other.example")).prefetch.keys() == {
        "conditions", "requests", "goals",
    }  # fmt: skip
    assert server.seen == []


HOSTILE = (
    "http://127.0.0.1:{port}/fhir", "https://127.0.0.1:{port}/fhir", "http://localhost:{port}/fhir",
    "http://[::1]:{port}/fhir", "http://0.0.0.0:{port}/fhir", "http://2130706433:{port}/fhir",
    "http://0x7f000001:{port}/fhir", "http://0177.0.0.1:{port}/fhir", "http://127.1:{port}/fhir",
    "http://[::ffff:127.0.0.1]:{port}/fhir", "https://[::ffff:7f00:1]:{port}/fhir",
    "https://fhir.example.org@127.0.0.1:{port}/r4", "https://fhir.example.org:x@127.0.0.1:{port}/r4",
    "https://127.0.0.1:{port}/#https://fhir.example.org/r4", "https://127.0.0.1:{port}\\@fhir.example.org/r4",
    "https://fhir.example.org.127.0.0.1.nip.io:{port}/r4", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1:{port}/", "https://fhir.example.org/r4/../../admin", "HTTPS://FHIR.EXAMPLE.ORG/r4",
    "//127.0.0.1:{port}/fhir", "https://fhir.example.org/r4?x=http://127.0.0.1:{port}/",
    "https://fhir.example.org/r4 http://127.0.0.1:{port}/", "https://ⓕhir.example.org/r4", "",
)  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_a_server_that_is_not_named_is_not_reached(url: str, book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)
    names: list[str] = []

    async def resolving(host: str, _: int) -> list[str]:
        names.append(host)
        return ["127.0.0.1"]

    asked = made(url.format(port=server.port))
    found = completed(book, asked, "https://fhir.example.org/r4", resolving=resolving)
    assert (found, server.seen, names) == (asked, [], [])


@pytest.mark.parametrize("url", [url for url in HOSTILE if "{port}" in url and not url.startswith("https://fhir.")])
def test_even_a_named_url_reaches_no_local_address(url: str, book: RuleBook, listen: Any) -> None:
    """As if the configuration itself had been led astray."""
    server = listen(fhir_server)
    hostile = url.format(port=server.port)
    completed(book, made(hostile), hostile, loopback=False)
    assert server.seen == []


PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "255.255.255.255",
    "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "2001:db8::1", "not an address", "", "0.0.0.0",  # noqa: S104 - refused
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_with_a_local_address_among_its_addresses_is_refused(address: str) -> None:
    """Only resolved: no request is made, whatever the answer is."""
    assert AddressRules().refusal("fhir.example.org", address)
    for addresses in ([address], ["8.8.8.8", address], [address, "8.8.8.8"]):

        async def resolving(_: str, __: int, found: list[str] = addresses) -> list[str]:
            return found

        with pytest.raises(FetchError):
            asyncio.run(checked_addresses(urlsplit("https://fhir.example.org/"), resolving, AddressRules()))


def test_a_named_server_whose_name_leads_to_this_machine_is_not_reached(book: RuleBook, listen: Any) -> None:
    server = listen(fhir_server)

    async def resolving(_: str, __: int) -> list[str]:
        return ["127.0.0.1"]

    base = f"https://fhir.example.org:{server.port}/r4"
    asked = made(base)
    assert completed(book, asked, base, loopback=False, resolving=resolving) == asked
    assert server.seen == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "1.1.1.1"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert AddressRules().refusal("fhir.example.org", address) == ""


def test_a_name_is_resolved_once_and_the_connection_goes_to_the_address_that_was_looked_at(
    book: RuleBook, listen: Any
) -> None:
    server, asked = listen(fhir_server), []

    async def resolving(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    base = f"http://fhir.example.org:{server.port}/fhir"
    found = completed(book, made(base), base, resolving=resolving)
    assert missing(book, found) == []
    assert (set(asked), len(server.seen)) == ({"fhir.example.org"}, 3)
    assert len(asked) <= 3
    assert {headers["host"] for _, headers in server.seen} == {f"fhir.example.org:{server.port}"}


def test_redirects_are_not_followed(book: RuleBook, listen: Any) -> None:
    other = listen(fhir_server)
    for status in (301, 302, 303, 307, 308):
        server = listen(lambda path, status=status: (status, {"Location": f"{other.base}{path}"}, b""))
        assert "patient" in missing(book, completed(book, made(server.base), server.base))
    assert other.seen == []


def test_proxies_of_the_environment_are_not_used(book: RuleBook, listen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server, proxy = listen(fhir_server), listen(fhir_server)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert missing(book, completed(book, made(server.base), server.base)) == []
    assert (len(server.seen), proxy.seen) == (3, [])


def test_further_pages_are_read_from_the_same_server(book: RuleBook, listen: Any) -> None:
    def paged(path: str) -> tuple[int, dict[str, str], bytes]:
        number = int(parse_qs(urlsplit(path).query).get("page", ["0"])[0])
        link = [{"relation": "next", "url": f"{server.base}/Observation?page={number + 1}"}] if number < 3 else []
        result = observation("LOINC 17861-6", 9.0, "mg/dL", identity=f"o{number}")
        return ok(searchset(result, link=link)) if "Observation" in path else fhir_server(path)

    server = listen(paged)
    found = completed(book, made(server.base), server.base)
    assert [e["resource"]["id"] for e in found.prefetch["observations"]["entry"]] == ["o0", "o1", "o2", "o3"]


def test_pages_without_end_are_cut_and_the_key_is_not_whole(book: RuleBook, listen: Any) -> None:
    def endless(path: str) -> tuple[int, dict[str, str], bytes]:
        return (
            ok(searchset(link=[{"relation": "next", "url": "Observation?page=1"}]))
            if "Obs" in path
            else fhir_server(path)
        )

    server = listen(endless)
    assert missing(book, completed(book, made(server.base), server.base)) == ["observations"]
    assert len(server.seen) == 22


@pytest.mark.parametrize(
    "link",
    ["http://127.0.0.1:{port}/fhir/Observation", "//127.0.0.1:{port}/fhir", "https://evil.example/fhir",
     "http://user@{own}/fhir/x", "/admin", "../admin", "{base}/../admin", "{base}/%2e%2e/admin", "{base}x/Observation",
     "file:///etc/passwd", "http://[bad", "\\\\127.0.0.1:{port}\\x"],
)  # fmt: skip
def test_a_next_link_that_leaves_the_server_is_not_followed(link: str, book: RuleBook, listen: Any) -> None:
    other = listen(fhir_server)

    def astray(path: str) -> tuple[int, dict[str, str], bytes]:
        own = f"127.0.0.1:{server.port}"
        url = link.format(port=other.port, own=own, base=server.base)
        return ok(searchset(link=[{"relation": "next", "url": url}])) if "Obs" in path else fhir_server(path)

    server = listen(astray)
    assert missing(book, completed(book, made(server.base), server.base)) == ["observations"]
    assert (other.seen, len(server.seen)) == ([], 3)


@pytest.mark.parametrize("url", ["Observation?page=2", "https://f.example/r4?_getpages=1", "https://f.example/r4/x?y"])
def test_a_next_link_below_the_base_is_followed(url: str) -> None:
    assert within("https://f.example/r4", url).startswith("https://f.example/r4")


BAD_ANSWERS: dict[str, Answer] = {
    "an error status": lambda _: (500, {}, b"{}"),
    "not found": lambda _: (404, {}, orjson.dumps(OUTCOME)),
    "unauthorized": lambda _: (401, {}, b""),
    "no JSON": lambda _: (200, {}, b"<html>"),
    "an OperationOutcome": lambda _: ok(OUTCOME),
    "a list": lambda _: ok([]),
    "compressed": lambda _: (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
    "too large": lambda _: (200, {}, b'{"a":"' + b"x" * 5_000_000 + b'"}'),
    "too deep": lambda _: (200, {}, b"[" * 100_000),
    "no content": lambda _: (204, {}, b""),
    "cut off": lambda _: (200, {"Content-Length": "1000"}, b"{}"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_server_that_fails_leaves_the_keys_missing(name: str, book: RuleBook, listen: Any) -> None:
    server = listen(BAD_ANSWERS[name])
    asked = made(server.base)
    assert completed(book, asked, server.base, seconds=1).prefetch == asked.prefetch


def test_a_slow_server_costs_no_more_than_the_deadline_and_what_came_in_time_counts(
    book: RuleBook, listen: Any
) -> None:
    release = threading.Event()

    def slow(path: str) -> tuple[int, dict[str, str], bytes]:
        if "Observation" in path:
            release.wait(10)
        return fhir_server(path)

    server = listen(slow)
    found = completed(book, made(server.base), server.base, seconds=0.5)
    release.set()
    assert missing(book, found) == ["observations"]


def test_cookies_of_one_call_are_not_sent_with_the_next(book: RuleBook, listen: Any) -> None:
    server = listen(lambda path: (200, {"Set-Cookie": "session=1"}, fhir_server(path)[2]))

    async def twice() -> None:
        fetcher = Fetcher(LOOPBACK)
        for _ in range(2):
            await Completion(fetcher, {"": (server.base,)}, 5).complete(made(server.base), NOBODY, book)
        await fetcher.close()

    asyncio.run(twice())
    assert [headers for _, headers in server.seen if "cookie" in headers] == []


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://user@example.org/", "https://example.org/#x", "https://example.org:0/",
            "https:///x", "https://exa mple.org/", "https://example.org:99999/", "https://example.org/\n", "x", ""],
)  # fmt: skip
def test_only_plain_https_urls_are_fetched(url: str) -> None:
    with pytest.raises(FetchError):
        checked_url(url, loopback=False)


def test_an_access_token_stands_in_no_text_of_the_call(book: RuleBook) -> None:
    asked = made("https://fhir.example.org/r4")
    assert TOKEN not in repr(asked)
    assert TOKEN not in str(asked.body)
    assert TODAY
