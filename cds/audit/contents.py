"""The pages of the audit book, one after the other: their names and their text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cds.audit.addresses import KINDS, OTHERS, chapter_page, kind_of, rule_page, sample_page
from cds.audit.decisions import table
from cds.audit.drawings import Drawing, drawings_of, ladders_beside
from cds.audit.examples import Result, cards_of_rule, results_of
from cds.audit.formulas import formulas_of, texts_of
from cds.audit.influence import influence_of, taken
from cds.audit.matter import Matter, Since
from cds.audit.pages import drawn, environment, page
from cds.audit.scales import DAYS
from cds.audit.signed import Signed, contents_of, signed_by
from cds.audit.tiers import staircase
from cds.audit.turning import aged_terms, turning_points
from cds.audit.whole import Page, whole
from cds.review.difference import by_rule, moves
from cds.review.overlay_effects import side_by_side
from cds.rulebook.model import AnyTerm, Contents, Overlay, Rule

MENU = (
    ("index.html", "Contents"), ("tiers.html", "Tiers"), ("numbers.html", "Numbers"),
    ("decisions.html", "Decision tables"), ("patients.html", "Patients"), ("silencing.html", "Silencing"),
    ("advice.html", "Advice"), ("terms-measurements.html", "Terms"), ("sources.html", "Sources"),
    ("claims.html", "Claims"), ("proofs.html", "Proofs"), ("sign-off.html", "Sign-off"),
)  # fmt: skip
WHOLE = "whole.html"
OVERLAY = ("overlay.html", "Base and overlay side by side")
CHANGES = ("changes.html", "What changed")
ALL_KINDS = (*KINDS.values(), OTHERS)
MOST_PICTURES = 3
"""How many ladders a rule page draws itself; the others are linked."""
SPEAKS = {"nothing", "ask"}
"""What a case expects in which its rule does not speak."""


@dataclass(frozen=True)
class Press:
    """Writes the pages of one book."""

    matter: Matter

    def pages(self) -> list[Page]:
        """Every page, and one that holds them all."""
        found = list(self.single_pages())
        return [
            *found,
            self.write(WHOLE, "whole.html", sections=[(part.name, drawn(part.html)) for part in whole(found)]),
        ]

    def single_pages(self) -> Iterator[Page]:
        """Every page, in the order in which the book is read."""
        yield self.index()
        yield from self.about_deciding()
        for name, rules in self.matter.chapters.items():
            yield self.chapter(name)
            yield from (self.rule(rule) for rule in rules)
        yield from self.about_people()
        yield from self.about_words()
        if self.matter.since is not None:
            yield self.changes(self.matter.since)
        if self.matter.adapted is not None and self.matter.book.overlay is not None:
            yield self.overlay(self.matter.adapted, self.matter.book.overlay)

    def write(self, name: str, template: str, **data: Any) -> Page:
        """A page with what every page shows."""
        day = self.matter.day.isoformat()
        made = page(self.environment, template, menu=MENU, here=name, day=day, matter=self.matter, **data)
        return Page(name, made)

    @cached_property
    def environment(self) -> Any:
        """The environment of the templates."""
        return environment(self.matter.book)

    @cached_property
    def results(self) -> dict[str, tuple[Result, ...]]:
        """The cases of every rule with their results."""
        return results_of(self.matter.evaluator)

    @cached_property
    def signatures(self) -> dict[str, Signed]:
        """The last signature of each rule that has one."""
        return signed_by(self.matter.book)

    @cached_property
    def ladders(self) -> dict[str, tuple[Drawing, ...]]:
        """The ladders of every chapter."""
        findings = self.matter.chapter_findings
        return {name: drawings_of(self.matter.evaluator, findings.get(name, ())) for name in self.matter.chapters}

    @cached_property
    def numbers(self) -> tuple[Drawing, ...]:
        """The ladders of the whole rulebook, one for each value."""
        findings = [finding for items in self.matter.chapter_findings.values() for finding in items]
        drawings = drawings_of(self.matter.evaluator, findings)
        return tuple(sorted(drawings, key=lambda drawing: (drawing.scale.unit == DAYS, drawing.scale.title.lower())))

    @cached_property
    def turns(self) -> dict[str, list[str]]:
        """For each rule, the findings with a number in its condition."""
        rules = self.matter.book.rules.items()
        return {
            name: [t.finding.name for t in turning_points(self.matter.book, rule) if t.fires] for name, rule in rules
        }

    def index(self) -> Page:
        """The first page."""
        matter, book = self.matter, self.matter.book
        alive, tried = matter.alive, sum(len(results) for results in self.results.values())
        changes = matter.changes_tried
        return self.write(
            "index.html", "index.html", ladders=self.ladders, turns=self.turns, kinds=ALL_KINDS,
            extras=self.extras,
            overdue=[rule.id for rule in book.rules.values() if matter.overdue(rule)],
            drafts=sum(rule.status == "draft" for rule in book.rules.values()), cases=tried,
            failing=sum(result.fails for results in self.results.values() for result in results),
            noticed=None if alive is None else 100 * (1 - len(alive) / changes),
            proofs_held=sum(proof.holds is True for proof in matter.proofs or ()),
            signed=sum(item.valid for item in self.signatures.values()),
        )  # fmt: skip

    def about_deciding(self) -> Iterator[Page]:
        """Tiers, numbers, decision tables, silencing and advice."""
        matter, book = self.matter, self.matter.book
        yield self.write("tiers.html", "tiers.html", picture=drawn(staircase(book)))
        yield self.write("numbers.html", "numbers.html", drawings=self.numbers)
        tables = {name: table(book, rules) for name, rules in matter.chapters.items() if rules}
        yield self.write("decisions.html", "decisions.html", tables=tables)
        yield self.write(
            "silencing.html", "silencing.html", entries=[(entry, taken(book, entry)) for entry in book.removals]
        )
        sayers = {
            code: [r.id for r in book.rules.values() if code in {s.code for s in r.advice}] for code in book.advice
        }
        guards = {code: [r.id for r in book.rules.values() if code in r.never] for code in book.never}
        yield self.write("advice.html", "advice.html", sayers=sayers, guards=guards)

    def about_words(self) -> Iterator[Page]:
        """The glossary, the formulas, the sources, the claims, the proofs and the sign-off page."""
        book = self.matter.book
        for address, title in ALL_KINDS:
            yield self.terms(address, title, [term for term in book.terms.values() if kind_of(term)[0] == address])
        used = formulas_of(book)
        yield self.write("formulas.html", "formulas.html", used=used, texts=texts_of(used))
        yield self.write("sources.html", "sources.html", cited={name: self.cited(name) for name in book.sources})
        yield self.write("claims.html", "claims.html")
        yield self.write("proofs.html", "proofs.html")
        yield self.write("sign-off.html", "signoff.html", contents=contents_of(book), signatures=self.signatures)

    def terms(self, address: str, title: str, terms: list[AnyTerm]) -> Page:
        """The page of one kind of term; that of products also says what each product holds."""
        products = self.matter.book.products
        held: list[tuple[Contents, str]] = []
        if address == "terms-products.html":
            held = [(contents, code) for (_, code), contents in products.coded.items()]
            held += [(contents, "") for _, contents in products.brands]
        said = "Factors turn a result into the unit of its term." if address == "terms-measurements.html" else ""
        return self.write(
            address, "terms.html", title=title, terms=terms, introduction=said, contents=held, kinds=ALL_KINDS
        )

    def cited(self, source: str) -> dict[str, list[str]]:
        """The rules, findings and terms that cite a source."""
        book = self.matter.book
        return {
            "rules": [rule.id for rule in book.rules.values() if source in _sources_of(rule)],
            "findings": [finding.name for finding in book.findings.values() if source in finding.evidence],
            "terms": [term.name for term in book.terms.values() if source in term.evidence],
        }

    def changes(self, since: Since) -> Page:
        """What changed since another version, and for whom."""
        found = since.found
        return self.write(
            CHANGES[0], "changes.html", found=found, against=since.reference, invented=since.invented,
            moves=moves(found.effects), by_rule=list(by_rule(found.effects)),
        )  # fmt: skip

    def overlay(self, adapted: Since, overlay: Overlay) -> Page:
        """What a hospital laid over the rules, beside what it replaces."""
        found = adapted.found
        return self.write(
            OVERLAY[0], "overlay.html", overlay=overlay, beside=side_by_side(self.matter.book),
            ladders=ladders_beside(self.matter.evaluator, overlay), found=found, invented=adapted.invented,
            moves=moves(found.effects), by_rule=list(by_rule(found.effects)),
        )  # fmt: skip

    @cached_property
    def extras(self) -> tuple[tuple[str, str], ...]:
        """The pages that only some books have."""
        adapted, since = self.matter.adapted, self.matter.since
        return (*((OVERLAY,) if adapted is not None else ()), *((CHANGES,) if since is not None else ()))

    def about_people(self) -> Iterator[Page]:
        """The population, and every sample patient."""
        unread = Counter(item.why for item in (self.matter.population.unread if self.matter.population else ()))
        yield self.write("patients.html", "patients.html", unread=dict(sorted(unread.items())))
        for sample in self.matter.samples:
            yield self.write(sample_page(sample.name), "patient.html", sample=sample)

    def chapter(self, name: str) -> Page:
        """The page of a chapter."""
        rules = self.matter.chapters[name]
        return self.write(
            chapter_page(name), "chapter.html", chapter=name, rules=rules, drawings=self.ladders[name],
            rows=table(self.matter.book, rules), findings=self.matter.chapter_findings.get(name, ()),
        )  # fmt: skip

    def rule(self, rule: Rule) -> Page:
        """The page of a rule."""
        matter, book, results = self.matter, self.matter.book, self.results[rule.id]
        turning = turning_points(book, rule)
        own = {item.finding.name for item in turning}
        ladders = [(d.id, d.scale.title) for d in self.numbers if own & {item.finding for item in d.scale.stretches}]
        order = [item.id for items in matter.chapters.values() for item in items]
        place = order.index(rule.id)
        firing = [item.finding for item in turning if item.fires]
        pictures = [drawing for drawing in drawings_of(matter.evaluator, firing) if drawing.steps][:MOST_PICTURES]
        claims = [(number, claim) for number, claim in enumerate(book.claims, 1) if rule.id in claim.rules]
        return self.write(
            rule_page(rule.id), "rule.html", rule=rule, turning=turning, ladders=ladders, pictures=pictures,
            claims=claims, aged=aged_terms(book, rule),
            examples=[case for case in rule.cases if case.expect not in SPEAKS][:2],
            cards=cards_of_rule(matter.evaluator, rule), influence=influence_of(book, rule), results=results,
            failing=sum(result.fails for result in results), score=matter.scores.get(rule.id),
            before=order[place - 1] if place else "", after=(*order, "")[place + 1],
            proofs=[proof for proof in matter.proofs or () if rule.id in proof.rules],
            signed=self.signatures.get(rule.id), history=matter.histories.get(rule.spot.file),
        )  # fmt: skip


def _sources_of(rule: Rule) -> set[str]:
    """The sources that a rule cites, those of the other numbers of its texts included."""
    return {*rule.evidence, *(source for item in rule.other_numbers for source in item.sources)}
