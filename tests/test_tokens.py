"""Who may call: good tokens are let in; every other one gets the same bare 401, and leaves no trace."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest
from calls import REVIEW, body_of, call, client_of, service_for
from tokens import BASE, EHR, JKU, NOW, PATH, Clock, bearer, claims, key_set, keys, part, token, verifier

from cds.errors import CdsError
from cds.rulebook.model import RuleBook
from cds.trust.caller import UNTRUSTED_REASONS, Caller, UntrustedError
from cds.trust.keys import FORCED_SECONDS, FRESH_SECONDS, STALE_SECONDS, KeyServer, KeysUnavailableError, public_keys
from cds.trust.tokens import MOST_SEEN, SeenTokens

Json = dict[str, Any]


def admit(text: str | None, path: str = PATH, **more: Any) -> Caller:
    return asyncio.run(verifier(**more).authenticate(text, path))


def reason(text: str | None, path: str = PATH, **more: Any) -> str:
    with pytest.raises(UntrustedError) as caught:
        admit(text, path, **more)
    assert (caught.value.status, str(caught.value), caught.value.headers) == (
        401, "Not authorized.", {"WWW-Authenticate": "Bearer"},
    )  # fmt: skip
    return caught.value.reason


GOOD = {
    "ES384": token,
    "RS384": lambda: token("RS384"),
    "no jku": lambda: token(header={"jku": None}),
    "aud as a list": lambda: token(aud=["https://elsewhere.example.org", f"{BASE}{PATH}"]),
    "nbf in the past and sub, as Epic sends them": lambda: token(nbf=NOW - 300, sub="client-1"),
    "expired within the leeway": lambda: token(iat=NOW - 200, exp=NOW - 29),
    "issued ahead within the leeway": lambda: token(iat=NOW + 29, exp=NOW + 300),
    "a tenant": lambda: token(tenant="hospital-1"),
    "unknown claims and header members": lambda: token(header={"x-vendor": "1"}, azp="x"),
    "whole numbers": lambda: token(iat=int(NOW), exp=int(NOW) + 300),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_token_is_let_in(name: str) -> None:
    assert admit(f"Bearer {GOOD[name]()}").issuer == EHR


def raw(**header: Any) -> str:
    """A token without a signature, with these members in its header."""
    return f"{part({'alg': 'ES384', 'kid': 'ec384', **header})}.{part(claims())}.x"


def signed_as_hmac() -> str:
    return token("HS256", header={"alg": "HS256"})


HOSTILE: dict[str, tuple[Any, str]] = {
    "no header": (lambda: None, "header"),
    "empty": (lambda: "", "header"),
    "another scheme": (lambda: f"Basic {token()}", "header"),
    "no scheme": (token, "header"),
    "not three parts": (lambda: "Bearer a.b", "header"),
    "an encrypted token": (lambda: "Bearer a.b.c.d.e", "header"),
    "not base64": (lambda: "Bearer !!!.???.***", "header"),
    "not JSON": (lambda: "Bearer YWJj.YWJj.YWJj", "header"),
    "a list as header": (lambda: f"Bearer {part([1])}.{part({})}.x", "header"),
    "two tokens": (lambda: f"Bearer {token()} {token()}", "header"),
    "larger than 8 KB": (lambda: f"Bearer {token(pad='x' * 9000)}", "header"),
    "alg none": (lambda: f"Bearer {part({'alg': 'none', 'kid': 'ec384'})}.{part(claims())}.", "algorithm"),
    "alg None": (lambda: f"Bearer {part({'alg': 'NoNe', 'kid': 'ec384'})}.{part(claims())}.", "algorithm"),
    "HS256 with a key of its own": (lambda: f"Bearer {signed_as_hmac()}", "algorithm"),
    "ES256, not configured": (lambda: f"Bearer {token('ES256')}", "algorithm"),
    "RS384 named for an EC key": (lambda: f"Bearer {token('RS384', header={'kid': 'ec384'})}", "key"),
    "ES384 named for an RSA key": (lambda: f"Bearer {token(header={'kid': 'rsa'})}", "key"),
    "no alg": (lambda: f"Bearer {part({'kid': 'ec384'})}.{part(claims())}.x", "header"),
    "alg as a list": (lambda: f"Bearer {part({'alg': ['ES384'], 'kid': 'ec384'})}.{part(claims())}.x", "header"),
    "no kid": (lambda: f"Bearer {token(header={'kid': None})}", "header"),
    "unknown kid": (lambda: f"Bearer {token(header={'kid': 'rotated'})}", "key"),
    "kid as a path": (lambda: f"Bearer {token(header={'kid': '../../etc/passwd'})}", "key"),
    "crit": (lambda: f"Bearer {raw(crit=['exp'])}", "header"),
    "b64 false": (lambda: f"Bearer {raw(b64=False)}", "header"),
    "key inside the token": (
        lambda: f"Bearer {token(key='other', header={'jwk': keys()['other'].as_dict(private=False)})}", "signature"),
    "x5u in the token": (lambda: f"Bearer {token(key='other', header={'x5u': 'https://evil.example'})}", "signature"),
    "signed by another key": (lambda: f"Bearer {token(key='other')}", "signature"),
    "no signature": (lambda: f"Bearer {token().rpartition('.')[0]}.", "signature"),
    "changed claims": (lambda: "Bearer {0}.{2}.{1}".format(*token().split(".")[::2], part(claims())), "signature"),
    "unlisted jku": (lambda: f"Bearer {token(header={'jku': 'https://evil.example/jwks.json'})}", "jku"),
    "jku of the loopback address": (lambda: f"Bearer {token(header={'jku': 'http://127.0.0.1:1/k'})}", "jku"),
    "jku as a list": (lambda: f"Bearer {raw(jku=[JKU])}", "jku"),
    "unknown issuer": (lambda: f"Bearer {token(iss='https://evil.example')}", "issuer"),
    "no issuer": (lambda: f"Bearer {token(iss=None)}", "issuer"),
    "issuer with another case": (lambda: f"Bearer {token(iss=EHR.upper())}", "issuer"),
    "issuer as a list": (lambda: f"Bearer {token(iss=[EHR])}", "issuer"),
    "aud of another service": (lambda: f"Bearer {token(aud=f'{BASE}/cds-services/calcium-order-sign')}", "audience"),
    "aud of the base": (lambda: f"Bearer {token(aud=BASE)}", "audience"),
    "aud with a slash more": (lambda: f"Bearer {token(aud=f'{BASE}{PATH}/')}", "audience"),
    "no aud": (lambda: f"Bearer {token(aud=None)}", "audience"),
    "empty list of aud": (lambda: f"Bearer {token(aud=[])}", "audience"),
    "expired": (lambda: f"Bearer {token(iat=NOW - 300, exp=NOW - 31)}", "time"),
    "issued in the future": (lambda: f"Bearer {token(iat=NOW + 31, exp=NOW + 300)}", "time"),
    "not yet valid": (lambda: f"Bearer {token(nbf=NOW + 31)}", "time"),
    "valid for too long": (lambda: f"Bearer {token(iat=NOW, exp=NOW + 301)}", "time"),
    "expires before it was issued": (lambda: f"Bearer {token(iat=NOW + 10, exp=NOW + 5)}", "time"),
    "no exp": (lambda: f"Bearer {token(exp=None)}", "claims"),
    "no iat": (lambda: f"Bearer {token(iat=None)}", "claims"),
    "exp as text": (lambda: f"Bearer {token(exp=str(NOW + 100))}", "claims"),
    "exp as true": (lambda: f"Bearer {token(exp=True)}", "claims"),
    "nbf as text": (lambda: f"Bearer {token(nbf='now')}", "claims"),
    "no jti": (lambda: f"Bearer {token(jti=None)}", "claims"),
    "empty jti": (lambda: f"Bearer {token(jti='')}", "claims"),
    "jti as a number": (lambda: f"Bearer {token(jti=7)}", "claims"),
    "a giant jti": (lambda: f"Bearer {token(jti='j' * 300)}", "claims"),
    "tenant as a list": (lambda: f"Bearer {token(tenant=['a'])}", "tenant"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_token_is_refused_for_its_reason_and_the_caller_is_not_told(name: str) -> None:
    make, expected = HOSTILE[name]
    assert reason(make()) == expected


def test_the_reasons_are_a_closed_list_and_each_occurs() -> None:
    assert {why for _, why in HOSTILE.values()} | {"replay"} == set(UNTRUSTED_REASONS)


def test_es256_is_let_in_where_the_configuration_names_it() -> None:
    assert admit(f"Bearer {token('ES256')}", algorithms=("ES256", "RS256")).issuer == EHR


def test_a_tenant_that_is_not_listed_is_refused() -> None:
    assert reason(f"Bearer {token(tenant='b')}", tenants=("a",)) == "tenant"
    assert admit(f"Bearer {token(tenant='a')}", tenants=("a",)).tenant == "a"


def test_a_token_for_a_service_is_not_good_for_its_feedback() -> None:
    assert reason(f"Bearer {token()}", f"{PATH}/feedback") == "audience"
    assert admit(f"Bearer {token(aud=f'{BASE}{PATH}/feedback')}", f"{PATH}/feedback").issuer == EHR


def test_the_same_token_a_hundred_times_at_once_is_let_in_once() -> None:
    gate, text = verifier(), f"Bearer {token()}"

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(gate.authenticate(text, PATH) for _ in range(100)), return_exceptions=True)

    answers = asyncio.run(all_at_once())
    assert sum(isinstance(answer, Caller) for answer in answers) == 1
    assert {answer.reason for answer in answers if not isinstance(answer, Caller)} == {"replay"}


def test_a_bad_token_does_not_use_up_the_id_of_a_good_one() -> None:
    gate = verifier()
    for text in (token(key="other", jti="same"), token(jti="same", aud=BASE), token(jti="same", tenant=5)):
        with pytest.raises(UntrustedError):
            asyncio.run(gate.authenticate(f"Bearer {text}", PATH))
    assert gate.seen.until == {}
    assert asyncio.run(gate.authenticate(f"Bearer {token(jti='same')}", PATH)).issuer == EHR


def test_a_token_is_remembered_until_it_has_expired_and_no_longer() -> None:
    seen = SeenTokens()
    assert seen.is_new(("i", "a"), 100, 0)
    assert not seen.is_new(("i", "a"), 100, 99)
    assert seen.is_new(("j", "a"), 100, 99)
    assert seen.is_new(("i", "b"), 300, 200)
    assert set(seen.until) == {("i", "b")}


def test_more_tokens_than_can_be_remembered_are_told_to_come_again() -> None:
    seen = SeenTokens()
    seen.until = {("i", str(number)): 1000.0 for number in range(MOST_SEEN)}
    with pytest.raises(CdsError, match="Try again"):
        seen.is_new(("i", "new"), 1000, 10)
    assert seen.is_new(("i", "new"), 3000, 2000)


class Endpoint:
    """A key set that is counted and can fail or change."""

    def __init__(self) -> None:
        self.calls, self.fails, self.data = 0, False, key_set("ES384")

    async def __call__(self) -> Json:
        self.calls += 1
        if self.fails:
            raise CdsError("down")
        return self.data


def found(server: KeyServer, kid: str) -> bool:
    return asyncio.run(server.find(kid)) is not None


def test_a_thousand_unknown_key_ids_make_at_most_one_request() -> None:
    clock, endpoint = Clock(), Endpoint()
    server = KeyServer(endpoint, clock)
    assert found(server, "ec384")
    clock.time += FORCED_SECONDS
    assert not any(found(server, f"random{number}") for number in range(1000))
    assert endpoint.calls == 2


def test_a_rotated_key_is_found_by_one_forced_request() -> None:
    clock, endpoint = Clock(), Endpoint()
    server = KeyServer(endpoint, clock)
    assert not found(server, "rsa")
    endpoint.data = key_set("RS384")
    assert not found(server, "rsa")
    clock.time += FORCED_SECONDS
    assert found(server, "rsa")
    assert not found(server, "ec384")


def test_keys_are_fresh_for_ten_minutes_and_outlive_an_outage_of_a_day() -> None:
    clock, endpoint = Clock(), Endpoint()
    server = KeyServer(endpoint, clock)
    assert found(server, "ec384")
    clock.time += FRESH_SECONDS
    assert (found(server, "ec384"), endpoint.calls) == (True, 1)
    endpoint.fails = True
    clock.time += 1
    assert (found(server, "ec384"), endpoint.calls) == (True, 2)
    clock.time = NOW + STALE_SECONDS
    assert found(server, "ec384")
    clock.time += 1
    with pytest.raises(KeysUnavailableError):
        found(server, "ec384")
    endpoint.fails = False
    clock.time += FORCED_SECONDS
    assert found(server, "ec384")


def test_a_key_set_that_turns_bad_does_not_replace_the_good_one() -> None:
    clock, endpoint = Clock(), Endpoint()
    server = KeyServer(endpoint, clock)
    assert found(server, "ec384")
    for bad in ({}, {"keys": []}, {"keys": [keys()["ES384"].as_dict(private=True)]}, [], "x"):
        endpoint.data = bad
        clock.time += FRESH_SECONDS + 1
        assert found(server, "ec384")


@pytest.mark.parametrize(
    "entry",
    [{"kty": "oct", "k": "AAAA", "kid": "a"}, {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "a"},
     {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "a"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "a"},
     {"kty": "EC", "kid": "a"}, {"kid": "a"}, {}, 5,
     {**key_set("ES384")["keys"][0], "kid": None}, {**key_set("ES384")["keys"][0], "use": "enc"},
     {**key_set("ES384")["keys"][0], "key_ops": ["sign"]}, {**key_set("ES384")["keys"][0], "alg": "ES256"}],
)  # fmt: skip
def test_keys_that_cannot_verify_are_no_keys(entry: Any) -> None:
    with pytest.raises(CdsError):
        public_keys({"keys": [entry]})


def test_a_header_of_five_megabytes_is_refused_without_being_parsed() -> None:
    text = "Bearer " + "x.y." * 1_250_000
    begin = time.perf_counter()
    assert reason(text) == "header"
    assert time.perf_counter() - begin < 5


def guarded(book: RuleBook) -> Any:
    service = service_for(book)
    service.authenticator = verifier()
    return client_of(service)


def test_over_http_the_endpoints_let_in_only_tokens_made_out_to_them(book: RuleBook) -> None:
    client = guarded(book)
    feedback = f"{REVIEW}/feedback"
    entry = {"card": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "outcome": "overridden",
             "outcomeTimestamp": "2026-01-15T08:00:00Z"}  # fmt: skip
    for path, send in (
        (REVIEW, lambda h: client.post(REVIEW, json=call(), headers=h)),
        (feedback, lambda h: client.post(feedback, json={"feedback": [entry]}, headers=h)),
        ("/cds-services", lambda h: client.get("/cds-services", headers=h)),
    ):
        good = bearer(token(aud=f"{BASE}{path}"))
        assert [send(headers).status_code for headers in (good, good, {}, bearer(token(aud=BASE)))] == [
            200, 401, 401, 401,
        ]  # fmt: skip


def test_every_refusal_has_the_same_bare_body_and_host_headers_change_nothing(book: RuleBook) -> None:
    client = guarded(book)
    texts = [make() for make, _ in HOSTILE.values()]
    sent = [
        {"authorization": text, "host": "evil.example", "x-forwarded-host": "evil.example"} for text in texts if text
    ]
    answers = [client.post(REVIEW, content=body_of(call()), headers=headers) for headers in [{}, *sent]]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


def test_the_token_comes_before_the_body_and_before_the_service_is_looked_up(book: RuleBook) -> None:
    client = guarded(book)
    assert client.post(REVIEW, content=b"{" * 3_000_000).status_code == 401
    assert client.post("/cds-services/no-such-service", json={}).status_code == 401
    good = bearer(token(aud=f"{BASE}/cds-services/no-such-service"))
    assert client.post("/cds-services/no-such-service", json={}, headers=good).status_code == 404


def test_tenants_do_not_mix(book: RuleBook) -> None:
    gate = verifier()

    async def both() -> list[Caller]:
        texts = [f"Bearer {token(tenant=tenant)}" for tenant in ("a", "b") * 20]
        return await asyncio.gather(*(gate.authenticate(text, PATH) for text in texts))

    assert [caller.tenant for caller in asyncio.run(both())] == ["a", "b"] * 20


def test_no_token_stands_in_any_log(book: RuleBook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client, text = guarded(book), token(jti="CANARY-JTI")
    for _ in range(2):
        answer = client.post(REVIEW, json=call(), headers=bearer(text))
        assert text not in answer.text
    assert text not in caplog.text
    assert "CANARY-JTI" not in caplog.text
