"""The configuration of the service as a typed value; every number has its unit in its name."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from cds.rulebook.shapes import Shape

OPEN_TO_ALL = "off, and I know that whoever reaches this address can call it"
Hook = Literal["patient-view", "order-select", "order-sign", "medication-refill", "encounter-discharge"]
Algorithm = Literal["ES384", "RS384", "ES256", "RS256"]
ProfileName = Literal["generic", "epic", "cerner"]
HttpsUrl = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(?:/[^\s?#]*)?$")]


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Listen(Shape):
    """Where the service listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class IssuerSettings(Shape):
    """A client that may call, and where its public keys are: in a file, or behind a URL of this configuration."""

    issuer: str
    keys_file: Path | None = None
    keys_url: HttpsUrl | None = None
    algorithms: tuple[Algorithm, ...] = ("ES384", "RS384")
    longest_token_seconds: Annotated[int, Field(ge=30, le=3600)] = 300
    profile: ProfileName = "generic"
    tenants: tuple[str, ...] = ()
    fhir_servers: tuple[HttpsUrl, ...] = ()


class Limits(Shape):
    """What one caller, or all together, may use."""

    body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 2 * 1024 * 1024
    body_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    concurrent_calls: Annotated[int, Field(ge=1, le=10_000)] = 64
    calls_per_second: Annotated[float, Field(gt=0)] | None = None
    burst: Annotated[int, Field(ge=1)] = 100
    fetch_seconds: Annotated[float, Field(gt=0, le=30)] = 2


class Settings(Shape):
    """The whole configuration; without a file, that of a service on the loopback address without authentication.

    ``page``: whether the page for a person is at ``/``; it never is where the service listens beyond loopback.
    """

    listen: Listen = Listen()
    public_url: HttpsUrl | None = None
    authentication: str = ""
    leeway_seconds: Annotated[int, Field(ge=0, le=60)] = 30
    issuers: tuple[IssuerSettings, ...] = ()
    hooks: Annotated[tuple[Hook, ...], Field(min_length=1)] = ("patient-view", "order-select", "order-sign")
    profile: ProfileName = "generic"
    page: bool = True
    origins: tuple[str, ...] = ()
    limits: Limits = Limits()
    rules: Path | None = None
