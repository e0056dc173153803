"""What changed between two runs, in words for a screen."""

from __future__ import annotations

from collections.abc import Iterator

from cds.errors import few
from cds.population.books.finished_run import FinishedRun
from cds.population.compared.compare import Alone, Comparison, Example, Move, made_otherwise
from cds.population.compared.inputs import inputs_compared

NO_ANSWER = "no answer"
NAMES_PATIENTS = "The examples name patients: keep this text as you keep their data (--examples 0 leaves them out)."
UNEXPLAINED = "nothing known changed; report this to those who maintain the program"


def comparison_text(found: Comparison) -> str:
    """The comparison in lines: what the runs are, who is in both, and what changed."""
    parts = (_runs(found), _patients(found), _outcomes(found), _deciders(found), _rules(found))
    lines = [line for part in parts for line in part]
    named = found.examples or found.only_a.first or found.only_b.first
    return "\n".join([*lines, *([NAMES_PATIENTS] if named else [])]) + "\n"


def _runs(found: Comparison) -> Iterator[str]:
    for title, run in (("A", found.a), ("B", found.b)):
        yield f"{title}: {run.folder}, as of {run.as_of}, rulebook {run.rulebook}, program {run.program}"
        yield from (f"   incomplete: {text}" for text in run.problems)
    inputs = inputs_compared(found.a, found.b)
    told = {"with another content": inputs.changed, "moved": inputs.moved}
    told |= {"in A only": inputs.only_a, "in B only": inputs.only_b}
    listed = [f"{len(names)} {what} ({few(names)})" for what, names in told.items() if names]
    yield f"Inputs: {'; '.join([f'{inputs.same} the same', *listed])}."
    yield f"For everybody changed: {', '.join(made_otherwise(found.a, found.b)) or 'nothing'}."
    yield ""


def _patients(found: Comparison) -> Iterator[str]:
    yield f"{found.both} patients in both; {_alone(found.only_a, 'A')}; {_alone(found.only_b, 'B')}."
    if found.namesakes:
        yield f"Names that several patients have: {found.namesakes}. They are told apart by their data, then by file."
    causes = "; ".join(f"{count} {why_text(why)}" for why, count in found.causes.items())
    yield f"{found.changed} have another answer{f' ({causes})' if causes else ''}."
    if found.cards:
        yield f"{found.cards} have the same answer in other cards."
    yield ""


def _alone(alone: Alone, where: str) -> str:
    names = f" ({', '.join(alone.first)})" if alone.first else ""
    return f"{alone.patients} in {where} only{names}"


def why_text(why: tuple[str, ...]) -> str:
    """What can be why: one thing that changed, or one of several."""
    if not why:
        return UNEXPLAINED
    return f"{why[0]} only" if len(why) == 1 else f"{', '.join(why[:-1])} or {why[-1]}"


def _outcomes(found: Comparison) -> Iterator[str]:
    yield "Outcomes, A -> B:"
    for move, count in found.outcomes.items():
        own = [one for one in found.examples if one.outcome == move]
        yield f"  {_move(move)}: {count}"
        yield from (f"    {_example(one)}" for one in own)
    yield ""


def _move(move: Move) -> str:
    before, after = (name or NO_ANSWER for name in move)
    return f"{before} (as before)" if before == after else f"{before} -> {after}"


def _example(one: Example) -> str:
    told = [_move(one.decided_by)]
    told += [f"fires now: {', '.join(one.came)}"] if one.came else []
    told += [f"no longer: {', '.join(one.went)}"] if one.went else []
    return f"{one.patient} ({'; '.join([*told, why_text(one.why)])})"


def _deciders(found: Comparison) -> Iterator[str]:
    if found.decided:
        yield "Another deciding rule:"
        yield from (f"  {_move(move)}: {count}" for move, count in found.decided.items())
        yield ""


def _rules(found: Comparison) -> Iterator[str]:
    if found.rules:
        yield "Rules that fire:"
        yield from (f"  {item.rule}: now for {item.came}, no longer for {item.went}" for item in found.rules)
        yield ""


def incomplete_text(run: FinishedRun) -> str:
    """What is said of a run whose books do not balance."""
    return f"The run in '{run.folder}' is incomplete: not everybody is compared."
