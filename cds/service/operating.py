"""What an operator needs, put into a Service: records, journal, metrics, health, switches, hot reload."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
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

PROBE_EVERY = 5.0
"""Seconds from one look at the records to the next; while they were written lately, or answer, it costs nothing."""


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
        service.parts.append(board.report)
    _watch(service, folder, overlay, journal)


def _watch(service: Service, folder: Path, overlay: Path | None, journal: Journal) -> None:
    """The self-test at the start and every hour, and the folder of the rules unless they are pinned."""
    service.health = Health(lambda: service.shelf.book, journal, service.samples, parts=service.parts)
    service.tasks.append(partial(asyncio.to_thread, service.health.poll))
    service.tasks.append(partial(every, health.EVERY, service.health.poll, journal))
    if service.settings.reload and not service.settings.rules_sha256:
        reloader = Reloader(service.shelf, folder, service.samples, service.today, journal, overlay)
        service.parts.append(reloader.report)
        service.tasks.append(partial(every, reload.EVERY, reloader.poll, journal))


def _record(service: Service, journal: Journal, place: str) -> None:
    settings = service.settings
    key = settings.pseudonym_key or default_place().with_name("pseudonym.key")
    _tell_what_is_new(journal, {"records-begun": place, "pseudonym-key-made": str(key)})
    records = Records(place, timedelta(hours=settings.rest_hours))
    key.parent.mkdir(parents=True, exist_ok=True)
    recording = Recording(records, Pseudonyms(kept_key(key)), service.now, journal)
    service.decisions = service.feedback = recording
    service.cool_down = recording if settings.rest_hours else None
    service.closers.append(partial(asyncio.to_thread, records.close))
    service.tasks.append(partial(every, PROBE_EVERY, records.probe, journal))
    service.parts.append(recording.report)


def _tell_what_is_new(journal: Journal, places: Mapping[str, str]) -> None:
    """Write into the journal which files are made now: after a typing error in a path the old ones are not used."""
    for event, place in places.items():
        if "://" not in place and not Path(place).exists():
            journal.write(event, place=place)
