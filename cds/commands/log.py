"""``cds log``: the decision log, verified, answered again, erased from, kept elsewhere."""

from __future__ import annotations

import click

from cds.commands.lazily import LazyCommands

COMMANDS = {
    "backup": ("log_backup", "Copy the records into a new file, while the service goes on, and verify the copy."),
    "erase": ("log_erase", "Erase the records of a patient or a client, or some by their numbers."),
    "export": ("log_export", "Print a record as a FHIR R4 AuditEvent and Provenance."),
    "find": ("log_find", "Print which decisions an id leads to: of a request, of a hook's instance, or of a card."),
    "prune": ("log_erase", "Erase the requests and decisions that are too old."),
    "replay": ("log_replay", "Answer the recorded requests again, and say what differs."),
    "restore": ("log_backup", "Fill an empty database from a backup, and verify it."),
    "vacuum": ("log_erase", "Give the room of what was erased back."),
    "verify": ("log_verify", "Say whether every record is as it was written and none is missing."),
}
"""The commands, each with its module in ``cds.commands``, where ``verify`` is ``verify_command``, and its help."""


class LogCommands(LazyCommands):
    """``verify`` starts without the rules."""

    table = COMMANDS


@click.group(cls=LogCommands)
def log_command() -> None:
    """Verify the decision log, answer its requests again, erase what must be forgotten, back it up."""
