"""Why-trees in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cds.cards.proof import recorded_sources
from cds.cards.wording import fact_text, harmless, spoken
from cds.evaluation import Evaluation
from cds.rulebook.model import Part
from cds.why import Ground, ground_of, leaf, tree, verdict

STATES = {"present": "green", "absent": "dim", "unknown": "yellow"}
console = Console(highlight=False, soft_wrap=False)


def print_explanation(evaluation: Evaluation, rule: str) -> None:
    """The why-tree of one rule, or of every rule that speaks, the deciding one first."""
    decision = evaluation.decision
    console.print(Text(f"Outcome: {decision.outcome}, decided by {decision.decided_by}.", style="bold"))
    for name in [rule] if rule else [said.rule for said in decision.said]:
        _print_rule(evaluation, name)


def _print_rule(evaluation: Evaluation, name: str) -> None:
    rule = evaluation.book.rules[name]
    ground = tree(evaluation.book, evaluation.inferred, name)
    branch = Tree(
        Text.assemble(
            (f"{name} ", "bold"),
            rule.title,
            ": ",
            (verdict(evaluation.book, evaluation.decision, name, ground.state), "bold"),
        )
    )
    for line in _consequences(evaluation, name):
        branch.add(Text(line))
    _grow(branch.add(Text(f"when {'all' if ground.how == 'all' else 'any'} of:")), ground, evaluation)
    for vote in rule.votes:
        if vote.finding:
            own = ground_of(evaluation.book, evaluation.inferred, Part(vote.finding))
            _grow(branch.add(Text(f"decides in the tier '{vote.tier}' if:")), own._replace(parts=(own,)), evaluation)
    console.print(branch)


def _consequences(evaluation: Evaluation, name: str) -> Iterator[str]:
    decision = evaluation.decision
    for said in decision.said:
        if said.rule == name and said.codes:
            yield f"says {', '.join(said.codes)}"
    overruled = [rule for rule, by in decision.overruled if by == name]
    if overruled:
        yield f"silenced the cards of {', '.join(overruled)}"
    for item in decision.silenced:
        if item.rule == name and item.what != "card":
            yield f"its {item.what} was silenced by {item.by} ({item.entry})"


def _grow(branch: Tree, ground: Ground, evaluation: Evaluation) -> None:
    for part in ground.parts:
        label = Text.assemble((part.counts_as.word, STATES[part.counts_as.word]), f"  {part.part}")
        if part.part.sense != "is":
            label.append(f"; '{part.part.finding}' is {part.state.word}", "dim")
        label.append(f"  {part.how} of:" if part.how else spoken(_grounds(evaluation, part)), "dim" if part.how else "")
        _grow(branch.add(label), part, evaluation)


def _grounds(evaluation: Evaluation, ground: Ground) -> str:
    """The sentence of a finding, and the facts and resources that it read."""
    own = leaf(evaluation.book, ground.part.finding, ground.state)
    read = [_fact(evaluation, name) for name in own.terms]
    read += [harmless(s) for name in own.recorded for s in recorded_sources(evaluation.chart, name)]
    sentence = "" if own.text == f"{own.finding} is on record" else f": {own.text}"
    return sentence + (f"  [{'; '.join(read)}]" if read else "")


def _fact(evaluation: Evaluation, name: str) -> str:
    chart = evaluation.chart
    fact, term = chart.value(name), chart.book.terms[name]
    old = chart.stale.get(name)
    if fact is None:
        too_old = f", too old: {fact_text(term, old)} of {old.when.text}" if old and old.when else ""
        return f"{name}: none{too_old}"
    about = [fact.when.text if fact.when else "", fact.note, *map(harmless, fact.sources)]
    return f"{name}: {fact_text(term, fact)} ({', '.join(filter(None, about))})".replace(" ()", "")
