"""What authors and reviewers of rules read in a terminal: problems, changes, whom they reach, claims."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from cds.review.changes import Change
from cds.review.check import Checked
from cds.review.difference import EXAMPLES, Difference, Direction, Effect, OfRule, by_rule, moves
from cds.rulebook.model import RuleBook

DIRECTIONS_IN_WORDS: dict[Direction, str] = {
    "none": "No patient changes.",
    "stricter": "The change is stricter: some patients get a stricter outcome; none a more permissive one.",
    "looser": "The change is looser: some patients get a more permissive outcome; none a stricter one.",
    "mixed": "The change is mixed: stricter for some patients, looser for others.",
    "other": "The change is neither stricter nor looser: other advice, or other patients asked for data or in scope.",
}


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the error stream, while it is a terminal."""
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_check(result: Checked, *, as_json: bool) -> None:
    """Every problem, and the figures."""
    if as_json:
        for kind, told in (("note", result.notes), ("warning", result.warnings)):
            for item in told:
                print(json.dumps({**item._asdict(), kind: True}))
        for problem in result.problems:
            print(json.dumps(problem._asdict()))
        print(json.dumps(_figures(result)))
        return
    for kind, told in (("note", result.notes), ("warning", result.warnings)):
        for item in told:
            print(f"{kind}: {item}")
    for problem in result.problems:
        print(problem)
    print(f"{result.rules} rules, {result.cases} cases, {_changes(result)} {_problems(result)}")


def _figures(result: Checked) -> dict[str, float | None]:
    return {
        "rules": result.rules,
        "cases": result.cases,
        "changes tried": result.mutants,
        "noticed": None if result.caught is None else round(result.caught, 1),
        "accepted": result.accepted,
        "problems": len(result.problems),
        "overridden": len(result.notes),
        "warnings": len(result.warnings),
        "held back": result.held_back,
    }


def _changes(result: Checked) -> str:
    """What the small changes show; while a case fails they were not tried, as it would seem to notice each of them."""
    if result.caught is None:
        waiting = f" {result.held_back} wait until every case holds" if result.held_back else " there are none"
        return f"no small change tried:{waiting}."
    said = f"{result.mutants} small changes tried: {result.caught:.1f} % noticed, {result.accepted} accepted."
    back = "until every rule has its cases and every finding is read"
    return f"{said} {result.held_back} that were not noticed are held back {back}." if result.held_back else said


def _problems(result: Checked) -> str:
    notes = f" {len(result.notes)} things of the base are overridden by the overlay." if result.notes else ""
    warnings = f" {len(result.warnings)} warnings about evidence." if result.warnings else ""
    return f"{len(result.problems)} problems.{warnings}{notes}"


def print_changes(found: list[Change], old: str, proposed: str, *, as_json: bool) -> None:
    """What changed between two versions, and the version it calls for."""
    if as_json:
        print(json.dumps({"old": old, "proposed": proposed, "changes": [change._asdict() for change in found]}))
        return
    for change in found:
        print(f"[{change.level}] {change.what}")
    print(f"{len(found)} changes since {old}; this calls for version {proposed}.")


def print_difference(found: Difference, *, invented: bool) -> None:
    """The changes in words, and the patients whose answers change."""
    for change in found.changes:
        reach = f"  (reaches {_few(change.rules, 'rules')})" if change.rules and change.kind != "rule" else ""
        print(f"[{change.level}] {change.what}{reach}")
    print(f"{len(found.changes)} changes since {found.old.version}; this calls for version {found.proposed}.")
    print()
    for line in _of_patients(found, invented=invented):
        print(line)
    for name, text in found.unread:
        print(f"not read: {name}: {text}")


def _of_patients(found: Difference, *, invented: bool) -> Iterator[str]:
    source = " (invented: the cases beside the rules; name others with --population)" if invented else ""
    if not found.patients:
        yield f"0 patients{source}: nobody was compared."
        return
    outcomes = sum(effect.outcome_changes for effect in found.effects)
    yield f"{found.patients} patients{source}: {outcomes} get another outcome, {len(found.effects)} another answer."
    yield DIRECTIONS_IN_WORDS[found.direction] + _counted(found)
    for (before, after), own in moves(found.effects).items():
        yield f"  {before} -> {after}: {_few([_example(effect) for effect in own], 'patients')}"
    if found.effects:
        yield "By rule:"
    for of_rule in by_rule(found.effects):
        yield f"  {of_rule.rule}: {'; '.join(_of_rule(of_rule))}"


def _counted(found: Difference) -> str:
    kinds = found.directions
    return f" ({', '.join(f'{count} {word}' for word, count in kinds.items())})" if len(kinds) > 1 else ""


def _example(effect: Effect) -> str:
    return f"{effect.patient} ({effect.before.decided_by} -> {effect.after.decided_by})"


def _of_rule(found: OfRule) -> Iterator[str]:
    effects = {
        "decides now for": found.newly_decides,
        "decides no longer for": found.no_longer_decides,
        "speaks now to": found.newly,
        "is silent now to": found.no_longer,
        "advises otherwise": found.otherwise,
    }
    yield from (f"{what} {_few(names, 'patients')}" for what, names in effects.items() if names)


def _few(names: tuple[str, ...] | list[str], noun: str) -> str:
    """The number of names and the first few: ``12 patients, such as a, b, c``."""
    shown = "; ".join(names[:EXAMPLES])
    return shown if len(names) <= EXAMPLES else f"{len(names)} {noun}, such as {shown}"


def claim_table(book: RuleBook) -> str:
    """Claim, verdict, what became of it, and the rules that carry it; a sentence where there are none."""
    if not book.claims:
        return "The rule files list no claims (claims.yaml)."
    lines = ["| # | claim | verdict | here | rules |", "|---|---|---|---|---|"]
    for number, claim in enumerate(book.claims, 1):
        rules = ", ".join(claim.rules) or "none"
        here = claim.because or "carried as it is"
        lines.append(f"| {number} | {claim.claim} | {claim.verdict} | {here} | {rules} |")
    return "\n".join(lines)
