"""The text of a new rule: a template that explains itself, filled in as far as its author has said what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from cds.review.new_cases import FirstCase, first_cases
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook

TEMPLATE = """\
# Fill in every TODO; 'cds check' names what is still missing, 'cds forms' prints how everything is written.
rule: {rule}
title: {title}
says: TODO one sentence that a physician can read aloud, with the numbers of the findings.
tier: {tier}
version: 0.1.0
status: draft
owner: {owner}
authored: {today}
review by: {due}
when:
  all:
{when}
if unknown: ask
because: TODO why data that are missing are asked for (or write 'ignore' above, and why they are not).
advice:
{advice}
card:
  # today, visit or later: when somebody can act on it
  act: visit
  indicator: info
  # The finding first, with its number, then the option. Placeholders such as {{age}} are filled in; see README.md.
  summary: TODO the title of the card.
  # The title has at most {longest} characters. One with placeholders needs the same without them below it:
  # fallback: the title without placeholders
  detail: |
    TODO what a clinician needs to know to check this, in a few sentences.
reader:
  patients: TODO who, in words
  user: TODO intended user and setting
  benefit: TODO
  harm if wrong: TODO
  harm if silent: TODO
  harm if late: TODO
  alternatives: TODO what was weighed, and why it was rejected
limits:
  - TODO what this rule does not see
evidence:
{evidence}
grade:
{grade}
# Numbers of the texts that no finding of the rule holds, with their source, or the finding or term that has them:
# other numbers:
#   14 mg/dL: what begins there (SOURCE)
#   1200 mg/d: the name of a finding or a term
cases:
  # A case says only what is other than in the case patient of rulebook.yaml. It expects an outcome that this rule
  # decides, 'fires', 'nothing' or 'ask'. Under 'says' and 'does not say' stand advice codes.
{cases}"""
STUB = """
  {key}:
    says: TODO what it is, with its number and unit.
    when: TODO a sentence; 'cds forms' prints all of them
    evidence:
      - TODO the source of its number; without a number take 'evidence' out
"""
NO_FINDING = "TODO name a finding of this chapter"
NO_SOURCE = "TODO a source of evidence.yaml"
UNKNOWN_GRADE = (
    "  TODO the same source: its grade as evidence.yaml has it (not graded where it prints none, n.r. where nobody has "
    "read it)"
)


class NewRule(NamedTuple):
    """What is known of a rule that is begun; what is empty becomes a TODO."""

    rule: str
    chapter: str
    title: str = ""
    tier: str = ""
    when: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    new_findings: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[str, ...]:
        """All parts of its condition: findings that may be there, and those that are to be begun."""
        return (*self.when, *self.new_findings)


def stub_of(name: str) -> str:
    """A finding that is begun, as a findings.yaml has it."""
    return STUB.format(key=_quoted(name))


def text_of(book: RuleBook, new: NewRule, today: date, unknown: list[str]) -> str:
    """The file of a new rule; ``unknown`` are findings of its condition that are not there yet."""
    grades = [f"  {name}: {book.sources[name].grade_for(new.rule)}" for name in new.sources]
    return TEMPLATE.format(
        rule=new.rule,
        title=_quoted(new.title) if new.title else "TODO",
        tier=new.tier or _mildest(book),
        owner=_owner(book, new.chapter),
        today=today,
        due=_a_year_after(today),
        when=_listed(map(_quoted, new.conditions or (NO_FINDING,)), "    "),
        advice=_listed(map(_quoted, new.advice) if new.advice else ("TODO a code of advice.yaml",)),
        longest=LONGEST_SUMMARY,
        evidence=_listed(new.sources or (NO_SOURCE,)),
        grade="\n".join(grades or [UNKNOWN_GRADE]),
        cases="".join(_cases(book, new, unknown)),
    )


def _a_year_after(day: date) -> date:
    """The same day of the next year; of 29 February the day before."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _listed(texts: Iterable[str], indent: str = "  ") -> str:
    return "\n".join(f"{indent}- {text}" for text in texts)


def _quoted(text: str) -> str:
    """A text that YAML could read otherwise, between quotation marks."""
    return "'" + text.replace("'", "''") + "'" if re.search(r"^[-?,]|[:#'\"{}\[\]&*!|>%@`]", text) else text


def _mildest(book: RuleBook) -> str:
    """The tier in which a rule only speaks; the last one where every tier decides."""
    return next((tier.name for tier in book.tiers if not tier.outcome), book.tiers[-1].name)


def _owner(book: RuleBook, chapter: str) -> str:
    """Who owns the other rules of a chapter."""
    return next((r.owner for r in book.rules.values() if r.spot.file.startswith(f"{chapter}/")), "TODO")


def _cases(book: RuleBook, new: NewRule, unknown: list[str]) -> Iterator[str]:
    """First cases from the findings; where they are not known yet, what a case looks like."""
    if new.conditions and not unknown:
        outcome = next((tier.outcome for tier in book.tiers if tier.name == new.tier), "")
        yield from map(_case, first_cases(book, new.conditions, new.advice, outcome or "fires"))
        return
    example = next((f" such as '{name}: {text}'" for name, text in book.background if text.endswith(" days ago")), "")
    yield f"  # Write what is other under 'given', a line each,{example}.\n"
    yield "  - case: TODO the patient for whom it was written\n    expect: fires\n    telling: yes\n"
    yield "  - case: TODO the patient who just misses it\n    expect: nothing\n"


def _case(case: FirstCase) -> str:
    """A case as a rule file has it."""
    lines = [
        f"  - case: {_quoted(case.name)}",
        "    given:",
        *(f"      {key}: {text}" for key, text in case.given.items()),
    ]
    lines += [f"    expect: {case.expect}"]
    for key, codes in (("says", case.says), ("does not say", case.not_says)):
        lines += [f"    {key}:", *(f"      - {code}" for code in codes)] if codes else []
    return "".join(f"{line}\n" for line in (*lines, "    telling: yes"))
