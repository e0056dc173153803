"""Who calls: what a verified token says, and nothing that a caller could make up."""

from __future__ import annotations

from typing import NamedTuple

from cds.hooks.profiles import GENERIC, Profile


class Caller(NamedTuple):
    """The caller of a request; the issuer is empty while authentication is off.

    The tenant comes from the verified token only.
    """

    issuer: str = ""
    tenant: str = ""
    profile: Profile = GENERIC


NOBODY = Caller()
