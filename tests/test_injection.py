"""What stands in a record never acts in a card: 18 payloads in every text of the data, rendered as an EHR would."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from calls import REVIEW, SIGN, call, client_of, draft, orders, searchset, service_for
from markdown_it import MarkdownIt
from people import CALCIUM, condition, observation, patient, quantity, statement
from starlette.testclient import TestClient

from cds.cards.models import Response
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
PAYLOADS = {
    "script": "<script>alert(1)</script>", "image": "<img src=x onerror=alert(1)>", "svg": "<svg/onload=alert(1)>",
    "frame": "<iframe src=https://evil.example></iframe>", "link": "[click](https://evil.example)",
    "script link": "[click](javascript:alert(1))", "image link": "![x](https://evil.example/p.png)",
    "reference link": "[x][1]\n\n[1]: https://evil.example", "autolink": "<https://evil.example>",
    "bare link": "https://evil.example/x www.evil.example", "heading": "\n\n# STOP ALL CALCIUM\n\n",
    "table": "\n\n| a | b |\n|---|---|\n| STOP | NOW |\n", "code": "```\nSTOP\n```",
    "emphasis": "**STOP** __NOW__ ~~not~~", "mail": "mailto:x@evil.example x@evil.example",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;", "direction": "\u202etsop\u202c \u2066x\u2069",
    "invisible": "a\u200b\u200d\ufeffb\u0000\u0007\u001b[31m", "template": "{{7*7}} ${7*7} {% x %} %s {0}",
    "long": "A" * 5000, "break out of a comment": '"--><script>alert(1)</script>',
}  # fmt: skip


@pytest.fixture(scope="module")
def client(book: RuleBook) -> TestClient:
    return client_of(service_for(book))


def poisoned(payload: str) -> list[Json]:
    """Calls with the payload wherever a client may put text."""
    calcium = {**observation(CALCIUM, 13, "mg/dL", identity=payload), "note": [{"text": payload}]}
    calcium["code"] = {**calcium["code"], "text": payload}
    odd = {**observation(CALCIUM, 9, "mg/dL", identity=f"x{payload}"), "valueQuantity": quantity(9, payload)}
    product = statement(text=f"calcium 600 mg {payload}", identity=payload, note=[{"text": payload}])
    product["medicationCodeableConcept"]["coding"][0]["display"] = payload
    named = statement("", text=f"Tums {payload}", identity=f"y{payload}", dosage=[{"text": payload}])
    illness = condition("SNOMED 64859006", text=payload, identity=payload)
    who = {**patient(), "name": [{"family": payload, "given": [payload]}]}
    found = {"patient": who, "observations": searchset(calcium, odd), "conditions": searchset(illness),
             "statements": searchset(product, named)}  # fmt: skip
    body = call(**found)
    body["context"]["userId"] = payload
    order = draft(text=payload, identity=payload, note=[{"text": payload}])
    return [
        body,
        call("order-sign", {"draftOrders": orders(order)}, **found),
        call(**found, goals=payload, requests=None),
    ]


def texts_of(cards: list[Json]) -> list[str]:
    """Everything of the cards that is shown."""
    found = [text for card in cards for text in (card["summary"], card["detail"], card["source"]["label"])]
    found += [s["label"] for card in cards for s in card.get("suggestions", ())]
    return found + [a["description"] for c in cards for s in c.get("suggestions", ()) for a in s["actions"]]


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_in_the_record_is_inert_in_every_card(client: TestClient, name: str) -> None:
    payload, clean = PAYLOADS[name], tags(client, "plain")
    for body in poisoned(payload):
        found = client.post(SIGN if body["hook"] == "order-sign" else REVIEW, json=body)
        assert found.status_code == 200, found.text
        cards = found.json()["cards"]
        assert Response.model_validate({"cards": cards})
        assert cards
        for text in texts_of(cards):
            assert payload not in text
            assert [char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"] == []
            assert rendered_tags(text) <= clean
            assert not re.search(r"(://|www\.|@)evil", text)
        assert {link["url"] for card in cards for link in card.get("links", ()) if "evil" in link["url"]} == set()


def tags(client: TestClient, payload: str) -> set[str]:
    """The tags that cards about harmless data are rendered with."""
    cards = [card for body in poisoned(payload)[:1] for card in client.post(REVIEW, json=body).json()["cards"]]
    return {tag for text in texts_of(cards) for tag in rendered_tags(text)} | {"li", "ul", "p", "strong", "h3"}


def rendered_tags(text: str) -> set[str]:
    """The tags of a text as a renderer of GitHub's Markdown makes it, HTML allowed."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").render(text)
    return set(re.findall(r"<([a-z0-9]+)", html))


def test_the_renderer_of_this_test_would_show_each_payload_that_is_markup() -> None:
    active = [name for name, payload in PAYLOADS.items() if rendered_tags(payload) - {"p"}]
    assert len(active) >= 12
    assert len(PAYLOADS) >= 18
