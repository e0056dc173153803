"""Settings -> the Service with everything that they turn on: authentication, records, metrics, health, switches ..."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from cds.bookshelf import samples_folder
from cds.records.database import default_place
from cds.records.pseudonym import Pseudonyms, load_or_create_key
from cds.records.records import Records
from cds.rulebook.model import RuleBook
from cds.service import health, reload, switches
from cds.service.authentication import keys_health, refresh_keys
from cds.service.denials import sweep_each_minute
from cds.service.health import Health
from cds.service.journal import Journal
from cds.service.metrics import Metrics
from cds.service.other_servers import PROBE_SECONDS, completion_of, fetcher_of, fhir_health, key_source
from cds.service.recording import Recording
from cds.service.reload import Reloader, announce, every, refuse_unless_pinned
from cds.service.rulebooks import CurrentRulebook, refuse_shared_names
from cds.service.settings import IssuerSettings, Settings
from cds.service.state import Service
from cds.service.switches import Switches
from cds.trust.fhir_servers import probe_all
from cds.trust.keys import KeySource
from cds.trust.tokens import Issuer, Verifier

PROBE_EVERY = 5.0
"""Seconds from one look at the records to the next; while they were written lately, or answer, it costs nothing."""


def build_service(settings: Settings, *books: RuleBook) -> Service:
    """The service; authentication is on as soon as issuers are named, fetching as soon as FHIR servers are.

    Raises:
        CdsError: two of the rulebooks share the id of a service or of a rule.

    """
    refuse_shared_names(books)
    fetcher = fetcher_of(settings)
    current, *others = map(CurrentRulebook, books)
    service = Service(current, settings, tuple(others))
    service.closers.append(fetcher.close)
    if settings.issuers:
        issuers = {
            entry.issuer: _issuer(entry, key_source(entry, fetcher, service), service) for entry in settings.issuers
        }
        keys = {name: issuer.keys for name, issuer in issuers.items()}
        service.tasks += [partial(refresh_keys, keys), partial(sweep_each_minute, service.denials)]
        service.checks.append(partial(keys_health, keys))
        service.authenticator = Verifier(issuers, settings.base_url, time.time, settings.leeway_seconds)
        servers = {entry.issuer: entry.fhir_servers for entry in settings.issuers}
    else:
        servers = {"": settings.fhir_servers}
    if any(servers.values()):
        service.completion = completion_of(servers, fetcher, service)
        named = service.completion.all_servers
        service.tasks.append(partial(probe_all, named, fetcher, PROBE_SECONDS))
        service.checks.append(partial(fhir_health, named))
    return service


def _issuer(entry: IssuerSettings, keys: KeySource, service: Service) -> Issuer:
    jku = (*entry.jku, *((entry.keys_url,) if entry.keys_url else ()))
    return Issuer(
        entry.issuer,
        keys,
        entry.algorithms,
        jku,
        entry.longest_token_seconds,
        entry.tenants,
        service.profiles[entry.profile],
    )


def add_operations(service: Service, *folders: Path, overlays: Sequence[tuple[Path, ...]] = ()) -> None:
    """Turn on what the settings ask for; ``folders`` hold the rule files, ``overlays`` what is laid over each of them.

    Raises:
        CdsError: the rules are not those that are pinned, the records cannot be opened, the switches are wrong.

    """
    settings = service.settings
    refuse_unless_pinned([one.book for one in service.rulebooks], settings.pinned)
    laid_over = overlays or [()] * len(folders)
    metrics = Metrics(lambda: service.books)
    journal = Journal(count=metrics.event)
    service.metrics = metrics if settings.metrics else None
    service.journal = journal if settings.journal else None
    for one, folder, over in zip(service.rulebooks, folders, laid_over, strict=True):
        one.samples = samples_folder(folder)
        announce(one.book, folder, over, journal)
        _watch(service, one, folder, over, journal)
    if settings.records:
        _add_records(service, journal, settings.records)
    if settings.switches:
        switched = Switches(settings.switches, lambda: tuple(one.book for one in service.rulebooks), journal)
        service.switches = switched
        service.tasks.append(partial(every, switches.SWITCHES_SECONDS, switched.poll, journal))
        service.checks.append(switched.report)
    service.health = Health(service.rulebooks, journal, checks=service.checks)
    service.tasks.append(partial(asyncio.to_thread, service.health.poll))
    service.tasks.append(partial(every, health.SELF_TEST_SECONDS, service.health.poll, journal))


def _watch(service: Service, one: CurrentRulebook, folder: Path, overlays: tuple[Path, ...], journal: Journal) -> None:
    """Watch the folder of a rulebook unless it is pinned."""
    if service.settings.reload and not service.settings.pinned:
        others = [other for other in service.rulebooks if other is not one]
        reloader = Reloader(one, folder, service.today, journal, overlays, others)
        service.checks.append(reloader.report)
        service.tasks.append(partial(every, reload.RELOAD_SECONDS, reloader.poll, journal))


def _add_records(service: Service, journal: Journal, place: str) -> None:
    settings = service.settings
    key = settings.pseudonym_key or default_place().with_name("pseudonym.key")
    _log_new_files(journal, {"records-begun": place, "pseudonym-key-made": str(key)})
    records = Records(place, timedelta(hours=settings.rest_hours))
    key.parent.mkdir(parents=True, exist_ok=True)
    recording = Recording(records, Pseudonyms(load_or_create_key(key)), service.now, journal)
    service.decisions = service.feedback = recording
    service.cool_down = recording if settings.rest_hours else None
    service.closers.append(partial(asyncio.to_thread, records.close))
    service.tasks.append(partial(every, PROBE_EVERY, records.probe, journal))
    service.checks.append(recording.report)


def _log_new_files(journal: Journal, places: Mapping[str, str]) -> None:
    """Write into the journal which files are made now: after a typing error in a path the old ones are not used."""
    for event, place in places.items():
        if "://" not in place and not Path(place).exists():
            journal.write(event, place=place)
