"""``cds what-if`` in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from cds.review.what_if import Gap, Turn, WhatIf


def what_if_text(found: WhatIf) -> str:
    """The answer now, what would change it, and what would settle it."""
    head = f"Outcome: {found.outcome}, decided by {found.decided_by}."
    how = "One thing at a time; each line was confirmed by evaluating the changed patient."
    return "".join(f"{line}\n" for line in (head, how, *_turns(found), *_gaps(found)))


def _turns(found: WhatIf) -> Iterator[str]:
    yield "What would change the outcome:" if found.turns else "No single change of one input changes the outcome."
    for turn in found.turns:
        if turn.value is not None:
            yield f"  {turn.sentence(found.outcome)}  [now {turn.now}]"
    switched: dict[tuple[str, str, str], list[Turn]] = {}
    for turn in found.turns:
        if turn.value is None:
            switched.setdefault((turn.change, turn.outcome, turn.decided_by), []).append(turn)
    for (change, outcome, rule), turns in switched.items():
        one = "one of these " if len(turns) > 1 else ""
        names = "; ".join(turn.input + (" (now unclear)" if turn.now == "unknown" else "") for turn in turns)
        yield f"  {one}{change}: {outcome}, not {found.outcome} ({rule}): {names}"


def _gaps(found: WhatIf) -> Iterator[str]:
    title = "What is not known and would matter, the most useful first:"
    yield title if found.gaps else "Nothing that is missing would matter."
    alike: dict[Gap, list[str]] = {}
    for gap in found.gaps:
        alike.setdefault(gap._replace(input=""), []).append(gap.input)
    for gap, names in alike.items():
        yield f"  {' or '.join(names)} ({gap.now}){_settles(gap)}"
        yield from (f"    {values}: {outcome} ({rule})" for values, outcome, rule in gap.stretches)
    partners: dict[str, list[str]] = {}
    for one, other in found.pairs:
        partners.setdefault(one, []).append(other)
    for one, others in partners.items():
        yield f"  {one} together with {' or '.join(others)}: at usual values of both an answer can be given."


def _settles(gap: Gap) -> str:
    said = ["the outcome"] * gap.settles_outcome + list(gap.settles)
    return f": settles {', '.join(said)}" if said else ""
