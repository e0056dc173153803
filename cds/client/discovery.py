"""Which services a server offers: https://cds-hooks.hl7.org/2.0/#discovery."""

from __future__ import annotations

from typing import Any

from cds.cards.wording import harmless
from cds.client.calling import CallError
from cds.errors import nearest

Json = dict[str, Any]
PATH = "/cds-services"


def discovery_url(url: str) -> str:
    """The address of discovery for an address of the server, of its discovery, or of one of its services."""
    base, _, _ = url.rstrip("/").partition(PATH)
    return f"{base.rstrip('/')}{PATH}"


def service_at(url: str, hook: str, answer: object) -> Json:
    """The service of a discovery answer for a hook: the one that the address names, else the only one for the hook.

    Raises:
        CallError: the answer is no list of services, or none of them, or several, are meant.

    """
    listed = answer.get("services") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise CallError(f"{discovery_url(url)} does not answer with a list of services.")
    services = [
        item for item in listed if isinstance(item, dict) and item.get("id") and isinstance(item.get("hook"), str)
    ]
    named = url.rstrip("/").partition(f"{PATH}/")[2]
    meant = [item for item in services if item["hook"] == hook and (not named or item["id"] == named)]
    if not meant:
        hooks = sorted({harmless(item["hook"]) for item in services})
        what = f"no service for the hook '{hook}'" + (f" and the id '{named}'" if named else "")
        raise CallError(f"There is {what}. It offers: {', '.join(hooks) or 'nothing'}. {nearest(hook, hooks)}")
    if len(meant) > 1:
        names = ", ".join(f"{discovery_url(url)}/{harmless(str(item['id']))}" for item in meant)
        raise CallError(f"Several services answer '{hook}'; give the address of one: {names}.")
    return meant[0]
