"""The services that are offered, one for each hook, and the discovery answer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from cds.hooks.prefetch import prefetch_of
from cds.hooks.profiles import GENERIC, Profile
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
Hook = Literal["patient-view", "order-select", "order-sign", "medication-refill", "encounter-discharge"]
CDS_HOOKS = "2.0.1"
TITLE = "Calcium supplement and co-nutrients"
USAGE = (
    "For health professionals. Without a key of the prefetch nothing of its kind is taken as absent: cards say "
    "less. Not a cleared medical device; every rule is a draft until a clinician signs it."
)


class Offer(NamedTuple):
    """A service: its id, its hook, the version of the hook, and which member of the context holds the orders."""

    id: str
    hook: Hook
    version: str
    about: str
    orders: str = ""


OFFERS = (
    Offer("calcium-review", "patient-view", "1.0",
          "Should this patient go on with the calcium supplement? Which co-nutrients need review?"),
    Offer("calcium-order-select", "order-select", "1.0",
          "What the selected order means for calcium and co-nutrients, together with the record.", "draftOrders"),
    Offer("calcium-order-sign", "order-sign", "1.0",
          "What the orders about to be signed mean for calcium and co-nutrients.", "draftOrders"),
    Offer("calcium-refill", "medication-refill", "0.1.0",
          "Whether a refill of a calcium product or of an interacting medicine needs review.", "medications"),
    Offer("calcium-discharge", "encounter-discharge", "1.0",
          "Reconciliation at discharge: should the calcium supplement go on?"),
)  # fmt: skip
"""One service id for each hook: clients that key services by id would lose one of two with the same id."""
BY_HOOK: dict[str, Offer] = {offer.hook: offer for offer in OFFERS}
USUAL: tuple[Hook, ...] = ("patient-view", "order-select", "order-sign")
"""The hooks that are offered unless the configuration says otherwise."""


def offers_of(hooks: Iterable[str] = USUAL, profile: Profile = GENERIC) -> dict[str, Offer]:
    """The services for these hooks by id, as far as the client knows the hooks."""
    return {
        BY_HOOK[hook].id: BY_HOOK[hook] for hook in hooks if not profile.hooks or hook in profile.hooks
    }  # fmt: skip


@lru_cache(maxsize=64)
def discovery(book: RuleBook, hooks: tuple[str, ...] = USUAL, profile: Profile = GENERIC) -> Json:
    """The answer to ``GET /cds-services``."""
    prefetch = prefetch_of(book)
    return {
        "services": [
            {
                "id": offer.id, "hook": offer.hook, "title": TITLE, "description": offer.about, "prefetch": prefetch,
                "usageRequirements": USAGE, "version": CDS_HOOKS, "hookVersion": offer.version,
            }
            for offer in offers_of(hooks, profile).values()
        ]
    }  # fmt: skip
