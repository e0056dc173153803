"""The decision while rules are switched off: that of the whole rulebook, or none.

A rule that is switched off does not decide and does not speak. What it would have held back stays held back, so that
nothing is said that the whole rulebook would not say. Where the other rules alone would answer otherwise, no answer is
given: nobody knows which of the two is right. A pause or a stop that both give stays: it is stricter than no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cds.reasoning.decision import Decision, Said, Silenced, Switched, answer_of, no_answer_of
from cds.reasoning.inference import Inferred
from cds.rulebook.model import RuleBook


def decide(book: RuleBook, inferred: Inferred) -> Decision:
    """The decision that follows from what was inferred; every patient gets exactly one outcome."""
    if not inferred.withheld:
        return answer_of(book, inferred, inferred.fired)
    both, withheld = inferred.fired | inferred.withheld, inferred.withheld
    answers = _Answers(
        book=book,
        withheld=withheld,
        whole=answer_of(book, inferred, both),
        left=answer_of(book, inferred, both, withheld),
        alone=answer_of(book, inferred, inferred.fired),
    )
    answer = answers.left if answers.agree else no_answer_of(book, inferred, both, withheld)
    return _with_what_is_silenced(answer, answers)._replace(
        said=tuple(_said_by_both(answer, answers)), switched=answers.switched()
    )


@dataclass(frozen=True)
class _Answers:
    """The answers that are compared.

    ``whole`` is that of the whole rulebook, ``left`` that of the rules in force while the others hold back what they
    hold back, ``alone`` that of the rules in force as if there were no others.
    """

    book: RuleBook
    withheld: frozenset[str]
    whole: Decision
    left: Decision
    alone: Decision

    @property
    def agree(self) -> bool:
        """Whether the rules in force may answer."""
        return self.left.outcome == self.whole.outcome and (self.takes_away(self.whole) or not self.differ)

    @property
    def differ(self) -> bool:
        """Whether the rules in force alone decide otherwise, or say something that the whole rulebook does not."""
        one, other = ((answer.outcome, answer.decided_by) for answer in (self.alone, self.whole))
        return one != other or not _sayings(self.alone) <= _sayings(self.whole)

    def takes_away(self, answer: Decision) -> bool:
        """Whether an outcome is stricter than no answer."""
        return self.book.takes_away(answer.outcome)

    def switched(self) -> Switched:
        """What the rules that are switched off would have done; all of them count where they change the answer."""
        shown = [said.rule for said in self.whole.said if said.rule in self.withheld]
        others = sorted(self.withheld.difference(shown)) if self.differ else []
        pauses = not self.agree and self.takes_away(self.whole) and self.takes_away(self.left)
        in_force = (self.left.outcome, self.left.decided_by) if pauses else None
        return Switched((*shown, *others), self.whole.outcome, self.whole.decided_by, in_force)


def _sayings(answer: Decision) -> set[tuple[str, object]]:
    """Every text and every code that cards show."""
    return {(item.rule, part) for item in answer.said for part in (item.text, *item.codes)}


def _said_by_both(answer: Decision, answers: _Answers) -> Iterator[Said]:
    """The cards and codes that the whole rulebook shows too, in the words for the stricter of the two outcomes."""
    words = answers.whole if answers.takes_away(answers.whole) else answer
    shown, worded = ({item.rule: item for item in one.said} for one in (answers.whole, words))
    for item in answer.said:
        if other := shown.get(item.rule):
            codes = tuple(code for code in item.codes if code in other.codes)
            yield worded[item.rule]._replace(codes=codes)


def _with_what_is_silenced(answer: Decision, answers: _Answers) -> Decision:
    """The answer, which also holds what is silenced in the whole rulebook, by rules that are switched off too."""
    silenced: dict[Silenced, None] = dict.fromkeys((*answers.whole.silenced, *answer.silenced))
    overruled = {**dict(answers.whole.overruled), **dict(answer.overruled)}
    return answer._replace(
        overruled=tuple(sorted(item for item in overruled.items() if item[0] not in answers.withheld)),
        silenced=tuple(item for item in silenced if item.rule not in answers.withheld),
    )
