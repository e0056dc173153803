"""The graph of a rulebook: what each finding and each term is worked out from, and what rests on it.

Its nodes are findings, terms and roots; a root is a part of a record, and rests on nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from cds.errors import Problem
from cds.rulebook.model import (
    BIRTH_DATE,
    GENDER,
    AnyTerm,
    Computed,
    Condition,
    Demographic,
    Dose,
    Finding,
    GoalTerm,
    Joined,
    Measurement,
    Medication,
    ProductTerm,
    Removal,
    Rule,
    RuleBook,
    finding_names_in,
)
from cds.rulebook.report import Report

Root: TypeAlias = str
"""A part of a record: the name of a term with readings, mentions, courses or a target, or an element of Patient, or one
of the words below."""
PRODUCTS, ISSUES = "products", "issues"
Node: TypeAlias = tuple[str, str]
"""A finding, a term or a root, with its name."""
FINDING, TERM, ROOT = "finding", "term", "root"
PATIENT, MEDICINES, CONDITIONS, OBSERVATIONS, GOALS = "patient", "medicines", "conditions", "observations", "goals"
"""The parts of a record that can be left unread, as ``Record.unread`` names them."""


class Graph:
    """The graph of one rulebook, each answer worked out when somebody asks for it."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book

    @cached_property
    def needs(self) -> dict[Node, frozenset[Node]]:
        """For each finding and term, what it is worked out from directly."""
        return needs_among(self.book.findings, self.book.terms)

    @cached_property
    def order(self) -> tuple[Node, ...]:
        """All nodes, each after everything that it needs."""
        return tuple(TopologicalSorter(self.needs).static_order())

    @cached_property
    def roots(self) -> dict[str, frozenset[Root]]:
        """For each finding, the parts of a record that can change its state."""
        roots: dict[Node, frozenset[Root]] = {}
        for node in self.order:
            own = (roots[need] for need in self.needs.get(node, ()))
            roots[node] = frozenset({node[1]}) if node[0] == ROOT else frozenset().union(*own)
        return {name: roots[FINDING, name] for name in self.book.findings}

    @cached_property
    def readers(self) -> dict[Node, list[str]]:
        """For each node, the rules whose answers it can reach: those that read it, then those that it can silence."""
        starts = [([rule.id], findings_of_rule(rule)) for rule in self.book.rules.values()]
        for entry in self.book.removals:
            touched = entry.cards | entry.votes | {rule for rules in entry.codes.values() for rule in rules}
            starts.append((sorted(touched), findings_of_removal(entry)))
        found: dict[Node, dict[str, None]] = {}
        for rules, names in starts:
            for node in self.behind_findings(names):
                found.setdefault(node, {}).update(dict.fromkeys(rules))
        return {node: list(rules) for node, rules in found.items()}

    def behind(self, nodes: Iterable[Node]) -> set[Node]:
        """These nodes, and everything that they are worked out from."""
        return _closure(nodes, self._needs_of)

    def behind_findings(self, names: Iterable[str]) -> set[Node]:
        """These findings, and everything that can change their states."""
        return self.behind((FINDING, name) for name in names)

    def behind_rule(self, rule: Rule) -> set[Node]:
        """Everything that can change whether a rule fires, decides, and what it says."""
        return self.behind_findings(findings_of_rule(rule))

    def rings(self, nodes: Iterable[Node]) -> tuple[set[Node], set[Node], set[Node]]:
        """What these findings and terms rest on, from near to far.

        First they and the findings that they are defined by; then the terms that those read, with their inputs; then
        also the findings that say how long a value is usable and what stands in its place, and whatever those read.
        """
        defined = _closure(nodes, lambda node: {n for n in self._needs_of(node) if node[0] == n[0] == FINDING})
        read = _closure(defined, lambda node: {n for n in self._needs_of(node) if n[0] == TERM})
        return defined, read, self.behind(read)

    def made_of(self, names: Iterable[str]) -> Iterator[str]:
        """These findings and all that they are made of, each once, before what it is made of itself."""
        todo, seen = list(names), set[str]()
        while todo:
            name = todo.pop(0)
            if name not in seen:
                seen.add(name)
                yield name
                todo = [*self.book.findings[name].definition.findings, *todo]

    def parts(self, finding: str) -> frozenset[str]:
        """The parts of a record that can change the state of a finding."""
        named = {root.removeprefix("target of ") for root in self.roots[finding]}
        parts = (parts_of(self.book, name) for name in named if name in self.book.terms)
        own = {PRODUCTS: MEDICINES, BIRTH_DATE: PATIENT, GENDER: PATIENT}
        return frozenset(part for root, part in own.items() if root in named).union(*parts)

    def _needs_of(self, node: Node) -> frozenset[Node]:
        return self.needs.get(node, frozenset())


@lru_cache(maxsize=8)
def graph_of(book: RuleBook) -> Graph:
    """The graph of a rulebook."""
    return Graph(book)


def findings_of_rule(rule: Rule) -> list[str]:
    """The findings that a rule names in its conditions, votes, advice and card."""
    names = [part.finding for part in rule.when.parts] + [vote.finding for vote in rule.votes if vote.finding]
    clauses = [clause for saying in rule.advice for clause in saying.conditions]
    clauses += [clause for text in rule.card.texts for line in text.when for clause in line]
    clauses += [clause for _, line in rule.card.indicators for clause in line]
    return names + [clause.value for clause in clauses if clause.kind == "finding"]


def findings_of_removal(entry: Removal) -> list[str]:
    """The findings that an entry of silencing.yaml names."""
    return [clause.value for clause in (*entry.when, *entry.only_if) if clause.kind == "finding"]


def levels_of(findings: Mapping[str, Finding]) -> dict[str, int]:
    """How many joins lie under each finding: none under a sentence."""
    levels: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in levels:
            definition = findings[name].definition
            parts = definition.findings if isinstance(definition, Joined) else ()
            levels[name] = max((1 + level(part) for part in parts), default=0)
        return levels[name]

    for name in findings:
        level(name)
    return levels


def measured_by(name: str, terms: Mapping[str, AnyTerm]) -> Iterator[AnyTerm]:
    """A term and everything that it is computed from, the nearest first."""
    todo, seen = [name], set[str]()
    while todo:
        name = todo.pop(0)
        if name in seen or name not in terms:
            continue
        seen.add(name)
        found = terms[name]
        yield found
        todo += found.inputs if isinstance(found, Computed) else ()


def parts_of(book: RuleBook, name: str) -> frozenset[str]:
    """The parts of a record that can hold a term, or what its value is computed from."""
    return frozenset(part for term in measured_by(name, book.terms) for part in _parts_that_hold(term))


def _parts_that_hold(term: AnyTerm) -> tuple[str, ...]:
    match term:
        case Measurement():
            return (OBSERVATIONS,)
        case Condition():
            also = ((OBSERVATIONS, term.questions), (PATIENT, term.patient_element))
            return (CONDITIONS, *(part for part, there in also if there))
        case Medication() | ProductTerm() | Dose():
            return (MEDICINES,)
        case GoalTerm():
            return (GOALS,)
        case Demographic():
            return (PATIENT,)
        case Computed():
            return ()


def needs_among(findings: Mapping[str, Finding], terms: Mapping[str, AnyTerm]) -> dict[Node, frozenset[Node]]:
    """For each finding and term, what it is worked out from directly; names that nobody defines are left out."""
    needs = {(TERM, name): _needs_of_term(term) for name, term in terms.items()}
    needs |= {(FINDING, name): _needs_of_finding(finding, findings, terms) for name, finding in findings.items()}
    return {node: frozenset(n for n in need if n[0] == ROOT or n in needs) for node, need in needs.items()}


def _needs_of_term(term: AnyTerm) -> set[Node]:
    needs = {(FINDING, finding) for finding in finding_names_in(term)}
    match term:
        case Computed():
            return needs | {(TERM, name) for name in (*term.inputs, *(item.term for item in term.instead))}
        case Demographic():
            return needs | {(ROOT, term.element)}
        case Dose() | ProductTerm():
            return needs | {(ROOT, PRODUCTS)}
        case GoalTerm():
            return needs | {(ROOT, f"target of {term.of}"), (TERM, term.of)}
        case _:
            return needs | {(ROOT, term.name)}


def _needs_of_finding(finding: Finding, findings: Mapping[str, Finding], terms: Mapping[str, AnyTerm]) -> set[Node]:
    definition = finding.definition
    needs = {(FINDING, name) for name in definition.findings}
    needs |= {(TERM, name) for name in (*definition.terms, *definition.more_terms(findings, terms))}
    return needs | {(ROOT, ISSUES)} if definition.reads_issues else needs


def check_order(findings: Mapping[str, Finding], terms: Mapping[str, AnyTerm], report: Report) -> None:
    """Report findings and terms that need each other: none of them could be worked out."""
    needs = needs_among(findings, terms)
    try:
        TopologicalSorter({node: sorted(needs[node]) for node in sorted(needs, key=_is_term)}).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        chain = " needs ".join(f"'{name}'" for _, name in circle)
        kind, first = circle[0]
        spot = (findings if kind == FINDING else terms)[first].spot
        report.problems.append(Problem(*spot, first, f"{chain}.", "Take one of these links out.", "cycle"))


def _is_term(node: Node) -> bool:
    return node[0] == TERM


def _closure(nodes: Iterable[Node], next_to: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """These nodes, what is next to them, what is next to that, and so on."""
    found, todo = set[Node](), list(nodes)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += next_to(node)
    return found
