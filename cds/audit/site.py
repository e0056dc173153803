"""The pages of the audit book, one after the other: their names and their text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cds.audit.addresses import OTHER_TERMS, TERM_PAGES, chapter_page, rule_page, sample_page, term_page
from cds.audit.amendments import amendment_rows, amendments_of
from cds.audit.audit_data import AuditData, Since
from cds.audit.conditions import thresholds_of
from cds.audit.decisions import staircase, table, taken
from cds.audit.decisions_due import decision_groups
from cds.audit.examples import cards_of_rule
from cds.audit.formulas import formulas_of, module_texts
from cds.audit.history import contents_of
from cds.audit.ladders import Drawing, drawings_of, ladders_beside
from cds.audit.pages import TEMPLATES, Page, environment, whole
from cds.audit.scales import IN_DAYS
from cds.audit.search import INDEX_FILE, Entry, by_code, by_letter, entries_of, index_script
from cds.audit.sheet import sheet_with
from cds.audit.two_units import marked
from cds.review.overlay_effects import side_by_side
from cds.rulebook.model import AnyTerm, Contents, Overlay, Rule

OVERLAY_PAGE = ("overlay.html", "Base and overlay side by side")
CHANGES_PAGE = ("changes.html", "What changed")
ALL_TERM_PAGES = (*TERM_PAGES.values(), OTHER_TERMS)
MOST_PICTURES = 3
"""How many ladders a rule page draws itself; the others are linked."""


@dataclass(frozen=True)
class Site:
    """Writes the pages of one book."""

    audit: AuditData

    def pages(self) -> Iterator[Page]:
        """Every page, and one that holds them all."""
        found = list(self.single_pages())
        yield from found
        yield self.write("whole.html", "whole.html", sections=whole(found))

    def assets(self) -> Iterator[Page]:
        """The scripts beside the pages, and the index that the search reads."""
        yield Page("book.js", (TEMPLATES / "book.js").read_text(encoding="utf-8"))
        yield Page(INDEX_FILE, index_script(self.entries))

    @cached_property
    def contents(self) -> dict[str, str]:
        """What is signed of each rule: the hash of its content."""
        return contents_of(self.audit.book)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What can be looked up."""
        return entries_of(self.audit)

    def single_pages(self) -> Iterator[Page]:
        """Every page, in the order in which the book is read."""
        yield self.index()
        yield from self.about_deciding()
        for name, rules in self.audit.chapters.items():
            yield self.chapter(name)
            yield from (self.rule(rule) for rule in rules)
        yield from self.about_people()
        yield from self.about_words()
        if self.audit.since is not None:
            yield self.changes(self.audit.since)
        if self.audit.adapted is not None and self.audit.book.overlay is not None:
            yield self.overlay(self.audit.adapted, self.audit.book.overlay)

    def write(self, name: str, template: str, **data: Any) -> Page:
        """A page with what every page shows."""
        day = self.audit.day.isoformat()
        html = self._environment.get_template(template).render(here=name, day=day, audit=self.audit, **data)
        return Page(name, marked(self.audit.book, html))

    @cached_property
    def _environment(self) -> Any:
        return environment(self.audit.book)

    @cached_property
    def ladders(self) -> dict[str, tuple[Drawing, ...]]:
        """The ladders of every chapter."""
        findings = self.audit.chapter_findings
        return {name: drawings_of(self.audit.evaluator, findings.get(name, ())) for name in self.audit.chapters}

    @cached_property
    def numbers(self) -> tuple[Drawing, ...]:
        """The ladders of the whole rulebook, one for each value."""
        findings = [finding for items in self.audit.chapter_findings.values() for finding in items]
        drawings = drawings_of(self.audit.evaluator, findings)
        return tuple(sorted(drawings, key=lambda drawing: (drawing.scale.unit == IN_DAYS, drawing.scale.title.lower())))

    def index(self) -> Page:
        """The first page: what needs a decision, then the contents; ``extras`` are pages that only some books have."""
        adapted, since = self.audit.adapted, self.audit.since
        extras = [*([OVERLAY_PAGE] if adapted is not None else []), *([CHANGES_PAGE] if since is not None else [])]
        told = {
            "ladders": self.ladders,
            "kinds": ALL_TERM_PAGES,
            "extras": extras,
            "groups": decision_groups(self.audit),
        }
        return self.write("index.html", "index.html", **told)

    def about_deciding(self) -> Iterator[Page]:
        """Tiers, numbers, decision tables, silencing and advice."""
        book = self.audit.book
        yield self.write("tiers.html", "tiers.html", picture=staircase(book))
        yield self.write("numbers.html", "numbers.html", drawings=self.numbers)
        tables = {name: table(book, rules) for name, rules in self.audit.chapters.items() if rules}
        yield self.write("decisions.html", "decisions.html", tables=tables)
        entries = [(entry, taken(book, entry)) for entry in book.removals]
        yield self.write("silencing.html", "silencing.html", entries=entries)
        rules = book.rules.values()
        sayers = {code: [rule.id for rule in rules if code in {s.code for s in rule.advice}] for code in book.advice}
        guards = {code: [rule.id for rule in rules if code in rule.never] for code in book.never}
        yield self.write("advice.html", "advice.html", sayers=sayers, guards=guards)

    def chapter(self, name: str) -> Page:
        """The page of a chapter."""
        rules, findings = self.audit.chapters[name], self.audit.chapter_findings.get(name, ())
        told = {"rules": rules, "rows": table(self.audit.book, rules), "findings": findings}
        return self.write(chapter_page(name), "chapter.html", chapter=name, drawings=self.ladders[name], **told)

    def rule(self, rule: Rule) -> Page:
        """The page of a rule."""
        thresholds = thresholds_of(self.audit.book, rule)
        own = {item.finding.name for item in thresholds}
        firing = [item.finding for item in thresholds if item.fires]
        pictures = [drawing for drawing in drawings_of(self.audit.evaluator, firing) if drawing.steps]
        order = ["", *(item.id for items in self.audit.chapters.values() for item in items), ""]
        place = order.index(rule.id)
        cards = cards_of_rule(self.audit.evaluator, rule)
        return self.write(
            rule_page(rule.id),
            "rule.html",
            rule=rule,
            contents=self.contents,
            thresholds=thresholds,
            pictures=pictures[:MOST_PICTURES],
            ladders=[drawing for drawing in self.numbers if own & {item.finding for item in drawing.scale.stretches}],
            claims=[(number, item) for number, item in enumerate(self.audit.book.claims, 1) if rule.id in item.rules],
            amendments=amendments_of(self.audit.book, rule.id),
            cards=cards,
            sheet=sheet_with(self.audit.book, rule, cards, self.audit.population),
            proofs=[proof for proof in self.audit.proofs or () if rule.id in proof.rules],
            before=order[place - 1],
            after=order[place + 1],
        )

    def about_people(self) -> Iterator[Page]:
        """The population, and every sample patient."""
        yield self.write("patients.html", "patients.html")
        for sample in self.audit.samples:
            yield self.write(sample_page(sample.name), "patient.html", sample=sample)

    def about_words(self) -> Iterator[Page]:
        """The glossary, the formulas, the sources, the claims, the amendments, the proofs and the sign-off page."""
        book = self.audit.book
        for address, title in ALL_TERM_PAGES:
            yield self.terms(address, title, [term for term in book.terms.values() if term_page(term)[0] == address])
        used = formulas_of(book)
        yield self.write("formulas.html", "formulas.html", used=used, texts=module_texts(used))
        yield self.write("sources.html", "sources.html", cited={name: self.cited(name) for name in book.sources})
        yield self.write("claims.html", "claims.html")
        yield self.write("amendments.html", "amendments.html", rows=amendment_rows(book))
        yield self.write("proofs.html", "proofs.html")
        yield self.write("sign-off.html", "signoff.html", contents=self.contents)
        yield self.write("a-z.html", "a-z.html", letters=by_letter(self.entries), codes=by_code(self.entries))

    def terms(self, address: str, title: str, terms: list[AnyTerm]) -> Page:
        """The page of one kind of term; that of products also says what each product holds."""
        products = self.audit.book.products
        contents: list[tuple[Contents, str]] = []
        if address == "terms-products.html":
            contents = [(item, code) for (_, code), item in products.coded.items()]
            contents += [(item, "") for _, item in products.brands]
        said = "Factors turn a result into the unit of its term." if address == "terms-measurements.html" else ""
        told = {"terms": terms, "contents": contents, "introduction": said}
        return self.write(address, "terms.html", title=title, kinds=ALL_TERM_PAGES, **told)

    def cited(self, source: str) -> dict[str, list[str]]:
        """The rules, findings and terms that cite a source."""
        book = self.audit.book
        return {
            "rules": [rule.id for rule in book.rules.values() if source in _sources_of(rule)],
            "findings": [finding.name for finding in book.findings.values() if source in finding.evidence],
            "terms": [term.name for term in book.terms.values() if source in term.evidence],
        }

    def changes(self, since: Since) -> Page:
        """What changed since another version, and for whom."""
        return self.write(CHANGES_PAGE[0], "changes.html", since=since)

    def overlay(self, adapted: Since, overlay: Overlay) -> Page:
        """What a hospital laid over the rules, beside what it replaces."""
        ladders = ladders_beside(self.audit.evaluator, overlay)
        beside = side_by_side(self.audit.book)
        return self.write(
            OVERLAY_PAGE[0], "overlay.html", since=adapted, overlay=overlay, beside=beside, ladders=ladders
        )


def _sources_of(rule: Rule) -> set[str]:
    """The sources that a rule cites, those of the other numbers of its texts included."""
    return {*rule.evidence, *(source for item in rule.other_numbers for source in item.sources)}
