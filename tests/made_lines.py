"""Small NDJSON exports for tests: the lines of a person, and a folder with files of lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from people import CALCIUM, CARBONATE_500, dosage, observation, patient, statement

TAKES = statement(CARBONATE_500, dosage(2))
HIGH = observation(CALCIUM, 11.4, "mg/dL")
NORMAL = observation(CALCIUM, 9.4, "mg/dL")


def about(person: str, *resources: dict[str, Any]) -> list[bytes]:
    """The lines of a person: the Patient, and these resources about that one."""
    mine = [
        {**item, "subject": {"reference": f"Patient/{person}"}, "id": f"{person}-{n}"}
        for n, item in enumerate(resources)
    ]
    return [orjson.dumps(item) for item in ({**patient(), "id": person}, *mine)]


def lines(folder: Path, **files: list[bytes]) -> Path:
    """A folder with NDJSON files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.ndjson").write_bytes(b"".join(line + b"\n" for line in content))
    return folder


def balanced(ledger: dict[str, Any]) -> bool:
    """Whether every line of the books is accounted for."""
    return all(
        row["lines"] == row["used"] + row["notAboutTheQuestion"] + sum(row["refused"].values()) + row["deadLetter"]
        for row in ledger["rows"]
    ) and ledger["patients"]["in"] == ledger["patients"]["answered"] + sum(ledger["patients"]["refused"].values())
