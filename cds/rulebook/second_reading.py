"""A rule's sentence, written down a second time as conditions by somebody who has not seen those of the rule.

The form that is given to that person holds the sentence, and the words in which results are named; the file that comes
back becomes findings beside those of the rulebook, so that both readings are about the same patients.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from cds.errors import RulebookError
from cds.rulebook.declared import Made
from cds.rulebook.findings import check_references, link_finding
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Finding, Form, Frozen, Joined, Part, RuleBook
from cds.rulebook.model.rule import RuleWhen, joined_when
from cds.rulebook.model.saying import Stated
from cds.rulebook.report import Report, Where
from cds.rulebook.shape import shape_of, shaped
from cds.rulebook.yaml_text import read_page

READ = "the second reading"
"""The finding that stands for the second reading of the rule's condition."""
NO_SOURCE = "threshold-without-source"
"""Of whoever reads a sentence no source is asked: the numbers are those that the sentence makes them think of."""
FORM = """\
# Second reading of {rule}. Write down, from the sentence alone, for whom it holds; do not open the rule's file.
# A finding is one sentence about a result or a recorded name, or several joined by 'all' or 'any':
#   high result:
#     when: NAME OF A RESULT is above 10.5 mg/dL
# Some other sentences: NAME is at least 8 and below 9 mg/dL; NAME is below OTHER NAME minus 1 mg/dL; NAME is missing;
# NAME is dated within 7 days of OTHER NAME; CONDITION happened within 90 days; MEDICINE was given within 30 days.
# 'cds forms' prints all of them.
# Beside your findings you can name a condition or a medicine as it is called below. Before a finding may stand 'not'
# (it is absent; unknown stays unknown), 'without' (it is not surely there), 'proven' (it is surely there) and
# 'possible' (it is not surely absent); hence no name of a finding begins with one of these words.
{values}
{recorded}
rule: {rule}
reader: TODO your name
# The sentence:
{says}
findings:
  TODO name it:
    when: TODO
when:
  all:
    - TODO name it
"""


class SecondReading(NamedTuple):
    """The file: who read the sentence of which rule, the findings of that person, and how they are joined."""

    rule: Stated
    reader: Stated
    when: Annotated[Joined, Made(joined_when, RuleWhen)]
    findings: Frozen[str, Finding] = Frozen()


class ReadTwice(NamedTuple):
    """The rulebook with the second reading of a rule beside the first, as the finding ``READ``."""

    book: RuleBook
    rule: str
    reader: str


def form_for(book: RuleBook, rule: str) -> str:
    """The form for the second reader of a rule: its sentence, and the words, without its numbers and findings."""
    names = compared_terms(book, [part.finding for part in book.rules[rule].when.parts])
    values, recorded = sorted(names - set(book.findings)), sorted(names & set(book.findings))
    listed = {"values": _listed("Results", values), "recorded": _listed("Recorded names", recorded)}
    return FORM.format(rule=rule, says=_lines(book.rules[rule].says), **listed)


def _listed(title: str, names: list[str]) -> str:
    return _lines(f"{title}: {'; '.join(names) or 'none'}.")


def _lines(text: str) -> str:
    return textwrap.fill(text, 118, initial_indent="# ", subsequent_indent="# ")


def compared_terms(book: RuleBook, findings: Iterable[str]) -> set[str]:
    """The terms that the sentences behind findings compare or look up, without what those are computed from."""
    behind = [name for name in graph_of(book).made_of(findings) if name in book.findings]
    return {term for name in behind for term in book.findings[name].definition.terms}


def read_twice(path: Path, book: RuleBook, scales: Mapping[str, str]) -> ReadTwice:
    """The second reading in a file, beside the rulebook.

    Raises:
        RulebookError: with every problem of the file.

    """
    report = Report()
    page = read_page(path, path.name, report.unreadable)
    shape: Any = shaped(page, shape_of(SecondReading), report) if page else None
    if page is None or shape is None:
        raise _error(report)
    where = Where(report, page)
    where.at("rule").known(shape.rule, book.rules, "rule")
    own = dict(_own_findings(shape, where, book, scales))
    known = {**{name: f for name, f in book.findings.items() if not f.chapter}, **own}
    joint = [name for name, item in own.items() if isinstance(item.definition, Joined)]
    check_references(known, {name: where.at("findings", name) for name in joint})
    joined: Joined = joined_when(shape, where)
    for index, part in enumerate(joined.parts):
        where.at("when", joined.how, index).known(part.finding, known, "finding")
    report.problems[:] = [problem for problem in report.problems if problem.code != NO_SOURCE]
    if report.error():
        raise _error(report)
    return ReadTwice(_beside(book, own, joined), shape.rule, shape.reader)


def _error(report: Report) -> RulebookError:
    found = report.error()
    assert found is not None  # noqa: S101 - asked only where something is wrong
    return found


def _own_findings(shape: Any, where: Where, book: RuleBook, scales: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    for name, entry in shape.findings.items():
        yield name, link_finding(name, entry, READ, where.at("findings", name), book.terms, scales)


def _beside(book: RuleBook, own: Mapping[str, Finding], joined: Joined) -> RuleBook:
    """The rulebook with the findings of the second reader, each under a name of its own."""
    named = {name: f"{name} ({READ})" for name in own}
    renamed = {
        named[name]: item._replace(name=named[name], definition=_told(item.definition, named))
        for name, item in own.items()
    }
    spot = next(iter(book.rules.values())).spot
    whole = Finding(READ, _told(joined, named), "", (), READ, spot)
    return replace(book, findings=Frozen({**book.findings, **renamed, READ: whole}))


def _told(form: Form, named: Mapping[str, str]) -> Form:
    """A form with the findings that it names under their new names."""
    if not isinstance(form, Joined):
        return form
    parts = tuple(Part(named.get(part.finding, part.finding), part.sense) for part in form.parts)
    return replace(form, parts=parts)
