"""Suggestions: tests to order, referrals, and products to pause or stop, as FHIR R4 resources."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha1

from cds.code_systems import SNOMED
from cds.evaluation import Evaluation
from cds.intake.elements import has_id, name_of
from cds.intake.plain_r4 import is_plain
from cds.intake.record import Course
from cds.intake.validation import r4_problem
from cds.jsontypes import Json
from cds.quantity import ABSENT
from cds.rulebook.model import Advice, RuleBook

LABORATORY = {"system": SNOMED, "code": "108252007", "display": "Laboratory procedure"}
REFERRAL = {"system": SNOMED, "code": "3457005", "display": "Patient referral"}
VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""The two bits that say by which standard a UUID is made, in place of the first two of a digit."""
STATUS = {"hold": "on-hold", "stop": "stopped"}


def suggestions_of(evaluation: Evaluation, codes: dict[str, bool], card: str) -> list[Json]:
    """One suggestion, with one action, for each code that orders, refers, pauses or stops, and whether it is urgent."""
    found, advice = [], evaluation.book.advice
    for code, urgent in codes.items():
        own = advice[code]
        if own.order is None and not own.refer and not own.action:
            continue
        for number, (label, action) in enumerate(_actions(evaluation, own, urgent=urgent)):
            identity = uuid_in(card, f"{code} {number}")
            found.append({"label": label, "uuid": identity, "actions": [{**action, "description": label}]})
    return found


def uuid_text(namespace: bytes, name: str) -> str:
    """The UUID of a name in a namespace (RFC 9562, version 5), as ``uuid.uuid5`` gives it, in a third of the time."""
    text = sha1(namespace + name.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def uuid_in(card: str, name: str) -> str:
    """The UUID of a name in the card with a UUID."""
    return uuid_text(bytes.fromhex(card.replace("-", "")), name)


def _actions(evaluation: Evaluation, advice: Advice, *, urgent: bool) -> Iterator[tuple[str, Json]]:
    if advice.order is not None:
        coding = {"system": advice.order.system, "code": advice.order.code, "display": advice.order.display}
        resource = _request(evaluation, LABORATORY, {"coding": [coding]}, urgent=urgent)
        yield advice.says.rstrip(".。"), {"type": "create", "resource": resource}
    if advice.refer:
        resource = _request(evaluation, REFERRAL, {"text": f"Referral: {advice.refer}"}, urgent=urgent)
        yield evaluation.book.wording.filled("Refer to: {}", advice.refer), {"type": "create", "resource": resource}
    if advice.action:
        yield from _changes(evaluation, advice)


def _request(evaluation: Evaluation, category: Json, code: Json, *, urgent: bool) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "category": [{"coding": [category]}],
        "priority": "urgent" if urgent else "routine",
        "code": code,
        "subject": subject_of(evaluation),
    }


def subject_of(evaluation: Evaluation) -> Json:
    """A reference to the patient; by type alone when the Patient has no id."""
    patient = evaluation.chart.record.patient
    return {"reference": patient} if "/" in patient else {"type": "Patient"}


def _changes(evaluation: Evaluation, advice: Advice) -> Iterator[tuple[str, Json]]:
    """What is done about each product on record that advice changes; a draft has its own suggestion on each card."""
    record = evaluation.chart.record
    sources = {product.source for product in record.products}
    used: dict[str, list[Json]] = {}
    for resource in record.used:
        if has_id(resource) and (name := name_of(resource)) in sources and name not in record.drafts:
            used.setdefault(name, []).append(resource)
    for product in record.products:
        if is_changed_by(product, advice, evaluation.book):
            for resource in used.get(product.source, ()):
                yield from _change(resource, advice, evaluation)


def is_changed_by(product: Course, advice: Advice, book: RuleBook) -> bool:
    """Whether advice pauses or stops a product: it holds the nutrient; what is taken for some intents stays.

    A product that also holds the main nutrient is changed by what is said about that alone: it may have to go on while
    another one stops, and where it pauses too, one change is enough.
    """
    main, intent = book.products.main.name, book.products.intents.get(product.intent)
    if not advice.action or advice.nutrient not in product.holds or (intent and intent.never_paused):
        return False
    return product.state is not ABSENT and (advice.nutrient == main or main not in product.holds)


def _change(resource: Json, advice: Advice, evaluation: Evaluation) -> Iterator[tuple[str, Json]]:
    """The update of what is on record; what is not valid R4 cannot be sent back: then the card's text has to do."""
    wording = evaluation.book.wording
    changed = {**resource, "status": STATUS[advice.action]}
    if is_plain(changed) or r4_problem(changed) is None:
        label = "Pause {} product" if advice.action == "hold" else "Stop {} product"
        yield wording.filled(label, wording.remark(advice.nutrient or "")), {"type": "update", "resource": changed}
