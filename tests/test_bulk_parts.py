"""The parts of the Bulk Data client: waits, names of files, lines, gzip, pages of a manifest."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from cds.bulk.gzip_text import decoded
from cds.bulk.kick_off import export_request
from cds.bulk.lines import Lines
from cds.bulk.manifest import manifest_of
from cds.bulk.pace import LONGEST_BACK_OFF, Pace, asked_wait
from cds.bulk.problems import EXPORT_CODES, ExportError, TransientError

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)


def test_pages_that_lead_in_a_circle_are_left() -> None:
    page = {"requiresAccessToken": False, "output": [], "link": [{"relation": "next", "url": "/b"}]}
    with pytest.raises(ExportError, match="circle"):
        manifest_of("https://a.example.org/a", page, lambda _: page)


def test_gzip_that_is_cut_off_is_noticed() -> None:
    whole = gzip.compress(b'{"a":1}\n' * 50)
    assert b"".join(decoded(iter([whole[:1], whole[1:]]), "gzip")) == b'{"a":1}\n' * 50
    halves = gzip.compress(b'{"a":1}\n') + gzip.compress(b'{"a":2}\n')
    assert b"".join(decoded(iter([halves[:40], halves[40:]]), "gzip")) == b'{"a":1}\n{"a":2}\n'
    with pytest.raises(TransientError, match="too early"):
        b"".join(decoded(iter([whole[:-9]]), "gzip"))
    with pytest.raises(TransientError, match="broken"):
        b"".join(decoded(iter([whole[:20] + b"xxxxxxxxx" + whole[20:]]), "gzip"))
    with pytest.raises(ExportError, match="not asked for"):
        decoded(iter([b""]), "br")


@pytest.mark.parametrize("pieces", [1, 2, 7, 1000])
def test_lines_are_counted_whatever_the_pieces(pieces: int) -> None:
    text = b'{"a":1}\r\n\n  \n{"b":"' + b"x" * 100 + b'"}\n{"c":3}'
    lines = Lines()
    for start in range(0, len(text), pieces):
        lines.add(text[start : start + pieces])
    assert (lines.end(), lines.lines, lines.bytes, text[lines.last :]) == (True, 3, len(text), b'{"c":3}')
    assert lines.is_ndjson


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, -90.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9" * 40}, None),
        ({"retry-after": "²"}, None),
        ({}, None),
    ],
)
def test_when_to_ask_again_is_read_in_seconds_and_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait({**headers, "date": format_datetime(NOW, usegmt=True)}) == seconds


def test_waits_stay_within_bounds_and_grow_where_nothing_is_asked_for() -> None:
    pace = Pace(600)
    assert [pace.seconds(asked, 1) for asked in (-90.0, 0.0, 120.0, 1e9)] == [1, 1, 120, 600]
    waits = [pace.seconds(None, tries) for tries in range(1, 100)]
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == LONGEST_BACK_OFF


@pytest.mark.parametrize(
    ("urls", "names"),
    [
        (["/a/1.Patient.ndjson", "/b/1.Patient.ndjson"], ["1.Patient.ndjson", "2.Patient.ndjson"]),
        (["/a/p.ndjson", "/b/P.ndjson"], ["p.ndjson", "1.Patient.ndjson"]),
        (["/file/17?x=1.ndjson", "/..%2f..%2fetc.ndjson"], ["1.Patient.ndjson", "2.Patient.ndjson"]),
        (["/x/..", "/x/.ndjson"], ["1.Patient.ndjson", "2.Patient.ndjson"]),
        (["/x/export.json", "/x/manifest.json"], ["1.Patient.ndjson", "2.Patient.ndjson"]),
    ],
)
def test_a_file_has_a_name_of_its_own_that_leads_nowhere_else(urls: list[str], names: list[str]) -> None:
    items = [{"type": "Patient", "url": f"https://f.example.org{url}"} for url in urls]
    found = manifest_of("https://f.example.org/s", {"output": items}, lambda _: {})
    assert [file.name for file in found.files] == names


@pytest.mark.parametrize("data", [{}, {"output": {}}, {"output": ["x"]}, {"output": [{"type": "Patient"}]}])
def test_what_is_no_manifest_is_said_to_be_none(data: Any) -> None:
    with pytest.raises(ExportError) as caught:
        manifest_of("https://f.example.org/s", data, lambda _: {})
    assert caught.value.code == "no-bulk-data"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://a.example.org/fhir/", "https://a.example.org/fhir"),
        ("https://a.example.org/fhir/$export", "https://a.example.org/fhir"),
        ("https://a.example.org/fhir/Patient/$export?_type=Patient", "https://a.example.org/fhir"),
        ("https://a.example.org/fhir/Group/x-1/%24export", "https://a.example.org/fhir"),
    ],
)
def test_the_base_of_a_server_is_found_from_each_url(url: str, base: str) -> None:
    assert export_request(url, "/Patient", ()).base == base


def test_every_code_of_an_export_error_is_in_the_list() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "cds" / "bulk").glob("*.py")]
    calls = r'(?:ExportError|TransientError|\.error)\(\s*"([a-z-]+)"|\[([a-z]+-[a-z]+)\]"'
    used = {one or other for text in texts for one, other in re.findall(calls, text)}
    assert used == set(EXPORT_CODES)
