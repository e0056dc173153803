"""Settings -> the Service with everything that they turn on: authentication, records, metrics, health, switches ..."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from cds.about import version
from cds.bookshelf import samples_folder
from cds.rulebook.model import RuleBook
from cds.service import reload, switches
from cds.service.access.authentication import keys_health, refresh_keys
from cds.service.access.certificate import CERTIFICATE_SECONDS, Certificate
from cds.service.access.denials import sweep_each_minute
from cds.service.access.other_servers import PROBE_SECONDS, completion_of, fetcher_of, fhir_health, key_source
from cds.service.configuration.plan import Plan
from cds.service.configuration.settings import IssuerSettings, Settings
from cds.service.observability import health
from cds.service.observability.health import Health
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.observability.telemetry.asked import telemetry_of
from cds.service.observability.telemetry.telemetry import TelemetryError
from cds.service.recording.wiring import add_records
from cds.service.reload import Reloader, announce, every, refuse_unless_pinned
from cds.service.rulebooks import CurrentRulebook, refuse_shared_names
from cds.service.state import Service
from cds.service.switches import Switches
from cds.service.workers.accepted import AcceptedRules
from cds.service.workers.figure_files import WRITE_SECONDS, FigureFiles
from cds.service.workers.following import FOLLOW_SECONDS, Follower
from cds.trust.fhir_servers import probe_all
from cds.trust.keys import KeySource
from cds.trust.tokens import Issuer, Verifier


def build_service(settings: Settings, *books: RuleBook) -> Service:
    """The service; authentication is on as soon as issuers are named, fetching as soon as FHIR servers are.

    Raises:
        CdsError: two of the rulebooks share the id of a service or of a rule.

    """
    refuse_shared_names(books)
    fetcher = fetcher_of(settings)
    current, *others = map(CurrentRulebook, books)
    service = Service(current, settings, tuple(others))
    service.fetcher = fetcher
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
    plan = Plan(service.settings, tuple(zip(folders, overlays or [()] * len(folders), strict=True)))
    refuse_unless_pinned([one.book for one in service.rulebooks], service.settings.pinned)
    journal = _begin(service, plan, Metrics(lambda: service.books), {})
    for one, folder, over in zip(service.rulebooks, plan.folders, plan.overlays, strict=True):
        announce(one.book, folder, over, journal)
    for reloader in reloaders(service, plan, journal):
        service.checks.append(reloader.report)
        service.tasks.append(partial(every, reload.RELOAD_SECONDS, reloader.poll, journal))
    _add_parts(service, journal)


def add_worker_operations(service: Service, plan: Plan, accepted: AcceptedRules, figures: FigureFiles) -> None:
    """The same in one of several workers, which takes over the rulebooks that its supervisor has accepted.

    Raises:
        CdsError: the records cannot be opened, the switches are wrong.

    """
    metrics = Metrics(lambda: service.books, figures)
    journal = _begin(service, plan, metrics, {"worker": os.getpid()})
    service.tasks.append(partial(every, WRITE_SECONDS, metrics.publish, journal))
    follower = Follower(service.rulebooks, accepted, journal)
    service.checks.append(follower.report)
    service.tasks.append(partial(every, FOLLOW_SECONDS, follower.poll, journal))
    _add_parts(service, journal)


def _begin(service: Service, plan: Plan, metrics: Metrics, constant: Mapping[str, float]) -> Journal:
    """Give the service its metrics, and the rulebooks their samples; the journal, which is the service's if wanted."""
    journal = Journal(count=metrics.event, constant=constant)
    service.metrics = metrics if plan.settings.metrics else None
    service.journal = journal if plan.settings.journal else None
    for one, folder in zip(service.rulebooks, plan.folders, strict=True):
        one.samples = samples_folder(folder)
    return journal


def _add_parts(service: Service, journal: Journal) -> None:
    """Certificate, records, switches and health; the first self-test is before the first call."""
    settings = service.settings
    _add_certificate(service, journal)
    if settings.records:
        add_records(service, journal, settings.records)
    if settings.switches:
        switched = Switches(settings.switches, lambda: tuple(one.book for one in service.rulebooks), journal)
        service.switches = switched
        service.tasks.append(partial(every, switches.SWITCHES_SECONDS, switched.poll, journal))
        service.checks.append(switched.report)
    service.health = Health(service.rulebooks, journal, checks=service.checks)
    service.before.append(partial(asyncio.to_thread, service.health.poll))
    service.tasks.append(partial(every, health.SELF_TEST_SECONDS, service.health.poll, journal))


def add_telemetry(service: Service) -> None:
    """Start the telemetry that the environment asks for, in the process that answers calls.

    Without it the service answers all the same, and the journal says why, also where it is otherwise off.
    """
    journal = service.journal or Journal()
    try:
        service.telemetry = telemetry_of(service.settings.base_url, version(), journal)
    except TelemetryError as error:
        journal.write("telemetry-not-started", problem=str(error))
    if service.telemetry is not None:
        service.closers.append(service.telemetry.close)


def _add_certificate(service: Service, journal: Journal) -> None:
    settings = service.settings
    if settings.tls_certificate and settings.tls_key:
        service.certificate = Certificate(settings.tls_certificate, settings.tls_key, journal)
        service.tasks.append(partial(every, CERTIFICATE_SECONDS, service.certificate.poll, journal))
        service.checks.append(service.certificate.report)


def reloaders(service: Service, plan: Plan, journal: Journal) -> list[Reloader]:
    """What watches the folder of each rulebook; nothing where they are pinned, or are not to be reloaded."""
    if not plan.settings.reload or plan.settings.pinned:
        return []
    found = []
    for one, folder, over in zip(service.rulebooks, plan.folders, plan.overlays, strict=True):
        others = [other for other in service.rulebooks if other is not one]
        found.append(Reloader(one, folder, service.today, journal, over, others))
    return found
