"""What an operator needs, put into a Service: records, journal, metrics, health, switches, hot reload."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path

from cds.bookshelf import samples_folder
from cds.records.database import default_place
from cds.records.pseudonym import Pseudonyms, kept_key
from cds.records.records import Records
from cds.service import health, reload, switches
from cds.service.health import Health
from cds.service.journal import Journal
from cds.service.metrics import Metrics
from cds.service.recording import Recording
from cds.service.reload import Reloader, announce, every, refuse_unless_pinned
from cds.service.state import Service
from cds.service.switches import Switches


def operate(service: Service, folder: Path, overlay: Path | None = None) -> None:
    """Turn on what the settings ask for; ``folder`` holds the rule files, ``overlay`` what is laid over them.

    Raises:
        CdsError: the rules are not those that are pinned, the records cannot be opened, the switches are wrong.

    """
    settings = service.settings
    refuse_unless_pinned(service.shelf.book, settings.rules_sha256)
    service.samples = samples_folder(folder)
    metrics = Metrics(lambda: service.book)
    journal = Journal(count=metrics.event)
    service.metrics = metrics if settings.metrics else None
    service.journal = journal if settings.journal else None
    announce(service.shelf.book, folder, overlay, journal)
    if settings.records:
        _record(service, journal, settings.records)
    if settings.switches:
        board = Switches(settings.switches, lambda: service.shelf.book, journal)
        service.switches = board
        service.tasks.append(partial(every, switches.EVERY, board.poll, journal))
    _watch(service, folder, overlay, journal)


def _watch(service: Service, folder: Path, overlay: Path | None, journal: Journal) -> None:
    """The self-test at the start and every hour, and the folder of the rules unless they are pinned."""
    service.health = Health(lambda: service.shelf.book, journal, service.samples)
    service.tasks.append(partial(asyncio.to_thread, service.health.poll))
    service.tasks.append(partial(every, health.EVERY, service.health.poll, journal))
    if service.settings.reload and not service.settings.rules_sha256:
        reloader = Reloader(service.shelf, folder, service.samples, service.today, journal, overlay)
        service.tasks.append(partial(every, reload.EVERY, reloader.poll, journal))


def _record(service: Service, journal: Journal, place: str) -> None:
    settings = service.settings
    records = Records(place, timedelta(hours=settings.rest_hours))
    key = settings.pseudonym_key or default_place().with_name("pseudonym.key")
    key.parent.mkdir(parents=True, exist_ok=True)
    recording = Recording(records, Pseudonyms(kept_key(key)), service.now, journal)
    service.decisions = service.feedback = recording
    service.cool_down = recording if settings.rest_hours else None
    service.closers.append(partial(asyncio.to_thread, records.close))
