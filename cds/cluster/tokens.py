"""The tokens that were used, in the database: what one process has taken no other takes, nor the same after a restart.

A token is written in the transaction of what it is used for: one row more, in a statement for all calls of a batch. A
transaction of its own would cost as much as that of the decision (figures in ``docs/several-processes.md``).
"""

from __future__ import annotations

from concurrent.futures import Future

from sqlalchemy import Connection, delete, func, insert, select

from cds.cluster.tables import SWEPT_TABLE, TOKENS_TABLE
from cds.records.chain import Once
from cds.records.records import Records
from cds.trust.caller import UsedToken

KEPT_SECONDS = 600
"""How long a token is remembered after its end: longer than any leeway, and than clocks of hosts may differ."""
MOST_TOKENS = 2_000_000
_USED = insert(TOKENS_TABLE)


def once_of(token: UsedToken | None) -> Once | None:
    """The row by which a token is used up; none without a token."""
    return None if token is None else Once(_USED, {"ends": token.ends, "token": token.digest})


def use_up(records: Records, token: UsedToken) -> Future[None]:
    """Use up a token of a request that writes nothing else.

    The future raises WrittenBeforeError where it was used before, and an error of ``Records`` where nobody can tell.
    """
    return records.write_once(Once(_USED, {"ends": token.ends, "token": token.digest}))


def sweep(connection: Connection, now: float) -> int:
    """Forget the tokens that ended long ago; the end before which tokens are refused from now on.

    The note of it never goes back: were the clock of this host wrong for a while, a token that was forgotten would be
    taken again.
    """
    ends = max(int(now) - KEPT_SECONDS, swept(connection))
    connection.execute(delete(TOKENS_TABLE).where(TOKENS_TABLE.c.ends < ends))
    connection.execute(delete(SWEPT_TABLE))
    connection.execute(insert(SWEPT_TABLE), {"id": 1, "ends": ends})
    return ends


def swept(connection: Connection) -> int:
    """The end before which tokens were forgotten; 0 where none ever was."""
    return connection.execute(select(func.max(SWEPT_TABLE.c.ends))).scalar() or 0


def too_many(connection: Connection) -> bool:
    """Whether more tokens are remembered than may be."""
    found: int = connection.execute(select(func.count()).select_from(TOKENS_TABLE)).scalar_one()
    return found > MOST_TOKENS
