"""Which key a database belongs to: the first host that opens it leaves the fingerprint of its own."""

from __future__ import annotations

from sqlalchemy import Engine, insert, select

from cds.errors import CdsError
from cds.records.database import writing
from cds.records.tables import KEY_TABLE


def fingerprint_in(engine: Engine) -> str:
    """The fingerprint of the key that the pseudonyms in a database were made with; empty where none is known yet."""
    with engine.connect() as connection:
        return connection.execute(select(KEY_TABLE.c.fingerprint)).scalar() or ""


def claim(engine: Engine, fingerprint: str) -> None:
    """Note which key is used, or see that it is the one that was noted.

    Raises:
        CdsError: the database was filled with another key: the same patient would get another pseudonym.

    """
    if (known := fingerprint_in(engine)) == "":
        with writing(engine) as connection:
            if connection.execute(select(KEY_TABLE.c.id)).first() is None:
                connection.execute(insert(KEY_TABLE), {"id": 1, "fingerprint": fingerprint})
        known = fingerprint_in(engine)
    check(known, fingerprint)


def check(known: str, fingerprint: str) -> None:
    """Refuse a key that is not the one of the database, if that is known.

    Raises:
        CdsError: with what to do instead.

    """
    if known not in ("", fingerprint):
        raise CdsError(
            f"the records were made with another pseudonym key: its fingerprint is {known}, that of this key "
            f"{fingerprint}. With another key the same patient would get another pseudonym. Take the key file of the "
            "host that began these records, or begin others."
        )
