"""Which promises ``cds check`` tried, on how many patients, and what settles the rest."""

from __future__ import annotations

from collections.abc import Iterator

from cds.review.checked import Checked
from cds.rulebook.model import RuleBook


def proofs_tried(result: Checked, book: RuleBook, kept: tuple[int, int] | None = None) -> str:
    """One line for a person; ``kept`` is how many of how many proofs hold that were made of exactly these rules.

    It is None where none are kept, which needs no solver to know (``cds.proof.report.cached_proofs``).
    """
    return f"Promises tried: {', '.join(_tried(result))}. {_rest(book, kept)}"


def _tried(result: Checked) -> Iterator[str]:
    yield f"gaps and overlaps of {_counted(result.ladders, 'ladder')} (at every value)"
    yield f"contradictory advice ({_counted(result.cases, 'case')})"
    if result.losses:
        on = f"{_counted(result.losses, 'lost result')} of {_counted(result.patients, 'patient')}"
        yield f"never more permissive with less ({on})"


def _rest(book: RuleBook, kept: tuple[int, int] | None) -> str:
    if kept is not None:
        holding, made = kept
        every = "all hold" if holding == made else f"{holding} hold; 'cds prove' shows the others"
        return f"'cds prove' has asked about every possible patient: of {_counted(made, 'proof')} {every}."
    promised = book.safety.properties if book.safety else ()
    also = f", with {', '.join(promised)}" if promised else ""
    return f"Not asked yet about every possible patient: 'cds prove' does{also}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
