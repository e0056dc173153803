"""The CDS services of a rulebook, one for each hook, and the discovery answer (https://cds-hooks.hl7.org/2.0/#discovery)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.cards.closing import DISCLAIMER
from cds.hooks.prefetch import prefetch_of
from cds.hooks.profiles import GENERIC, Profile
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook
from cds.rulebook.model.topic import Hook

CDS_HOOKS = "2.0.1"
INTENDED_USER = "For health professionals."
"""For whom answers are meant, where the rule files do not say."""
STATUS = f"{DISCLAIMER} Every rule is a draft until a clinician signs it."
USAGE = "Without a key of the prefetch nothing of its kind is taken as absent: cards say less."


class HookDefinition(NamedTuple):
    """A hook of the standard: its version, and which member of its context holds the orders ('' for none)."""

    version: str
    orders: str = ""


HOOKS: dict[Hook, HookDefinition] = {
    "patient-view": HookDefinition("1.0"),
    "order-select": HookDefinition("1.0", "draftOrders"),
    "order-sign": HookDefinition("1.0", "draftOrders"),
    "medication-refill": HookDefinition("0.1.0", "medications"),
    "encounter-discharge": HookDefinition("1.0"),
}
"""The hooks that a topic can offer a service for (https://cds-hooks.hl7.org/hooks/)."""
USUAL: tuple[Hook, ...] = ("patient-view", "order-select", "order-sign")
"""The hooks that are offered unless the configuration says otherwise."""


class CdsService(NamedTuple):
    """A service: its id, its hook with the hook's version, what it says of itself, and the member with the orders."""

    id: str
    hook: str
    version: str
    about: str
    orders: str = ""


@lru_cache(maxsize=64)
def services_by_hook(book: RuleBook) -> dict[str, CdsService]:
    """The services that the topic of a rulebook names; each has an id of its own.

    Clients that key services by id would lose one of two with the same id.
    """
    named = book.topic.services
    return {
        hook: CdsService(named[hook].id, hook, known.version, named[hook].says, known.orders)
        for hook, known in HOOKS.items()
        if hook in named
    }


def services_of(book: RuleBook, hooks: Iterable[str] = USUAL, profile: Profile = GENERIC) -> dict[str, CdsService]:
    """The services for these hooks by id, as far as the topic offers them and the client knows the hooks."""
    offered = services_by_hook(book)
    known = (hook for hook in hooks if hook in offered and (not profile.hooks or hook in profile.hooks))
    return {offered[hook].id: offered[hook] for hook in known}


@lru_cache(maxsize=64)
def discovery(book: RuleBook, hooks: tuple[str, ...] = USUAL, profile: Profile = GENERIC) -> Json:
    """The answer to ``GET /cds-services``."""
    return {"services": [_described(service, book) for service in services_of(book, hooks, profile).values()]}


def _described(service: CdsService, book: RuleBook) -> Json:
    about = f"{book.topic.intended_user or INTENDED_USER} {STATUS}"
    return {
        "id": service.id,
        "hook": service.hook,
        "title": book.title,
        "description": f"{service.about} {about}",
        "prefetch": prefetch_of(book),
        "usageRequirements": f"{about} {USAGE}",
        "version": CDS_HOOKS,
        "hookVersion": service.version,
    }
