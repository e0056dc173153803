"""What is wrong with what a configuration says about the records: how long they are kept, where their end is noted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.errors import Problem
from cds.rulebook.yaml_text import Page
from cds.service.configuration.settings import FORMS, URL, Settings

OF_RECORDS = ("keep requests", "keep requests for", "keep decisions for", "log head to", "log head minutes")
"""The keys that say nothing without 'records'."""


def record_problems(settings: Settings, page: Page) -> Iterator[Problem]:
    """Every problem."""
    said = [key for key in OF_RECORDS if key in page.data]
    if said and not settings.records:
        yield page.problem((said[0],), "there are no records.", "Name 'records', or remove it.", "missing-key")
    if "log head minutes" in page.data and not settings.log_head_to:
        todo = "Say with 'log head to' where the end is noted."
        yield page.problem(("log head minutes",), "'log head to' is missing.", todo, "missing-key")
    requests, decisions = settings.days("keep_requests_for"), settings.days("keep_decisions_for")
    if requests is not None and not settings.keep_requests:
        todo = "Remove one of the two."
        yield page.problem(("keep requests for",), "'keep requests' says that none is kept.", todo, "wrong-value")
    if requests and decisions and decisions < requests:
        what = "requests go with their decisions, which are kept for less."
        yield page.problem(("keep requests for",), what, "Keep decisions for at least as long.", "wrong-value")
    if settings.notes_head_at_url and not re.match(URL, str(settings.log_head_to)):
        what = "this is not of the form that is needed."
        yield page.problem(("log head to",), what, f"Write it as {FORMS[URL]}, or name a file.", "wrong-value")
