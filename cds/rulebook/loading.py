"""A folder of rule files -> a RuleBook, or all their problems at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, cast

from cds.errors import Problem, RulebookError
from cds.rulebook import answers
from cds.rulebook.findings import (
    check_name,
    check_references,
    check_terms,
    link_finding,
    order_of_evaluation,
    recorded_findings,
)
from cds.rulebook.folder import fingerprint, rule_files
from cds.rulebook.model import AnyTerm, Claim, Finding, Frozen, ProductBook, Rule, RuleBook, Signature
from cds.rulebook.products import link_products
from cds.rulebook.report import Report, Where
from cds.rulebook.rules import Names, check_given, link_rule
from cds.rulebook.shapes.answer import AdviceFile, PrecedenceFile, SilencingFile
from cds.rulebook.shapes.book import BookFile, ClaimsFile, EvidenceFile, ReviewFile, SignaturesFile
from cds.rulebook.shapes.kinds import KINDS
from cds.rulebook.shapes.product import ProductsFile
from cds.rulebook.shapes.rule import FindingsFile, FindingShape, RuleFile
from cds.rulebook.shapes.shape import Shape
from cds.rulebook.shapes.term import TermsFile
from cds.rulebook.shaping import shaped
from cds.rulebook.terms import link_term, several
from cds.rulebook.yaml_text import Page, read_page

ROOT_FILES = ("rulebook", "precedence", "silencing", "advice", "evidence")
MARK, PRODUCTS = "rulebook.yaml", "terms/products.yaml"
FIRST_LEVEL = (*ROOT_FILES, "review", "claims", "signatures")
_RULE_FILE = re.compile(r"([a-z]+-\d\d)-")
S = TypeVar("S", bound=Shape)


def read_rulebook(folder: Path, formulas: Collection[str]) -> RuleBook:
    """The checked rulebook of a folder; ``formulas`` are the computations that terms may name.

    Raises:
        RulebookError: with every problem of every file.

    """
    return built(Desk(folder, formulas))


def built(desk: Desk) -> RuleBook:
    """The rulebook on a desk.

    Raises:
        RulebookError: with every problem of every file.

    """
    book = desk.build()
    if book is None or desk.report.problems:
        raise RulebookError(desk.report.problems)
    return book


class Desk:
    """The pages of one folder on the way to a rulebook."""

    def __init__(self, folder: Path, formulas: Collection[str]) -> None:
        self.folder, self.formulas, self.report = folder, formulas, Report()
        self.pages: dict[str, Page] = {}
        self.shapes: dict[str, Shape] = {}

    def build(self) -> RuleBook | None:
        """The rulebook; None when a file is broken that others rest on. Problems are in the report."""
        if not (self.folder / MARK).exists():
            # Nothing else is said: the folder is another one, and its files were never meant as rules.
            self.lack(MARK, "Name the folder that holds it: without it a folder is no rulebook.")
            return None
        self.read()
        for name in (*(f"{name}.yaml" for name in ROOT_FILES), PRODUCTS):
            if not (self.folder / name).exists():
                self.lack(name, "Every rulebook needs it.")
        return self.link() if self.foundations_stand() else None

    def foundations_stand(self) -> bool:
        """Whether all files but rules could be read; otherwise everything that names them would look wrong."""
        return all(self.kind(problem.file) == "rule" for problem in self.report.problems)

    def kind(self, name: str) -> str:
        """The kind of a file."""
        return kind_of(name)

    def chapter(self, name: str) -> Path:
        """The folder of the chapter in which a file stands."""
        return Path(name).parent

    def chapter_name(self, name: str) -> str:
        """What the chapter of a file is called: as its findings say, else as its folder."""
        named = {self.chapter(file): shape.chapter for file, shape in self.only(FindingsFile).items()}
        return named.get(self.chapter(name), self.chapter(name).name)

    def lack(self, name: str, todo: str) -> None:
        """Note that a file is not there."""
        self.report.problems.append(Problem(name, 1, "file", "the file is not there.", todo, "missing-file"))

    def read(self) -> None:
        """Read every file into its shape."""
        for path in rule_files(self.folder):
            name = path.relative_to(self.folder).as_posix()
            self.take(path, name, KINDS[kind_of(name)])

    def take(self, path: Path, name: str, kind: type[Shape]) -> None:
        """Read one file into its shape."""
        if page := read_page(path, name, self.report.problems):
            self.pages[name] = page
            if shape := shaped(page, kind, self.report):
                self.shapes[name] = shape

    def only(self, shape: type[S]) -> dict[str, S]:
        """The files of one shape, by name."""
        return {name: found for name, found in self.shapes.items() if isinstance(found, shape)}

    def file(self, name: str, shape: type[S]) -> S:
        """A file that every rulebook has, in its shape."""
        return cast(S, self.shapes[name])

    def where(self, name: str, *place: str | int) -> Where:
        """A place in a file."""
        return Where(self.report, self.pages[name], place)

    def link(self) -> RuleBook:
        """The rulebook, every name in it checked."""
        book = self.file(MARK, BookFile)
        terms, term_places = self.terms()
        findings = self.findings(terms)
        check_terms(terms, findings, term_places, self.formulas)
        order_of_evaluation(findings, terms, self.report)
        names = self.names(terms, findings)
        check_given(tuple(book.case_patient.items()), self.where(MARK, "case patient"), names)
        rules = self.rules(names, book.source_attributes)
        precedence = self.precedence()
        answers.check_tiers(precedence, rules, names.rules, self.where("precedence.yaml"))
        silencing = self.file("silencing.yaml", SilencingFile)
        return RuleBook(
            title=book.title,
            version=book.version,
            canonical=book.canonical,
            sha256=fingerprint(self.folder),
            terms=Frozen(terms),
            findings=Frozen(findings),
            rules=Frozen(rules),
            tiers=tuple(names.tiers.values()),
            outcomes=Frozen(precedence.outcomes),
            default=precedence.default,
            removals=answers.link_removals(silencing, self.where("silencing.yaml"), names),
            advice=Frozen(names.advice),
            never=Frozen(names.never),
            sources=Frozen(names.sources),
            products=self.products(),
            attributes=Frozen(book.source_attributes),
            background=tuple(book.case_patient.items()),
            accepted=Frozen(self.accepted()),
            claims=tuple(self.claims(rules)),
            signatures=tuple(self.signatures(names.rules)),
        )

    def precedence(self) -> PrecedenceFile:
        """The order of the tiers and of the rules in each."""
        return self.file("precedence.yaml", PrecedenceFile)

    def products(self) -> ProductBook:
        """What products hold."""
        return link_products(self.file(PRODUCTS, ProductsFile), self.where(PRODUCTS))

    def terms(self) -> tuple[dict[str, AnyTerm], dict[str, Where]]:
        """The terms, and where each stands."""
        terms: dict[str, AnyTerm] = {}
        places: dict[str, Where] = {}
        products = self.file(PRODUCTS, ProductsFile)
        for name, shape in self.only(TermsFile).items():
            for term, entry in shape.terms.items():
                places[term] = self.fresh(term, terms, self.where(name, "terms", term))
                check_name(term, places[term])
                terms[term] = link_term(term, entry, places[term])
                for index, source in enumerate(getattr(entry, "evidence", ())):
                    places[term].at("evidence", index).known(source, self.evidence().sources, "evidence source")
                for salt in several(getattr(entry, "salt", "")):
                    places[term].at("salt").known(salt, products.salts, "salt name")
        return terms, places

    def fresh(self, name: str, taken: Collection[str], where: Where) -> Where:
        """The place of something new; that its name is taken is noted."""
        if name in taken:
            where.problem(f"'{name}' is defined twice.", "Give one of them another name.", "duplicate-name")
        return where

    def findings(self, terms: Mapping[str, AnyTerm]) -> dict[str, Finding]:
        """The findings, every name in them checked."""
        findings = recorded_findings(terms)
        places: dict[str, Where] = {}
        for name, shape in self.only(FindingsFile).items():
            for finding, entry in shape.findings.items():
                places[finding] = self.fresh(finding, findings, self.where(name, "findings", finding))
                findings[finding] = self.finding(finding, entry, shape.chapter, places[finding], terms)
        self.more_findings(findings, places, terms)
        check_references(findings, places)
        return findings

    def finding(
        self, name: str, entry: FindingShape, chapter: str, where: Where, terms: Mapping[str, AnyTerm]
    ) -> Finding:
        """One finding, its sources checked."""
        for index, source in enumerate(entry.evidence):
            where.at("evidence", index).known(source, self.evidence().sources, "evidence source")
        return link_finding(name, entry, chapter, where, terms)

    def more_findings(
        self, findings: dict[str, Finding], places: dict[str, Where], terms: Mapping[str, AnyTerm]
    ) -> None:
        """What else changes the findings: nothing in a folder that stands alone."""

    def accepted(self) -> dict[str, str]:
        """The changes that no case needs to notice, with the reasons."""
        return {what: why for file in self.only(ReviewFile).values() for what, why in file.accepted.items()}

    def claims(self, rules: Mapping[str, Rule]) -> Iterator[Claim]:
        """The claims of the articles; a claim without rule or reason is noted."""
        for name, file in self.only(ClaimsFile).items():
            for index, item in enumerate(file.claims):
                place = self.where(name, "claims", index)
                for position, rule in enumerate(item.carried_by):
                    place.at("carried by", position).known(rule, rules, "rule")
                if not item.carried_by and not item.because:
                    place.problem("no rule carries this claim.", "Say why under 'because'.", "missing-key")
                yield Claim(item.claim, item.verdict, item.because, tuple(item.carried_by))

    def signatures(self, rules: Collection[str]) -> Iterator[Signature]:
        """The signatures; one under a rule that is not there is noted."""
        for name, file in self.only(SignaturesFile).items():
            for index, item in enumerate(file.signatures):
                place = self.where(name, "signatures", index)
                place.at("rule").known(item.rule, rules, "rule")
                yield Signature(**item.model_dump(), spot=place.spot)

    def evidence(self) -> EvidenceFile:
        """The sources of evidence."""
        return self.file("evidence.yaml", EvidenceFile)

    def names(self, terms: Mapping[str, AnyTerm], findings: Mapping[str, Finding]) -> Names:
        """All names that rules may use."""
        advice = self.file("advice.yaml", AdviceFile)
        precedence = self.precedence()
        return Names(
            terms=terms,
            findings=findings,
            advice=answers.link_advice(advice, self.where("advice.yaml")),
            never=answers.link_never(advice),
            sources=answers.link_sources(self.evidence()),
            tiers=answers.link_tiers(precedence, self.where("precedence.yaml")),
            outcomes=precedence.outcomes,
            rules=self.rule_ids(),
        )

    def rule_ids(self) -> list[str]:
        """The ids of all rules; a file with a problem gives the id in its name (``ca-01-...yaml``: CA-01)."""
        broken = {problem.file for problem in self.report.problems}
        named = (_RULE_FILE.match(Path(name).name) for name in broken if self.kind(name) == "rule")
        return [shape.rule for shape in self.only(RuleFile).values()] + sorted(m[1].upper() for m in named if m)

    def rules(self, names: Names, attributes: Mapping[str, str]) -> dict[str, Rule]:
        """The rules by their ids, every name in them checked."""
        rules: dict[str, Rule] = {}
        for name, shape in self.only(RuleFile).items():
            where = self.fresh(shape.rule, rules, self.where(name))
            rules[shape.rule] = link_rule(shape, self.chapter_name(name), where, names, attributes)
        return rules


def kind_of(name: str, first_level: Collection[str] = FIRST_LEVEL) -> str:
    """The kind of a rule file, by its place: ``terms``, ``findings``, ``rule`` or a file of the first level."""
    path = Path(name)
    if path.parts[0] == "terms":
        return "products" if path.stem == "products" else "terms"
    if len(path.parts) == 1 and path.stem in first_level:
        return path.stem
    return "findings" if path.stem == "findings" else "rule"
