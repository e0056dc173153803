"""The configuration file -> Settings, or every problem of it at once.

The file is YAML in the form of the rule files: words with spaces, one item to a line, every scalar read as text first.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from cds.errors import CdsError, Problem, RulebookError, nearest
from cds.intake.reading import parse_json
from cds.rulebook.misshapen import place_of, said_once
from cds.rulebook.misshapen_words import in_words
from cds.rulebook.yaml_text import Page, Place, read_page
from cds.service.access.certificate import tls_problems
from cds.service.configuration.network_settings import network_problems
from cds.service.configuration.reason_settings import OverrideReason, reason_problems
from cds.service.configuration.record_settings import record_problems
from cds.service.configuration.rule_folders import NamedRules, RuleFolders
from cds.service.configuration.settings import FORMS, OPEN_TO_ALL, IssuerSettings, RulesSettings, Settings
from cds.trust.keys import public_keys

PATHS = ("switches", "pseudonym_key", "trusted_certificates", "tls_certificate", "tls_key")
LISTED: dict[str, type[BaseModel]] = {
    "issuers": IssuerSettings,
    "rules": RulesSettings,
    "override reasons": OverrideReason,
}
"""What the items of a list are, where they are mappings."""


class ConfigurationError(RulebookError):
    """The configuration cannot be used: all its problems at once."""

    code = "bad-configuration"


def read_settings(path: Path, named: NamedRules = NamedRules()) -> Settings:  # noqa: B008 - a value
    """The settings of a configuration file; paths in it are relative to its folder.

    ``named`` are the rules of the command line, which come before its own.

    Raises:
        ConfigurationError: with every problem.
        CdsError: the file cannot be opened.

    """
    problems: list[Problem] = []
    try:
        page = read_page(path, path.name, problems)
    except OSError:
        raise CdsError(f"the configuration file '{path}' cannot be opened.") from None
    if page is None:
        raise ConfigurationError(problems)
    try:
        settings = Settings.model_validate(page.data)
    except ValidationError as error:
        raise ConfigurationError(_said(detail, page) for detail in _own(error)) from None
    folders = RuleFolders(_beside(settings, path.parent), named, page, path.parent)
    settings = folders.settled()
    if found := [*folders.problems, *_contradictions(settings, page)]:
        raise ConfigurationError(found)
    return settings


def _own(error: ValidationError) -> Iterator[Any]:
    """The findings of the schema, but for lists that are too short because their items were refused."""
    for detail in said_once(error.errors(include_url=False)):
        if detail["type"] != "too_short" or not detail["input"]:
            yield detail


def _said(detail: Any, page: Page) -> Problem:
    """A finding of the schema as a problem at its place; the nearest known key of the same mapping is offered."""
    place = place_of(page, detail["loc"])
    model: type[BaseModel] = Settings
    for part in place:
        model = _model_at(model, part)
    if detail["type"] == "string_pattern_mismatch":
        form = FORMS[detail["ctx"]["pattern"]]
        return page.problem(place, "this is not of the form that is needed.", f"Write it as {form}.", "wrong-value")
    if detail["type"] == "tuple_type":
        item = "Write each item on a line of its own, after '- '."
        return page.problem(place, "a list is needed.", item, "wrong-value")
    words = detail.get("ctx", {}).get("expected", "")
    todo = nearest(str(detail["input"]), words.replace(" or ", ", ").strip("'").split("', '")) if words else "Mend it."
    return page.problem(place, *in_words(detail, _keys(model), todo))


def _model_at(model: type[BaseModel], part: int | str) -> type[BaseModel]:
    """The model of what stands under a key, where that is a mapping or a list of mappings."""
    field = next((f for f in model.model_fields.values() if f.alias == part), None)
    if field is None:
        return model
    if part in LISTED:
        return LISTED[str(part)]
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else model


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _beside(settings: Settings, folder: Path) -> Settings:
    """The settings with paths taken from the folder of the file."""
    issuers = tuple(
        issuer.model_copy(update={"keys_file": folder / issuer.keys_file}) if issuer.keys_file else issuer
        for issuer in settings.issuers
    )
    named = {name: getattr(settings, name) for name in PATHS}
    paths: dict[str, object] = {name: folder / path for name, path in named.items() if path}
    paths["rules"] = tuple(one.model_copy(update={"folder": folder / one.folder}) for one in settings.rules)
    if settings.records and "://" not in settings.records:
        paths["records"] = str(folder / settings.records)
    if settings.log_head_to and not settings.notes_head_at_url:
        paths["log_head_to"] = str(folder / settings.log_head_to)
    return settings.model_copy(update={"issuers": issuers, **paths})


def _contradictions(settings: Settings, page: Page) -> Iterator[Problem]:
    """What each part allows and all together do not."""
    if settings.authentication == "required" and not settings.issuers:
        yield page.problem(("authentication",), "nobody may call.", "Name 'issuers'.", "missing-key")
    if settings.authentication == OPEN_TO_ALL and settings.issuers:
        todo = "Remove 'issuers' or this line."
        yield page.problem(("authentication",), "it is off, and issuers are named.", todo, "wrong-value")
    if settings.issuers and settings.public_url is None and not is_loopback(settings.listen.host):
        todo = "Add the URL by which clients call: tokens are made out to it."
        yield page.problem(("issuers",), "'public url' is missing.", todo, "missing-key")
    names = [issuer.issuer for issuer in settings.issuers]
    for number, issuer in enumerate(settings.issuers):
        place: Place = ("issuers", number)
        if names.index(issuer.issuer) < number:
            yield page.problem(place, "this issuer stands twice.", "Keep one of the two.", "wrong-value")
        yield from _wrong_keys(issuer, page, place)
    yield from reason_problems(settings.override_reasons, page)
    yield from record_problems(settings, page)
    yield from tls_problems(settings, page)
    yield from network_problems(settings, page, _called(settings))
    for place, url in _urls(settings):
        if not url.startswith("https://") and not (is_loopback(urlsplit(url).hostname or "")):
            yield page.problem(place, "a URL that is not https.", "Use https.", "wrong-value")


def _wrong_keys(issuer: IssuerSettings, page: Page, place: Place) -> Iterator[Problem]:
    if (issuer.keys_file is None) == (issuer.keys_url is None):
        todo = "Name the one place where its public keys are."
        yield page.problem(place, "it needs 'keys file' or 'keys url'.", todo, "missing-key")
    if issuer.keys_file is not None:
        try:
            public_keys(parse_json(issuer.keys_file.read_bytes()))
        except OSError:
            yield page.problem((*place, "keys file"), "the file cannot be opened.", "Mend the path.", "wrong-value")
        except CdsError as error:
            yield page.problem((*place, "keys file"), str(error), "Mend the file.", "wrong-value")


def _urls(settings: Settings) -> Iterator[tuple[Place, str]]:
    """Every URL that is called or compared, with its place."""
    if settings.public_url:
        yield ("public url",), settings.public_url
    yield from _called(settings)


def _called(settings: Settings) -> Iterator[tuple[Place, str]]:
    """Every URL that is called, with its place."""
    if settings.notes_head_at_url:
        yield ("log head to",), str(settings.log_head_to)
    yield from ((("fhir servers", number), url) for number, url in enumerate(settings.fhir_servers))
    for number, issuer in enumerate(settings.issuers):
        place: Place = ("issuers", number)
        if issuer.keys_url:
            yield (*place, "keys url"), issuer.keys_url
        yield from (((*place, "fhir servers", n), url) for n, url in enumerate(issuer.fhir_servers))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: a name that only looks like an address (127.example.org) may lead anywhere."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
