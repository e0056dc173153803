"""``cds doctor``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from cds.commands.options import json_option, named_overlays, rules_option


@click.command()
@rules_option
@json_option
def doctor_command(rules: Path | None, *, as_json: bool) -> None:
    """Look at this installation: versions, engine, rules, samples, cache and extras, and say what to do.

    It reads no record of a patient but the invented samples, and prints no setting of the environment but the places of
    rules and cache. A note is no fault: something is not installed that not everybody needs, or a start takes longer.
    """
    from cds.doctor.machine import machine_checks  # noqa: PLC0415 - what --help does not need is not loaded
    from cds.doctor.rules import rule_checks  # noqa: PLC0415

    checks = [*machine_checks(), *rule_checks(rules, named_overlays())]
    is_well = all(check.state != "wrong" for check in checks)
    if as_json:
        data = {"ok": is_well, "checks": [check._asdict() for check in checks]}
        sys.stdout.buffer.write(orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE))
    else:
        from cds.screen.doctor import doctor_text  # noqa: PLC0415

        click.echo(doctor_text(checks), nl=False)
    sys.exit(0 if is_well else 1)
