"""What is not proved, as problems of the rule files, for the formats of CI servers; nothing here needs the solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cds.errors import Problem
from cds.proof.report import Proof
from cds.rulebook.model import RuleBook
from cds.screen.problems.report import Report
from cds.screen.problems.sources import Sources

HOLDS: Mapping[bool | None, str] = {True: "holds", False: "DOES NOT HOLD", None: "not settled"}


def report_of_proofs(book: RuleBook, proofs: tuple[Proof, ...], sources: Sources) -> Report:
    """The properties that do not hold, or of which nobody knows it, as problems."""
    problems = tuple(_problem(book, proof) for proof in proofs if proof.holds is not True)
    figures = {"properties": len(proofs), "problems": len(problems)}
    names = tuple(dict.fromkeys(proof.name for proof in proofs))
    return Report("cds prove", problems, sources, summary(proofs), figures, properties=names)


def summary(proofs: Iterable[Proof]) -> str:
    """How many hold, and how long it took."""
    listed = list(proofs)
    held, seconds = sum(proof.holds is True for proof in listed), sum(proof.seconds for proof in listed)
    return f"{held} of {len(listed)} hold, proved in {seconds:.1f} s."


def _problem(book: RuleBook, proof: Proof) -> Problem:
    """At the rule that decides about the witness, else at the first of the rules of which the property speaks."""
    deciding = [proof.seen["decidedBy"]] if proof.seen else []
    rules = [name for name in (*deciding, *proof.rules) if name in book.rules]
    spot = book.rules[rules[0]].spot if rules else book.spot
    todo = f"See more with: cds prove --only {proof.name}."
    code = "not-settled" if proof.holds is None else "not-true"
    return Problem(*spot, proof.name, f"{HOLDS[proof.holds]}: {proof.says}", todo, code)
