"""Files whose names do not tell what they hold are read as ``cds evaluate`` reads them."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import orjson
import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner
from made_lines import HIGH, NORMAL, TAKES, about, lines
from populations import one_by_one, run

from cds.cli import app
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


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary()])
def test_a_column_of_any_kind_of_text_is_one_of_json(kind: pa.DataType, tmp_path: Path) -> None:
    texts = pa.array([line.decode() for line in (*ONE, *TWO)]).cast(kind)
    pq.write_table(pa.table({"resource": texts, "other": texts}), tmp_path / "a.parquet", row_group_size=2)
    ran = run(tmp_path / "run", tmp_path / "a.parquet")
    assert (ran.status, ran.answers()["Patient/one"]["outcome"]) == (0, "hold")


def test_a_column_of_words_and_a_compressed_table_are_read(tmp_path: Path) -> None:
    texts = pa.array([line.decode() for line in (*ONE, *TWO)]).dictionary_encode()
    pq.write_table(pa.table({"resource": texts}), tmp_path / "a.parquet")
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    ran = run(tmp_path / "run", tmp_path / "b.parquet.gz")
    assert (ran.status, ran.answers()["Patient/one"]["outcome"]) == (0, "hold")


@pytest.mark.parametrize("content", [b"", b"PAR1garbage", None])
def test_a_table_that_is_damaged_is_said_to_be_that(content: bytes | None, tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=TWO)
    pq.write_table(pa.table({"resource": [line.decode() for line in ONE]}), folder / "b.parquet")
    whole = (folder / "b.parquet").read_bytes()
    (folder / "b.parquet").write_bytes(whole[:-60] if content is None else content)
    ran = run(tmp_path / "run", folder)
    assert ran.status == 1
    assert "The table is damaged, cut short, or none." in ran.ledger["problems"][0]


@pytest.mark.parametrize("name", ["it's here", "a [1]", "all*", "why?", "{x}", "100 %", "ü"])
def test_a_run_lies_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*ONE, *TWO])
    run(tmp_path / "all of another run", folder)
    ran = run(tmp_path / name, folder)
    assert (ran.status, ran.ledger["patients"]["answered"]) == (0, 2)
    compared = CliRunner().invoke(app, ["population", "compare", str(ran.folder), str(ran.folder)])
    assert compared.exit_code == 0


def test_a_folder_behind_a_link_is_not_passed_over_without_a_word(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=TWO)
    (folder / "more").symlink_to(lines(tmp_path / "elsewhere", b=ONE), target_is_directory=True)
    ran = run(tmp_path / "run", folder)
    assert ran.status == 1
    assert "more: a link to a folder was not followed" in ran.ledger["problems"][0]
