"""A patient is erased from a long log: what is left is proved, answers as before, and nothing of the patient is there.

    python tests/trials/erased_patient.py [--records 100000] [--on sqlite|postgresql] [--kilobytes 4] [--replay all]

The log is filled with decisions about invented people, one patient among them every thousandth time. Before the
erasure every trace of that patient must be found in the raw files of the database, or the search would prove nothing;
afterwards none may be. Somebody else goes on writing meanwhile. On PostgreSQL the columns are stored uncompressed here,
so that a trace in them can be found, and the old segments of the write-ahead log are let go as docs/decision-log.md
says. Ends with 1 where anything is not as it must be.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import uuid4

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

import orjson  # noqa: E402
from generated import the_book  # noqa: E402
from recorded import Server, decided, later, new_database, request, server_of_its_own  # noqa: E402
from sqlalchemy import Engine, create_engine, text  # noqa: E402

from cds.commands.records import answered_again  # noqa: E402
from cds.records.chain import Appending, entries, verify  # noqa: E402
from cds.records.database import open_database, writing  # noqa: E402
from cds.records.entry import LogEntry, shown_of, utc_text  # noqa: E402
from cds.records.feedback_log import feedback_entry, store_feedback  # noqa: E402
from cds.records.pseudonym import Pseudonyms  # noqa: E402
from cds.records.records import Records  # noqa: E402
from cds.records.replay import replay  # noqa: E402

PATIENT, FAMILY = "pat-7319-erased", "Nachname-Canary-7319"
NAMES = Pseudonyms(b"k" * 32)
CALCIUMS = (8.0, 9.4, 9.9, 11.1, 13.4)
PEOPLE, EVERY = 100, 1000
"""How many others there are, and how often the patient comes."""


class Trial(NamedTuple):
    """The database of a trial: where it is, where its files are, how to look at the server itself."""

    place: str
    files: Path
    server: Server | None


def body_of(identity: str, family: str, calcium: float, kilobytes: float) -> bytes:
    """A request about a person, of about so many KB: the rest are results about something else."""
    data = orjson.loads(request(calcium))
    data["prefetch"]["patient"]["name"] = [{"family": family, "given": ["Erika"]}]
    found = data["prefetch"]["observations"]["entry"]
    for number in range(max(0, int((kilobytes - 1.2) / 0.31))):
        other = orjson.loads(orjson.dumps(found[0]["resource"]))
        other |= {"id": f"o{number}", "valueQuantity": {"value": 90 + number, "unit": "mg/dL"}}
        other["code"] = {"coding": [{"system": "http://loinc.org", "code": "2345-7"}], "text": "Glucose"}
        found.append({"resource": other})
    raw = orjson.dumps(data).replace(b'"Patient/p"', f'"Patient/{identity}"'.encode())
    return raw.replace(b'"patientId":"p"', f'"patientId":"{identity}"'.encode()).replace(
        b'"resourceType":"Patient","id":"p"', f'"resourceType":"Patient","id":"{identity}"'.encode()
    )


def keyed(entry: LogEntry, identity: str) -> LogEntry:
    """The entry as the service keeps it: pseudonyms, and ids of cards by the key."""
    answer = orjson.loads(entry.cards)
    answer["cards"] = NAMES.card_ids.keyed(answer["cards"])
    whose = {"patient": NAMES.patient(identity), "user": NAMES.user("Practitioner/1"), "key": NAMES.fingerprint}
    return replace(entry, cards=orjson.dumps(answer), shown=shown_of(answer["cards"]), **whose)


class Entries:
    """Entries about the patient and the others; what is answered is worked out once for each person."""

    def __init__(self, kilobytes: float) -> None:
        book = the_book()
        people = [(f"other-{n}", f"Other-{n}", CALCIUMS[n % 5]) for n in range(PEOPLE)] + [(PATIENT, FAMILY, 11.1)]
        self.people = [keyed(decided(body_of(*who, kilobytes), book), who[0]) for who in people]

    def one(self, number: int) -> LogEntry:
        """The entry of a call, each with an instance of its own."""
        person = self.people[-1] if number % EVERY == 7 else self.people[number % PEOPLE]
        instance = f"{PATIENT}-{uuid4()}" if person is self.people[-1] else str(uuid4())
        body = person.body.replace(b'"i-1"', f'"{instance}"'.encode())
        return replace(person, body=body, instance=instance, time=utc_text(later(seconds=number)))


def fill(engine: Engine, made: Entries, count: int) -> None:
    """Append the decisions, and feedback about some of the patient's cards."""
    for start in range(0, count, 500):
        with writing(engine) as connection:
            appending = Appending(connection)
            for number in range(start, min(start + 500, count)):
                appending.append(made.one(number))
            card = made.people[-1].shown[0].uuid
            told = feedback_entry(card, "overridden", later(seconds=start + 9), "calcium-review", reason="other")
            store_feedback(appending, [told], later(seconds=start + 10))
            appending.flush()


def traces(made: Entries, engine: Engine) -> list[bytes]:
    """What must not be found afterwards: the name, the id, the pseudonym, ids of cards, digests of requests."""
    person = made.people[-1]
    ids = re.findall(rb'"uuid":"([^"]+)"', person.cards)
    with engine.connect() as connection:
        query = text("SELECT content FROM decisions WHERE patient = :patient ORDER BY number LIMIT 5")
        found = connection.execute(query, {"patient": person.patient}).scalars().all()
    digests = [orjson.loads(content)["body"].encode() for content in found]
    return [PATIENT.encode(), FAMILY.encode(), person.patient.encode(), *ids, *digests]


SEARCH = """
import json, mmap, sys
from pathlib import Path
folder, needles = Path(sys.argv[1]), [needle.encode() for needle in json.load(sys.stdin)]
found = {}
for path in sorted(folder.rglob("*")):
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if hits := [number for number, needle in enumerate(needles) if content.find(needle) >= 0]:
                found[str(path.relative_to(folder))] = hits
print(json.dumps(found))
"""


def searched(folder: Path, needles: list[bytes]) -> dict[str, list[int]]:
    """Which of the needles each file holds.

    In a process of its own: whoever closes a SQLite file drops all locks that his process has on it.
    """
    words = orjson.dumps([needle.decode() for needle in needles])
    done = subprocess.run([sys.executable, "-c", SEARCH, str(folder)], input=words, capture_output=True, check=True)
    found: dict[str, list[int]] = orjson.loads(done.stdout)
    return found


class Busy(threading.Thread):
    """Somebody who goes on recording decisions, and how long that took at most."""

    def __init__(self, place: str, made: Entries) -> None:
        super().__init__(daemon=True)
        self.records, self.entry, self.ending = Records(place), made.people[0], threading.Event()
        self.longest, self.count, self.errors = 0.0, 0, 0

    def run(self) -> None:
        while not self.ending.wait(0.01):
            started = time.monotonic()
            try:
                self.records.add_decision(self.entry).result()
                self.count += 1
            except Exception:
                self.errors += 1
            self.longest = max(self.longest, time.monotonic() - started)
        self.records.close()


def others(engine: Engine, patient: str, last: int) -> tuple[int, str]:
    """How many records others have up to a number, and a hash of all that is kept of them."""
    seen, count = sha256(), 0
    for number, entry in entries(engine):
        if entry.patient != patient and number <= last:
            seen.update(b"%d\0%b\0%b\0%b" % (number, entry.body, entry.cards, entry.instance.encode()))
            count += 1
    return count, seen.hexdigest()


def cds(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "cds", *arguments], capture_output=True, text=True, timeout=7200)
    if done.returncode:
        sys.exit(f"cds {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def begun(kind: str, folder: Path, stack: ExitStack) -> Trial:
    if kind == "sqlite":
        place = folder / "records"
        place.mkdir()
        return Trial(str(place / "records.sqlite"), place, None)
    server = stack.enter_context(server_of_its_own())
    return Trial(new_database(server.url), server.data, server)


def uncompressed(place: str) -> None:
    engine = create_engine(place.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for table, column in (("decisions", "content"), ("decisions", "cards"), ("requests", "body")):
            connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL"))
    engine.dispose()


def let_go(place: str) -> None:
    """Let old segments of PostgreSQL's write-ahead log go, instead of keeping them for later use."""
    import psycopg

    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET wal_recycle = off")
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(200):
            connection.execute("SELECT pg_logical_emit_message(false, 'calcium-cds', 'next segment')")
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")
            future = "SELECT count(*) FROM pg_ls_waldir() WHERE name > pg_walfile_name(pg_current_wal_lsn())"
            if connection.execute(future).fetchone() == (0,):
                break
        connection.execute("VACUUM FULL pg_statistic")
        connection.execute("CHECKPOINT")


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def timed(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - started:.1f} s", flush=True)


def must(said: str, *, true: bool) -> None:
    print(f"{'ok' if true else 'WRONG'}: {said}", flush=True)
    if not true:
        sys.exit(1)


def trial(found: Trial, arguments: argparse.Namespace, folder: Path) -> None:
    made, key = Entries(arguments.kilobytes), folder / "pseudonym.key"
    key.write_bytes(b"k" * 32)
    os.environ["CDS_DATABASE"] = found.place
    engine = open_database(found.place)
    if found.server:
        uncompressed(found.place)
    for _ in timed(f"{arguments.records} decisions appended, requests of {len(made.people[0].body)} bytes"):
        fill(engine, made, arguments.records)
    needles, last = traces(made, engine), verify(engine).head.number
    count, before = others(engine, made.people[-1].patient, last)
    print(f"files: {megabytes(found.files):.0f} MB", flush=True)
    seen = searched(found.files, needles)
    every = {number for numbers in seen.values() for number in numbers}
    must(f"before, each of {len(needles)} traces is found, in {sorted(seen)}", true=len(every) == len(needles))
    busy = Busy(found.place, made)
    busy.start()
    for _ in timed("erased, others writing"):
        print(cds("log", "erase", "--patient", PATIENT, "--key", str(key), "--no-vacuum"))
    busy.ending.set()
    busy.join()
    must(f"{busy.count} decisions of others meanwhile, the longest {busy.longest:.2f} s", true=not busy.errors)
    engine.dispose()
    for _ in timed("vacuum"):
        print(cds("log", "vacuum"))
    for _ in timed("verified"):
        print(cds("log", "verify"))
    if found.server:
        left = searched(found.files, needles)
        print("traces before old segments are let go:", {name: len(numbers) for name, numbers in left.items()})
        let_go(found.place)
    print(f"files: {megabytes(found.files):.0f} MB", flush=True)
    seen = searched(found.files, needles)
    must(f"afterwards none of {len(needles)} traces is in any file {seen or ''}", true=not seen)
    engine = open_database(found.place)
    must("the log verifies", true=verify(engine).problem == "")
    must(f"the {count} records of others are the same bytes", true=others(engine, "", last) == (count, before))
    limit = count + busy.count if arguments.replay == "all" else int(arguments.replay)
    asked = (one for one, _ in zip(entries(engine), range(limit), strict=False))
    answering = partial(answered_again, ids=NAMES.card_ids)
    for _ in timed("answered again"):
        done = list(replay(asked, lambda _: the_book(), answering))
    wrong = [one for one in done if one.differences or one.failure or not one.same_rules]
    must(f"{len(done)} records of others answered again, the same bytes", true=not wrong and len(done) == limit)
    engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kilobytes", type=float, default=4)
    parser.add_argument("--replay", default="all", help="how many are answered again (default: all)")
    parser.add_argument("--folder", type=Path, help="where the files are written")
    arguments: Any = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=arguments.folder)))
        trial(begun(arguments.on, folder, stack), arguments, folder)


if __name__ == "__main__":
    main()
