"""What is kept between runs: named by content and code, written whole or not at all, for one user alone."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from cds import cache
from cds.cache import DAYS_KEPT, keep, key_of

SOURCES = ("quantity.py", "rulebook")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules, one of them two folders down."""
    (tmp_path / "rulebook" / "model").mkdir(parents=True)
    (tmp_path / "quantity.py").write_text("1", "utf-8")
    (tmp_path / "rulebook" / "model" / "term.py").write_text("2", "utf-8")
    monkeypatch.setattr(cache, "HERE", tmp_path)
    return tmp_path


@pytest.mark.parametrize("module", ["quantity.py", "rulebook/model/term.py", "rulebook/new.py"])
def test_a_change_of_any_module_at_any_depth_changes_the_key(module: str, package: Path) -> None:
    before = key_of("rules", SOURCES)
    (package / module).write_text("3", "utf-8")
    assert key_of("rules", SOURCES) != before


def test_the_key_is_of_the_content_too(package: Path) -> None:
    assert key_of(("rules", []), SOURCES) == key_of(("rules", []), SOURCES) != key_of(("rules", ["CA-01"]), SOURCES)


def test_a_file_is_replaced_whole_and_belongs_to_one_user(tmp_path: Path) -> None:
    place = tmp_path / "new" / "kept.proofs"
    for content in (b"a long first content", b"short"):
        keep(place, content)
    assert place.read_bytes() == b"short"
    assert [path.name for path in place.parent.iterdir()] == ["kept.proofs"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    keep(tmp_path / "file" / "kept.proofs", b"content")
    assert (tmp_path / "file").read_bytes() == b""


def test_what_was_kept_long_ago_goes_and_what_others_put_there_stays(tmp_path: Path) -> None:
    old, young, strange = (tmp_path / f"{name}.rulebook" for name in (key_of(1, ()), key_of(2, ()), "mine"))
    now = time.time()
    for path, days in ((old, DAYS_KEPT + 0.1), (young, DAYS_KEPT - 0.1), (strange, 1000)):
        path.write_bytes(b"content")
        os.utime(path, (now, now - days * 24 * 60 * 60))
    keep(tmp_path / "new.proofs", b"content")
    assert {path.name for path in tmp_path.iterdir()} == {young.name, strange.name, "new.proofs"}
