"""A folder of rule files -> a RuleBook, or all their problems at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from cds.rulebook.cases import check_given
from cds.rulebook.doubtful_codes import doubtful_codes
from cds.rulebook.files import OTHER_MEDICINES, PRODUCTS, RuleFiles
from cds.rulebook.findings import (
    check_name,
    check_references,
    link_finding,
    recorded_findings,
)
from cds.rulebook.folder import MARK, fingerprint
from cds.rulebook.formula import check_terms, in_order
from cds.rulebook.graph import check_order
from cds.rulebook.model import (
    Amendment,
    AnyTerm,
    Claim,
    Dose,
    Finding,
    FindingsFile,
    Frozen,
    OtherMedicines,
    PrecedenceFile,
    ProductBook,
    Removal,
    Role,
    Rule,
    RuleBook,
    Safety,
    Signature,
    SilencingFile,
    Source,
    TermsFile,
    Topic,
)
from cds.rulebook.model.book import BookFile
from cds.rulebook.model.product import ProductsFile
from cds.rulebook.model.saying import AdviceFile, AmendmentsFile, ClaimsFile, EvidenceFile, ReviewFile, SignaturesFile
from cds.rulebook.precedence import card_order, check_tiers, link_roles, offer_tier, read_removals, read_tiers
from cds.rulebook.products import link_products
from cds.rulebook.reading import Names, check_names, read_entry
from cds.rulebook.report import Where
from cds.rulebook.rules import link_advice, link_rule
from cds.rulebook.safety import read_safety
from cds.rulebook.shape import Shape
from cds.rulebook.takes import Formulas
from cds.rulebook.yaml_text import Page

PRECEDENCE, TOPIC, SAFETY = "precedence.yaml", "topic.yaml", "safety.yaml"


def read_rulebook(folder: Path, formulas: Formulas) -> RuleBook:
    """The checked rulebook of a folder; ``formulas`` are the computations that terms may name.

    Raises:
        RulebookError: with every problem of every file.

    """
    return bound(Binder(folder, formulas))


def bound(binder: Binder) -> RuleBook:
    """The rulebook that a binder makes.

    Raises:
        RulebookError: with every problem of every file.

    """
    binder.stand()
    book = binder.link()
    if error := binder.report.error():
        raise error
    return book


class Binder(RuleFiles):
    """Binds the pages on its desk into a rulebook; ``formulas`` are the computations that terms may name."""

    def __init__(self, folder: Path, formulas: Formulas) -> None:
        super().__init__(folder)
        self.formulas = formulas

    def link(self) -> RuleBook:
        """The rulebook, every name in it checked."""
        book = self.file(MARK, BookFile)
        terms, term_places = self.terms()
        findings = self.findings(terms)
        scales = self.file(TOPIC, Topic).scales if TOPIC in self.shapes else None
        check_terms(terms, findings, term_places, self.formulas, scales)
        check_order(findings, terms, self.report)
        names = self.names(terms, findings)
        check_given(tuple(book.case_patient.items()), self.where(MARK, "case patient"), names)
        rules = self.rules(names, book.source_attributes)
        precedence = self.precedence()
        self.report.unreadable = offer_tier(precedence, self.report.unreadable)
        roles: dict[Role, str] = {}
        if PRECEDENCE in self.shapes:
            roles = link_roles(precedence, self.where(PRECEDENCE))
            check_tiers(precedence, rules, names.rules, self.where(PRECEDENCE))
        silencing = self.file("silencing.yaml", SilencingFile)
        removals = tuple(read_removals(silencing, self.where("silencing.yaml"), names))
        return RuleBook(
            title=book.title,
            version=book.version,
            canonical=book.canonical,
            topic=self.topic(names),
            sha256=fingerprint(self.folder),
            terms=names.terms,
            findings=Frozen(findings),
            rules=Frozen(rules),
            tiers=tuple(names.tiers.values()),
            outcomes=Frozen({name: outcome.says for name, outcome in precedence.outcomes.items()}),
            roles=Frozen(roles),
            default=precedence.default,
            removals=removals,
            advice=Frozen(names.advice),
            never=Frozen(names.never),
            sources=Frozen(names.sources),
            products=self.product_book,
            attributes=Frozen(book.source_attributes),
            background=tuple(book.case_patient.items()),
            accepted=Frozen(self.accepted()),
            claims=tuple(self.claims(rules)),
            amendments=tuple(self.amendments(names)),
            signatures=tuple(self.signatures(names.rules)),
            safety=self.safety(names, removals),
            other_conditions=frozenset(self.other_conditions()),
            other_medicines=self.other_medicines(),
            cards=card_order(precedence, self.where(PRECEDENCE, "cards"), names.rules),
            spot=self.where(MARK, "version").spot,
            doubtful_codes=tuple(doubtful_codes(self.pages_with_codes(), self.folder)),
        )

    def pages_with_codes(self) -> Iterator[Page]:
        """The pages of terms and products."""
        return (page for name, page in self.pages.items() if self.kind(name) in ("terms", "products"))

    def other_conditions(self) -> Iterator[str]:
        """The names of conditions that no term is, of every file that holds some."""
        for shape in self.only(TermsFile).values():
            for names in shape.other_conditions.values():
                yield from names

    def topic(self, names: Names) -> Topic:
        """What the rulebook is about; a name in it that nobody defines is noted."""
        where = self.where(TOPIC)
        topic: Topic = read_entry(self.file(TOPIC, Topic), where)
        check_names(topic, where, {"advice code": names.advice})
        hooks: dict[str, str] = {}
        for hook, service in topic.services.items():
            if (other := hooks.setdefault(service.id, hook)) != hook:
                what = f"'{service.id}' is also the id of the service for {other}."
                where.at("services", hook, "id").problem(what, "Give each service an id of its own.", "duplicate-name")
        return topic

    def safety(self, names: Names, removals: Iterable[Removal]) -> Safety | None:
        """What is promised; None where the folder says nothing of it."""
        entries = [entry.name for entry in removals]
        files = self.only(Safety).items()
        return next((read_safety(file, self.where(name), names, entries, self.formulas) for name, file in files), None)

    def precedence(self) -> Any:
        """The order of the tiers and of the rules in each, as it is written."""
        return self.file(PRECEDENCE, PrecedenceFile)

    @cached_property
    def product_book(self) -> ProductBook:
        """What products hold, linked once."""
        return self.products()

    def products(self) -> ProductBook:
        """What products hold."""
        return link_products(self.file(PRODUCTS, ProductsFile), self.where(PRODUCTS))

    def other_medicines(self) -> OtherMedicines:
        """The names of medicines that are something else; none in a folder that does not say."""
        found: OtherMedicines = read_entry(self.file(OTHER_MEDICINES, OtherMedicines), self.where(OTHER_MEDICINES))
        return found

    def terms(self) -> tuple[dict[str, AnyTerm], dict[str, Where]]:
        """The terms, and where each stands."""
        terms: dict[str, AnyTerm] = {}
        places: dict[str, Where] = {}
        for name, shape in self.only(TermsFile).items():
            for term, entry in shape.terms.items():
                places[term] = self.fresh(term, terms, self.where(name, "terms", term))
                check_name(term, places[term])
                terms[term] = self.term(entry, places[term])
        return terms, places

    def term(self, entry: Shape, where: Where) -> AnyTerm:
        """One term, its sources and what it names of products checked."""
        term: AnyTerm = read_entry(entry, where)
        products = self.product_book
        of_products: dict[str, Collection[str]] = {
            "nutrient name": products.nutrients,
            "salt name": products.salts,
            "intent name": products.intents,
        }
        check_names(term, where, {"evidence source": self.sources, **of_products})
        if isinstance(term, Dose) and term.nutrient in products.nutrients:
            return term._replace(factors=products.nutrients[term.nutrient].units)
        return in_order(term, self.formulas)

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

    def finding(self, name: str, entry: Any, chapter: str, where: Where, terms: Mapping[str, AnyTerm]) -> Finding:
        """One finding, its sources checked."""
        for index, source in enumerate(entry.evidence):
            where.at("evidence", index).known(source, self.sources, "evidence source")
        return link_finding(name, entry, chapter, where, terms, self.file(TOPIC, Topic).scales)

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
                claim: Claim = read_entry(item, place)
                check_names(claim, place, {"rule": rules})
                if not claim.rules and not claim.because:
                    place.problem("no rule carries this claim.", "Say why under 'because'.", "missing-key")
                yield claim

    def amendments(self, names: Names) -> Iterator[Amendment]:
        """The amendments of the specification; a name in one that nobody defines is noted."""
        defined = {"rule": names.rules, "finding": names.findings, "term": names.terms, "advice code": names.advice}
        for name, file in self.only(AmendmentsFile).items():
            for key, item in file.amendments.items():
                place = self.where(name, "amendments", key)
                amendment: Amendment = read_entry(item, place)
                check_names(amendment, place, defined)
                yield amendment

    def signatures(self, rules: Collection[str]) -> Iterator[Signature]:
        """The signatures; one under a rule that is not there is noted."""
        for name, file in self.only(SignaturesFile).items():
            for index, item in enumerate(file.signatures):
                place = self.where(name, "signatures", index)
                signature: Signature = read_entry(item, place)
                check_names(signature, place, {"rule": rules})
                yield signature

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources of evidence, of every file that holds some."""
        found: dict[str, Source] = {}
        for name, shape in self.only(EvidenceFile).items():
            for source, entry in shape.sources.items():
                where = self.fresh(source, found, self.where(name, "sources", source))
                found[source] = read_entry(entry, where)
                check_names(found[source], where, {"rule": self.rule_ids()})
        return found

    def names(self, terms: Mapping[str, AnyTerm], findings: Mapping[str, Finding]) -> Names:
        """All names that rules may use."""
        advice = self.file("advice.yaml", AdviceFile)
        precedence = self.precedence()
        return Names(
            terms=Frozen(terms),
            findings=findings,
            advice=link_advice(advice, self.where("advice.yaml"), self.product_book.nutrients),
            never={
                code: read_entry(entry, self.where("advice.yaml", "never", code))
                for code, entry in advice.never.items()
            },
            sources=self.sources,
            tiers=read_tiers(precedence, self.where(PRECEDENCE)),
            outcomes=precedence.outcomes,
            rules=self.rule_ids(),
        )

    def rule_ids(self) -> list[str]:
        """The ids of all rules that could be read."""
        return [shape.id for shape in self.only(Rule).values()]

    def rules(self, names: Names, attributes: Mapping[str, str]) -> dict[str, Rule]:
        """The rules by their ids, every name in them checked."""
        rules: dict[str, Rule] = {}
        for name, shape in self.only(Rule).items():
            rules[shape.id] = link_rule(shape, self.chapter_name(name), self.where(name), names, attributes)
        return rules
