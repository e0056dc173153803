"""``cds new rule``: a rule file to be filled in, which does not pass ``cds check`` before it is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from cds.errors import CdsError
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook

TEMPLATE = """\
# Fill in every TODO; 'cds check' names what is still missing.
rule: {rule}
title: TODO
says: TODO one sentence that a physician can read aloud.
tier: {tier}
version: 0.1.0
status: draft
owner: TODO
authored: {today}
review by: {due}
when:
  all:
    - TODO name a finding of this chapter
if unknown: ask
because: TODO why data that are missing are asked for, or ignored.
advice:
  - TODO a code of advice.yaml
card:
  act: visit
  indicator: info
  # The finding first, with its number, then the option. Placeholders such as {{age}} are filled in; see README.md.
  summary: TODO at most {longest} characters.
  # Needed where the summary has placeholders: the same without them.
  # fallback: at most {longest} characters.
  detail: |
    TODO what a clinician needs to know to check this, in at most 60 words.
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
  - TODO a source of evidence.yaml
grade:
  TODO the same source: its grade as evidence.yaml has it (not graded where it prints none, n.r. where nobody read it)
# Numbers of the texts that no finding of the rule holds, with their source, or the finding or term that has them:
# other numbers:
#   14 mg/dL: what begins there (SOURCE)
#   1200 mg/d: the name of a finding or a term
cases:
  # Write values as the case patient of rulebook.yaml has them, in any unit of the term{example}.
  - case: TODO the patient for whom it was written
    expect: fires
    telling: yes
  - case: TODO the patient who just misses it
    expect: nothing
"""


def write_new_rule(book: RuleBook, folder: Path, rule: str, chapter: str, today: date) -> Path:
    """Write the file of a new rule; its path.

    Raises:
        CdsError: the id has not the form of one, the rule is there already, or the chapter has no folder.

    """
    if not re.fullmatch(r"[A-Z]+-\d\d", rule):
        raise CdsError(f"'{rule}' is no rule id. Write it like {next(iter(book.rules))}.")
    if rule in book.rules:
        raise CdsError(f"{rule} is there already: {book.rules[rule].spot.file}.")
    place = folder / chapter
    if not (place / "findings.yaml").is_file():
        known = sorted(path.parent.name for path in folder.glob("*/findings.yaml"))
        raise CdsError(f"there is no chapter '{chapter}'. The chapters are: {', '.join(known)}.")
    path = place / f"{rule.lower()}.yaml"
    if path.exists():
        raise CdsError(f"{path} is there already.")
    due = today.replace(year=today.year + 1)
    said = {"tier": _mildest(book), "example": _example(book), "longest": LONGEST_SUMMARY}
    text = TEMPLATE.format(rule=rule, today=today, due=due, **said)
    path.write_text(text, encoding="utf-8")
    return path


def _mildest(book: RuleBook) -> str:
    """The tier in which a rule only speaks; the last one where every tier decides."""
    return next((tier.name for tier in book.tiers if not tier.outcome), book.tiers[-1].name)


def _example(book: RuleBook) -> str:
    """A dated value of the case patient, as a case states it."""
    dated = (f": '{name}: {text}'" for name, text in book.background if text.endswith(" days ago"))
    return next(dated, "")
