"""Files whose names do not tell what they hold are read as ``cds evaluate`` reads them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

from made_lines import HIGH, NORMAL, TAKES, about, lines
from populations import one_by_one, run

from cds.rulebook.model import RuleBook

DAY = date(2026, 6, 1)
ONE, TWO = about("one", TAKES, HIGH), about("two", TAKES, NORMAL)
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": orjson.loads(line)} for line in ONE]}
PRETTY = orjson.dumps(BUNDLE, option=orjson.OPT_INDENT_2)
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ndjson", PRETTY),
        ("a.ndjson", MARK + PRETTY),
        ("a.ndjson", b"[\n" + b",\n".join(ONE) + b"\n]\n"),
        ("a.ndjson", b"".join([MARK, *(line + b"\r\n" for line in ONE)])),
        ("a.ndjson", b"".join(line + b"\n" for line in ONE).decode().encode("utf-16")),
        ("a.json", b"\n".join(ONE)),
        ("a.json", b"\n\n" + b"\n".join([*ONE, *ONE[1:]])),
        ("a.ndjson", b"{\n" + b"\n".join(ONE)),
    ],
)
def test_a_file_is_read_by_what_it_holds(name: str, content: bytes, tmp_path: Path, book: RuleBook) -> None:
    folder = lines(tmp_path / "data", b=TWO)
    (folder / name).write_bytes(content)
    ran = run(tmp_path / "run", folder, options=["--as-of", str(DAY)])
    expected = one_by_one(book, DAY, folder)
    found = ran.answers()
    assert found["Patient/one"]["outcome"] == "hold"
    assert found.keys() == expected.keys()
    assert {name: answer["outcome"] for name, answer in found.items()} == {
        name: answer["outcome"] for name, answer in expected.items()
    }


def test_a_byte_order_mark_before_lines_is_no_trouble_for_cds_evaluate(tmp_path: Path, book: RuleBook) -> None:
    folder = lines(tmp_path / "data", a=[MARK + ONE[0], *ONE[1:], *TWO])
    assert one_by_one(book, DAY, folder)["Patient/one"]["outcome"] == "hold"
