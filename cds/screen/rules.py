"""What authors and reviewers of rules read in a terminal: changes, whom they reach, claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from cds.review.difference import EXAMPLES, Difference, Direction, Effect, OfRule, by_rule, moves
from cds.rulebook.model import RuleBook

DIRECTIONS_IN_WORDS: dict[Direction, str] = {
    "none": "No patient changes.",
    "stricter": "The change is stricter: some patients get a stricter outcome; none a more permissive one.",
    "looser": "The change is looser: some patients get a more permissive outcome; none a stricter one.",
    "mixed": "The change is mixed: stricter for some patients, looser for others.",
    "other": "The change is neither stricter nor looser: other advice, or other patients in scope.",
}


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the error stream, while it is a terminal."""
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


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
