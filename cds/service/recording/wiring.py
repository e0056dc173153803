"""Settings -> the decision log that they ask for, with all that looks after it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from cds.records.database import default_place
from cds.records.pseudonym import Pseudonyms, load_or_create_key
from cds.records.records import Records
from cds.service.observability.journal import Journal
from cds.service.recording.head_export import HeadExport, to_file, to_server
from cds.service.recording.recording import Recording
from cds.service.recording.retention import RETENTION_SECONDS, Retention
from cds.service.reload import every
from cds.service.state import Service
from cds.service.together import work_together

PROBE_EVERY = 1.0
"""Seconds from one look at the records to the next; while they were written lately, or answer, it costs nothing."""


def add_records(service: Service, journal: Journal, place: str) -> None:
    """Keep the decisions and the feedback of the service at ``place``, a file or the URL of a database.

    Raises:
        CdsError: the records cannot be opened, or the pseudonyms in them were made with another key.

    """
    settings = service.settings
    key = settings.pseudonym_key or default_place().with_name("pseudonym.key")
    _log_new_files(journal, {"records-begun": place, "pseudonym-key-made": str(key)})
    rest, patience = timedelta(hours=settings.rest_hours), settings.limits.record_seconds
    records = Records(place, rest, patience, lambda happened, text: journal.write(happened, problem=text))
    key.parent.mkdir(parents=True, exist_ok=True)
    names = Pseudonyms(load_or_create_key(key))
    records.claim_key(names.fingerprint)
    recording = Recording(records, names, service.now, journal, request_kept=settings.keep_requests)
    service.card_ids = names.card_ids
    service.decisions = service.feedback = recording
    service.cool_down = recording if settings.rest_hours else None
    work_together(service, records, journal)
    service.closers.append(partial(asyncio.to_thread, records.close))
    service.tasks.append(partial(every, PROBE_EVERY, recording.probe, journal))
    service.checks.append(recording.report if settings.when_not_recorded == "refuse" else recording.warning)
    _keep_no_longer(service, journal, records)
    _note_heads(service, journal, records)


def _keep_no_longer(service: Service, journal: Journal, records: Records) -> None:
    requests, decisions = (service.settings.days(name) for name in ("keep_requests_for", "keep_decisions_for"))
    if requests or decisions:
        retention = Retention(records, requests, decisions, service.now, journal)
        service.tasks.append(partial(every, RETENTION_SECONDS, retention.poll, journal))
        service.checks.append(retention.report)


def _note_heads(service: Service, journal: Journal, records: Records) -> None:
    settings, place = service.settings, service.settings.log_head_to
    if place is None or service.fetcher is None:
        return
    note = to_server(place, service.fetcher) if settings.notes_head_at_url else to_file(Path(place))
    export = HeadExport(records, note, service.now, journal)
    service.tasks.append(partial(export.run, settings.log_head_minutes))
    service.checks.append(export.report)


def _log_new_files(journal: Journal, places: Mapping[str, str]) -> None:
    """Write into the journal which files are made now: after a typing error in a path the old ones are not used."""
    for event, place in places.items():
        if "://" not in place and not Path(place).exists():
            journal.write(event, place=place)
