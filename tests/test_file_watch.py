"""The file of the records deleted, replaced, or robbed of what is beside it, while a service writes into it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from recorded import plain

from cds.records.chain import entries, verify
from cds.records.database import open_existing
from cds.records.records import Records
from cds.records.writer import UnavailableError

BESIDE = ("-wal", "-shm")


class Kept:
    """Records with what was heard of their file."""

    def __init__(self, place: Path) -> None:
        self.place, self.heard = place, dict[str, str]()
        self.records = Records(place, heard=self.heard.__setitem__)

    def write(self, number: int) -> None:
        for _ in range(number):
            self.records.add_decision(plain()).result(10)

    def refusal(self) -> str:
        return str(self.records.add_decision(plain()).exception(10))

    def beside(self, end: str) -> Path:
        return self.place.with_name(f"{self.place.name}{end}")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    found = Kept(tmp_path / "records.sqlite")
    yield found
    found.records.close()


def good(place: Path) -> int:
    """How many records of a file are good, and all of them must be."""
    engine = open_existing(place)
    found = verify(engine)
    engine.dispose()
    assert found.problem == ""
    return found.good


def test_it_is_known_at_once_that_the_file_is_gone_before_anything_is_written(kept: Kept) -> None:
    kept.write(1)
    assert kept.records.trouble == ""
    kept.place.rename(kept.place.with_suffix(".away"))
    assert kept.records.trouble == "the file records.sqlite is gone"
    kept.place.with_suffix(".away").rename(kept.place)
    assert kept.records.trouble == ""
    kept.write(1)
    assert not list(kept.place.parent.glob("*.saved-*"))


def test_what_a_deleted_file_held_is_saved_and_put_back_it_goes_on(kept: Kept) -> None:
    kept.write(3)
    for path in (kept.place, *map(kept.beside, BESIDE)):
        path.unlink()
    assert "unable to open database file" in kept.refusal()
    (saved,) = kept.place.parent.glob("*.saved-*")
    assert saved.name in kept.heard["records-deleted"]
    assert (good(saved), oct(saved.stat().st_mode & 0o777)) == (3, "0o600")
    assert "gone" in kept.records.trouble or "unable to open" in kept.records.trouble
    saved.rename(kept.place)
    kept.write(1)
    assert (good(kept.place), kept.records.trouble) == (4, "")


@pytest.mark.parametrize("gone", [("-wal",), ("-shm",), BESIDE])
def test_what_the_lost_files_beside_it_held_is_taken_up_by_the_database(kept: Kept, gone: tuple[str, ...]) -> None:
    kept.write(3)
    for end in gone:
        kept.beside(end).unlink()
    assert kept.records.trouble == "the -wal or -shm of records.sqlite is gone"
    kept.write(2)
    assert "took up what they held" in kept.heard["records-beside-gone"]
    assert (len(list(entries(kept.records.engine))), kept.records.trouble) == (5, "")
    shutil.copyfile(kept.place, kept.place.with_name("alone.sqlite"))
    assert good(kept.place) == 5


def test_a_copy_of_before_in_its_place_is_refused_until_the_right_one_is_back(kept: Kept) -> None:
    kept.write(2)
    copy, shelf = kept.place.with_name("copy"), kept.place.with_name("shelf")
    with closing(sqlite3.connect(kept.place)) as reader, closing(sqlite3.connect(copy)) as target:
        reader.backup(target)
    kept.write(3)
    shelf.mkdir()
    for path in (kept.place, *map(kept.beside, BESIDE)):
        path.rename(shelf / path.name)
    copy.rename(kept.place)
    assert kept.records.trouble == "another file is in the place of records.sqlite"
    said = "the log ends at 2, and 5 was written: it was put back, or is another one."
    assert said in kept.refusal()
    assert kept.records.trouble.startswith(said.rstrip("."))
    assert "records-moved" in kept.heard
    kept.place.unlink()
    for path in shelf.iterdir():
        path.rename(kept.place.parent / path.name)
    for _ in range(2):
        kept.records.probe()
    kept.write(1)
    assert (good(kept.place), kept.records.trouble) == (6, "")


def test_another_file_beside_the_log_of_the_one_before_is_not_opened(kept: Kept) -> None:
    kept.write(2)
    other = Records(kept.place.with_name("other.sqlite"))
    other.add_decision(plain()).result(10)
    other.close()
    kept.place.with_name("other.sqlite").replace(kept.place)
    assert "beside the -wal of the one before" in kept.refusal()
    (saved,) = kept.place.parent.glob("*.saved-*")
    assert good(saved) == 2


def test_a_log_with_another_past_is_refused_though_it_is_longer(kept: Kept) -> None:
    kept.write(2)
    for path in (kept.place, *map(kept.beside, BESIDE)):
        path.unlink()
    other = Records(kept.place)
    for _ in range(4):
        other.add_decision(plain()).result(10)
    with pytest.raises(UnavailableError, match="link 2 is not the one that was written"):
        kept.records.add_decision(plain()).result(10)
    other.close()
