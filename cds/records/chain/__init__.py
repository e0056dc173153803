"""The decision log as a chain: each link holds the SHA-256 of the one before, and the first bad record can be named."""

from cds.records.chain.appending import Appending, Once, WrittenBeforeError
from cds.records.chain.links import DECISION, ERASURE, FEEDBACK, GAP, OLD_DECISION, START, LogHead, log_head
from cds.records.chain.reading import entries, entry_at
from cds.records.chain.verification import Verified, verify

__all__ = [
    "DECISION",
    "ERASURE",
    "FEEDBACK",
    "GAP",
    "OLD_DECISION",
    "START",
    "Appending",
    "LogHead",
    "Once",
    "Verified",
    "WrittenBeforeError",
    "entries",
    "entry_at",
    "log_head",
    "verify",
]
