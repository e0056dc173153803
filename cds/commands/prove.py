"""``cds prove``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import click

from cds.about import PROGRAM
from cds.commands.options import FILE, folder_argument, named_once, opened, rules_option, wrong_use
from cds.errors import nearest
from cds.proof.report import Proof, cached_proofs, keep_proofs
from cds.rulebook.model import RuleBook
from cds.screen.rules import progress

_HOLDS: Mapping[bool | None, str] = {True: "holds", False: "DOES NOT HOLD", None: "not settled"}
_RELATES: Mapping[bool | None, str] = {True: "yes", False: "no", None: "not settled"}


@click.command()
@folder_argument
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per proof.")
@click.option("--witnesses", type=FILE, metavar="DIR", help="Write the patients of failures there.")
@click.option("--only", metavar="NAME", multiple=True, help="Prove this property alone (may be given several times).")
@click.option("--compare", nargs=2, metavar="RULE RULE", help="How two rules relate: equivalent, implied, disjoint.")
@click.option("--against", nargs=2, metavar="DIR RULE", help="The same for a rule and its version in another folder.")
def prove_command(
    folder: Path | None,
    rules: Path | None,
    witnesses: Path | None,
    only: tuple[str, ...],
    compare: tuple[str, str] | None,
    against: tuple[str, str] | None,
    *,
    as_json: bool,
) -> None:
    """Prove for every possible patient what must always hold of the rule files, or show who breaks it.

    FOLDER is the same as --rules FOLDER.
    """
    book = opened(named_once(folder, rules))
    proofs = _compared(book, compare, against) if compare or against else proofs_of(book, only)
    if as_json:
        click.echo("\n".join(json.dumps(proof._asdict()) for proof in proofs))
    else:
        _print(proofs, _RELATES if compare or against else _HOLDS)
    if witnesses is not None:
        _write(proofs, witnesses)
    sys.exit(1 if not (compare or against) and any(proof.holds is not True for proof in proofs) else 0)


def proofs_of(book: RuleBook, only: tuple[str, ...] = ()) -> tuple[Proof, ...]:
    """The proofs of these properties, or of all: those that are kept where they are, else made now and kept.

    Exit status 2 where the solver is not installed, or a property is unknown.
    """
    kept = None if only else cached_proofs(book)
    if kept is not None:
        return kept
    _need_solver()
    from cds.proof.prove import properties_of, prove  # noqa: PLC0415 - the solver is an extra

    known = properties_of(book)
    for name in only:
        if name not in known:
            wrong_use(f"--only: there is no property '{name}'. {nearest(name, known)} Known: {', '.join(known)}.")
    with progress("Proving") as step:
        proofs = prove(book, only, step)
    if not only:
        keep_proofs(book, proofs)
    return proofs


def _compared(book: RuleBook, compare: tuple[str, str] | None, against: tuple[str, str] | None) -> tuple[Proof, ...]:
    _need_solver()
    from cds.proof.compare import compare_rules, compare_versions  # noqa: PLC0415 - the solver is an extra

    if compare:
        return compare_rules(book, _rule(book, compare[0]), _rule(book, compare[1]))
    place, rule = against or ("", "")
    old = opened(Path(place), "Against")
    return compare_versions(book, old, _rule(old, _rule(book, rule)))


def _rule(book: RuleBook, name: str) -> str:
    if name not in book.rules:
        wrong_use(f"there is no rule '{name}'. {nearest(name, book.rules)}")
    return name


def _need_solver() -> None:
    if find_spec("z3") is None:
        wrong_use(f"the solver z3 is not installed. Install it with: pip install '{PROGRAM}[prove]'")


def _write(proofs: tuple[Proof, ...], folder: Path) -> None:
    """One file for each patient: NUMBER-NAME.json, and NUMBER-NAME-worse.json for the second of two."""
    import orjson  # noqa: PLC0415 - needed here alone

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, proof in enumerate(proofs, 1):
            for bundle, ending in ((proof.witness, ""), (proof.worse, "-worse")):
                if bundle is not None:
                    path = folder / f"{number:02}-{proof.name}{ending}.json"
                    path.write_bytes(orjson.dumps(bundle, option=orjson.OPT_INDENT_2))
    except OSError as error:
        wrong_use(f"--witnesses: '{folder}' cannot be written ({error.strerror}).")


def _print(proofs: tuple[Proof, ...], words: Mapping[bool | None, str]) -> None:
    """A line for each proof, and one for each of its patients with what the product says about him."""
    for proof in proofs:
        asked = f", {proof.asked} questions" if proof.asked else ""
        click.echo(f"{proof.name}: {words[proof.holds]} ({proof.seconds:.1f} s{asked}). {proof.says}")
        for seen, who in ((proof.seen, "witness"), (proof.worse_seen, "compared with")):
            if seen is not None:
                answer = f"{seen['outcome']} by {seen['decidedBy']} ({', '.join(seen['fired'])})"
                click.echo(f"  {who}, an invented patient as of {seen['asOf']}: {answer}")
    if words is _HOLDS:
        held, seconds = sum(proof.holds is True for proof in proofs), sum(proof.seconds for proof in proofs)
        click.echo(f"{held} of {len(proofs)} hold, proved in {seconds:.1f} s.")
