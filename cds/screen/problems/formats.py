"""The formats by their names, as ``--format`` takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cds.screen.problems.github import github
from cds.screen.problems.json_lines import json_lines
from cds.screen.problems.junit import junit
from cds.screen.problems.report import Report
from cds.screen.problems.sarif import sarif
from cds.screen.problems.text import text

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text,
    "json": json_lines,
    "sarif": sarif,
    "github": github,
    "junit": junit,
}
"""Each makes the whole output of a report; nothing is written before it is whole."""
