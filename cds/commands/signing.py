"""The command of those who sign rules: ``cds sign``, and the sheet on which a rule is read and signed on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cds.audit.sheet import sheet_of, sheet_page
from cds.bookshelf import rules_folder
from cds.commands.authors import check_writable
from cds.commands.completion import rule_ids
from cds.commands.options import FILE, chosen_overlays, day_of, opened, population_option, rules_option, wrong_use
from cds.commands.populations import population_in
from cds.commands.versions import version_against
from cds.errors import CdsError, nearest
from cds.evaluation import Evaluator
from cds.review.signing import signature_of, write_signature
from cds.rulebook.model import VERDICTS, RuleBook, Signature, Verdict

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("rule", metavar="RULE", shell_complete=rule_ids)
@click.option("--sheet", is_flag=True, help="Write the page on which the rule is read and signed, and sign nothing.")
@click.option("--out", type=FILE, metavar="FILE", help="Where to write the sheet (default: sheet-RULE.html).")
@population_option
@click.option("--against", metavar="REF", help="For the sheet: what changed since a git revision, or another folder.")
@click.option("--reviewer", default="", metavar="NAME", help="The clinician who reviewed the rule.")
@click.option("--role", default="", metavar="ROLE", help="In which role, such as endocrinologist.")
@click.option("--verdict", type=click.Choice(VERDICTS), default="approve", help="Only 'approve' makes the rule signed.")
@click.option("--comment", default="", metavar="TEXT", help="What is to be changed, or why the rule is rejected.")
@click.option("--interests", default="", metavar="TEXT", help="Interests of the reviewer, or 'none'.")
@click.option("--valid-to", type=DAY, help="Until when (default: the day of the rule's next review).")
@rules_option
def sign_command(
    *,
    rule: str,
    out: Path | None,
    places: tuple[str, ...],
    against: str | None,
    reviewer: str,
    role: str,
    verdict: Verdict,
    comment: str,
    interests: str,
    valid_to: datetime | None,
    rules: Path | None,
    sheet: bool,
) -> None:
    """Sign RULE as it is now, or say why not: an entry in signatures.yaml, and the status of the rule.

    A rule that can stop, hold or protect is signed by two clinicians. With --sheet, the page to read before: who, which
    numbers with their sources, the card, what it overrules, five telling cases, and where to sign.
    """
    book, folder = opened(rules), rules_folder(rules)
    try:
        if sheet:
            _write_sheet(book, rule, out, places, version_against(against, folder) if against else None)
            return
        until = valid_to.date().isoformat() if valid_to else ""
        book, folder = _home_of(rule, book, folder)
        check_writable(folder)
        told = {"interests": interests, "comment": comment, "valid_to": until}
        _write(book, folder, signature_of(book, rule, reviewer, role, day_of(None), verdict=verdict, **told))
    except CdsError as error:
        wrong_use(str(error))


def _write(book: RuleBook, folder: Path, signature: Signature) -> None:
    rule = signature.rule
    layer = book.overlay.layer_of(book.rules[rule].spot.file) if book.overlay else None
    own = book.rules[rule].spot.file.removeprefix(f"{layer.place}/" if layer else "")
    path, status = write_signature(book, folder, signature, own)
    who = f"{signature.reviewer}, {signature.role}"
    click.echo(f"{path}: {who}: {signature.verdict} {rule} {signature.version}. It is {status}.")
    if signature.verdict == "approve" and status == "draft":
        click.echo(f"{rule} can stop, hold or protect: a second clinician signs it too.")


def _write_sheet(book: RuleBook, rule: str, out: Path | None, places: tuple[str, ...], old: RuleBook | None) -> None:
    if rule not in book.rules:
        raise CdsError(f"there is no rule '{rule}'. {nearest(rule, book.rules)}")
    day, path = day_of(None), out or Path(f"sheet-{rule}.html")
    people = population_in(book, places, day) if places else None
    sheet = sheet_of(Evaluator(book), rule, people, old)
    try:
        path.write_text(sheet_page(book, sheet, day), "utf-8")
    except OSError as error:
        wrong_use(f"'{path}' cannot be written: {error.strerror}.")
    click.echo(f"{path}: open it in a browser; it prints on one page.")


def _home_of(rule: str, book: RuleBook, folder: Path) -> tuple[RuleBook, Path]:
    """The rulebook and the folder in which a rule is signed: a rule of the base is signed without the overlay."""
    if book.overlay is None:
        return book, folder
    added = book.overlay.layer_of(book.rules[rule].spot.file) if rule in book.rules else None
    if added is None:
        return book.overlay.base, folder
    return book, chosen_overlays(folder)[book.overlay.layers.index(added)]
