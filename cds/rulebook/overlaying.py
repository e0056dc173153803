"""A folder of rule files with overlays laid over it -> one RuleBook, or all their problems at once.

The same strict reading, the same messages: a name that the base does not know is an error, with the nearest known one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from cds.quantity import unit_key
from cds.rulebook import lines
from cds.rulebook.cases import check_case
from cds.rulebook.declared import one_or_more
from cds.rulebook.files import FIRST_LEVEL, kind_of
from cds.rulebook.findings import recorded_findings
from cds.rulebook.folder import MARK as RULEBOOK_FILE
from cds.rulebook.folder import OVERLAY_MARK, fingerprint, place_of
from cds.rulebook.loading import Binder, bound, read_rulebook
from cds.rulebook.model import (
    Advice,
    AnyTerm,
    CardOrder,
    Case,
    Contents,
    Finding,
    FindingsFile,
    Frozen,
    Layer,
    Measurement,
    OtherMedicines,
    Outdated,
    Overlay,
    ProductBook,
    Rule,
    RuleBook,
    Spot,
    Switch,
    Wording,
)
from cds.rulebook.model.book import BookFile
from cds.rulebook.model.overlay import (
    OVERLAY_FIRST_LEVEL,
    OVERLAY_KINDS,
    WITH_A_SOURCE,
    OverlayCardsFile,
    OverlayCasesFile,
    OverlayFile,
    OverlayFindingsFile,
    OverlayProductsFile,
    OverlayTermsFile,
    OverlayTextsFile,
)
from cds.rulebook.model.removal import STAGES, SilencingFile
from cds.rulebook.model.saying import AdviceFile
from cds.rulebook.model.wording import PHRASES
from cds.rulebook.overrides import (
    Words,
    check_new,
    check_replacement,
    check_switch,
    extended,
    guarded_readers,
    reworded,
)
from cds.rulebook.products import link_brands, link_contents, with_contents
from cds.rulebook.reading import Names, read_entry
from cds.rulebook.report import Where
from cds.rulebook.shape import shape_of
from cds.rulebook.takes import Formulas
from cds.rulebook.translating import spots_of, translated

MARK = OVERLAY_MARK
RULEBOOK = "rulebook"
"""What texts.yaml calls the rulebook as a whole, whose source attributes it may word otherwise."""
CARDS = "/cards.yaml"
"""How the name of a file ends that has the texts of cards of a chapter in other words."""
MORE_PRODUCTS = "terms/products-"
"""How the further files of products of an overlay begin: it may have several, one from each table."""


def read_overlaid(folder: Path, overlays: Iterable[Path], formulas: Formulas) -> RuleBook:
    """The checked rulebook of a folder with overlays, each laid over what is below; ``formulas`` are those of terms.

    Raises:
        RulebookError: with every problem of every file of all folders.

    """
    binder = OverlaidBinder(folder, overlays, formulas)
    book = bound(binder)
    base = read_rulebook(folder, formulas)
    return replace(
        book,
        sha256=fingerprint(folder, *binder.overlays.values()),
        off=frozenset(item.rule for item in binder.switches if item.how == "off"),
        shadow=frozenset(item.rule for item in binder.switches if item.how == "shadow"),
        left_out=frozenset(item.rule for item in binder.switches if _is_answered_for(item, base)),
        reasons=Frozen({item.rule: item.reason for item in binder.switches}),
        overlay=binder.overlay_of(base),
    )


class OverlaidBinder(Binder):
    """Binds the pages of several folders into one rulebook; those of an overlay begin with the name of its folder.

    ``overlays`` has the folder of each by that beginning, in the order in which they are laid over each other.
    """

    def __init__(self, folder: Path, overlays: Iterable[Path], formulas: Formulas) -> None:
        super().__init__(folder, formulas)
        self.overlays = {place_of(folder, overlay): overlay for overlay in overlays}
        self.replaced: list[str] = []
        self.switches: list[Switch] = []
        self.outdated: list[Outdated] = []
        self.spoken: dict[str, dict[str, Spot]] = {}

    def read(self) -> None:
        """Read every file of all folders into its shape."""
        super().read()
        for prefix, overlay in self.overlays.items():
            if (overlay / MARK).exists():
                self.read_overlay(prefix, overlay)
            else:
                self.lack(f"{prefix}{MARK}", "Every overlay needs it: name, owner, reason.")

    def read_overlay(self, prefix: str, overlay: Path) -> None:
        """Read every file of an overlay into its shape."""
        for page in self.pages_of(overlay, prefix):
            kind = self.kind(page.name)
            if kind in OVERLAY_KINDS:
                self.take(page, shape_of(OVERLAY_KINDS[kind]))
            else:
                todo = f"It may hold {', '.join(OVERLAY_FIRST_LEVEL)}, terms/ and chapters."
                self.report.add(page, (), "an overlay cannot hold this file.", todo, "not-in-an-overlay")

    def kind(self, name: str) -> str:
        """The kind of a file of any folder."""
        inner = self.inner(name)
        return kind_of(name) if inner == name else kind_in_an_overlay(inner)

    def inner(self, name: str) -> str:
        """The name of a file inside its own folder."""
        return name.removeprefix(next((prefix for prefix in self.overlays if name.startswith(prefix)), ""))

    def is_own(self, name: str) -> bool:
        """Whether a file is one of an overlay."""
        return name.startswith(tuple(self.overlays))

    def parts(self, name: str) -> tuple[str, ...]:
        """The parts in which a file defines names; terms of an overlay only add to those of the base."""
        own = {"terms": (), "findings": ("adds",)} if self.is_own(name) else {}
        return own.get(self.kind(name), super().parts(name))

    def chapter(self, name: str) -> Path:
        """The folder of the chapter, the same in all."""
        return Path(self.inner(name)).parent

    def link(self) -> RuleBook:
        """The rulebook of all, every name in it checked."""
        self.translate()
        for name, shape in self.own(OverlayTextsFile).items():
            for owner, phrases in shape.texts.items():
                self.reword(owner, phrases, self.where(name, "texts", owner))
        book = self.worded(super().link())
        self.switches = list(self.switched(book))
        self.check_risks(book)
        return book

    def check_risks(self, book: RuleBook) -> None:
        """Report what is replaced under a guarded rule, by another threshold or time, while nobody accepts the risk."""
        readers = guarded_readers(book)
        for name, shape in self.own(OverlayFindingsFile).items():
            for finding, entry in shape.replaces.items():
                check_replacement(readers, finding, entry.accepted_risk, self.where(name, "replaces", finding))
        for name, shape in self.own(OverlayTermsFile).items():
            for term, entry in shape.terms.items():
                if entry.windows or any(getattr(entry, field) for field in WITH_A_SOURCE):
                    own = ("usable for",) if entry.windows else ()
                    place = self.where(name, "terms", term, *own)
                    check_replacement(readers, term, entry.accepted_risk, place)

    def translate(self) -> None:
        """Lay the texts of cards in other words over those of the rules of the base.

        Those made for another version of a rule are not shown: what it says may have changed.
        """
        rules = {shape.id: name for name, shape in self.only(Rule).items() if not self.is_own(name)}
        for name, file in self.own(OverlayCardsFile).items():
            for rule, words in file.cards.items():
                place = self.where(name, "cards", rule)
                if not place.known(rule, rules, "rule"):
                    continue
                shape: Any = self.shapes[rules[rule]]
                found = translated(shape, words) if shape.version == words.version else None
                if found is None:
                    self.outdated.append(Outdated(rule, words.version, place.spot))
                else:
                    self.spoken.setdefault(rule, {}).update(spots_of(shape, words, place))
                    self.shapes[rules[rule]] = found

    def wording(self) -> Wording:
        """How answers are worded: as the last overlay says, else as those below."""
        found = Wording()
        for name, file in self.own(Wording).items():
            own: Wording = read_entry(file, self.where(name))
            found = own.over(found)
        return found

    def worded(self, book: RuleBook) -> RuleBook:
        """The rulebook with the wording of the overlays; what it names and nobody prints is noted."""
        for name, file in self.own(Wording).items():
            self.check_units(name, file, book)
            self.check_names(name, file, book)
        wording = self.wording()
        outcomes = {name: wording.outcomes.get(name, says) for name, says in book.outcomes.items()}
        advice = {code: _in_words(entry, wording) for code, entry in book.advice.items()}
        cards = _joined_in_words(book.cards, wording)
        return replace(book, wording=wording, outcomes=Frozen(outcomes), advice=Frozen(advice), cards=cards)

    def check_units(self, name: str, file: Wording, book: RuleBook) -> None:
        """Note the units in which no result is accepted."""
        measured = [unit for term in book.terms.values() if isinstance(term, Measurement) for unit in term.units]
        for index, unit in enumerate(file.units):
            if unit_key(unit) not in measured:
                what = f"no result is accepted in '{unit}'."
                self.where(name, "units shown first", index).problem(what, "Take it out.", "unknown-unit")
        for term, unit in file.units_of_terms.items():
            place = self.where(name, "units of terms", term)
            if place.known(term, book.terms, "term") and unit_key(unit) not in getattr(book.terms[term], "units", ()):
                place.problem(f"no result of it is accepted in '{unit}'.", "Take it out.", "unknown-unit")

    def check_names(self, name: str, file: Wording, book: RuleBook) -> None:
        """Note the names of what nobody prints."""
        for phrase in file.phrases:
            self.where(name, "phrases", phrase).known(phrase, PHRASES, "phrase")
        for outcome in file.outcomes:
            self.where(name, "outcomes", outcome).known(outcome, book.outcomes, "outcome")
        for code in file.advice:
            self.where(name, "advice", code).known(code, book.advice, "advice code")
        for card in file.joined:
            self.where(name, "joined cards", card).known(card, _joined_texts(book), "joined card")
        for term in file.names:
            self.where(name, "names shown", term).known(term, {*book.terms, *book.findings}, "term", "finding")

    def reword(self, owner: str, phrases: dict[str, str], where: Where) -> None:
        """Lay other words over the texts of a rule, an advice code or an entry of silencing of the base."""
        advice = self.file("advice.yaml", AdviceFile)
        rules = {shape.id: name for name, shape in self.only(Rule).items() if not self.is_own(name)}
        if owner in rules:
            self.shapes[rules[owner]] = reworded(self.shapes[rules[owner]], phrases, where)
        elif owner in advice.advice:
            entry = reworded(advice.advice[owner], phrases, where)
            self.shapes["advice.yaml"] = advice.model_copy(update={"advice": {**advice.advice, owner: entry}})
        elif owner == RULEBOOK:
            self.reword_attributes(phrases, where)
        elif not self.reword_silencing(owner, phrases, where):
            where.known(owner, {*rules, *advice.advice}, "rule or advice code")

    def reword_attributes(self, phrases: dict[str, str], where: Where) -> None:
        """The same for the source attributes of the rulebook."""
        book = self.file(RULEBOOK_FILE, BookFile)
        words = Words(phrases)
        attributes = {name: words.text(text) for name, text in book.source_attributes.items()}
        words.check(where)
        self.shapes[RULEBOOK_FILE] = book.model_copy(update={"source_attributes": attributes})

    def reword_silencing(self, owner: str, phrases: dict[str, str], where: Where) -> bool:
        """The same for an entry of silencing.yaml; whether there is one of this name."""
        silencing = self.file("silencing.yaml", SilencingFile)
        for stage, _ in STAGES:
            entries = list(getattr(silencing, stage))
            for index, entry in enumerate(entries):
                if entry.name == owner:
                    entries[index] = reworded(entry, phrases, where)
                    self.shapes["silencing.yaml"] = silencing.model_copy(update={stage: entries})
                    return True
        return False

    def precedence(self) -> Any:
        """The tiers of the base; deciding rules that the overlay adds stand last in theirs."""
        base = super().precedence()
        added = [
            (lines.vote_line(text).tier, shape.id)
            for shape in self.own(Rule).values()
            for text in one_or_more(shape.votes)
        ]
        tiers = [
            tier.model_copy(update={"rules": [*tier.rules, *(rule for name, rule in added if name == tier.name)]})
            if tier.outcome
            else tier
            for tier in base.tiers
        ]
        return base.model_copy(update={"tiers": tiers})

    def products(self) -> ProductBook:
        """The products of all; the overlays add some, and say what brands hold here."""
        base = super().products()
        coded, brands = dict(base.coded), dict(base.brands)
        for name, shape in self.own(OverlayProductsFile).items():
            more_coded, more_brands = link_contents(shape, base, self.where(name))
            check_new(shape, coded, brands, self.where(name))
            coded |= more_coded
            brands |= more_brands | self.replaced_brands(shape, base, brands, self.where(name))
        return with_contents(base, coded, brands)

    def replaced_brands(
        self, shape: Any, base: ProductBook, brands: Mapping[str, Contents], where: Where
    ) -> dict[str, Contents]:
        """What brands of the base hold here; one that it does not know is noted."""
        for name in shape.replaces_brands:
            where.at("replaces brands").known(name, brands, "brand")
        return link_brands(shape.replaces_brands, base, where.at("replaces brands"))

    def other_medicines(self) -> OtherMedicines:
        """Those of both; the overlay may only add."""
        found = super().other_medicines()
        for name, shape in self.own(OtherMedicines).items():
            found = found.joined(read_entry(shape, self.where(name)))
        return found

    def terms(self) -> tuple[dict[str, AnyTerm], dict[str, Where]]:
        """The terms of the base, with the codes, names, units and freshness of the overlay."""
        terms, places = super().terms()
        for name, shape in self.own(OverlayTermsFile).items():
            for term, entry in shape.terms.items():
                place = self.where(name, "terms", term)
                if place.known(term, terms, "term"):
                    for index, source in enumerate(entry.evidence):
                        place.at("evidence", index).known(source, self.sources, "evidence source")
                    terms[term] = extended(terms[term], entry, place)
                    if entry.rows:
                        places[term] = place
        return terms, places

    def other_conditions(self) -> Iterator[str]:
        """Those of the base and of the overlay."""
        yield from super().other_conditions()
        for shape in self.own(OverlayTermsFile).values():
            for names in shape.other_conditions.values():
                yield from names

    def more_findings(
        self, findings: dict[str, Finding], places: dict[str, Where], terms: Mapping[str, AnyTerm]
    ) -> None:
        """Replace findings of the base, and add new ones."""
        known = set(findings) - recorded_findings(terms).keys()
        for name, shape in self.own(OverlayFindingsFile).items():
            chapter = self.chapter_name(name)
            for finding, entry in shape.replaces.items():
                place = self.where(name, "replaces", finding)
                if place.known(finding, known, "finding"):
                    places[finding] = place
                    findings[finding] = self.finding(finding, entry, findings[finding].chapter, place, terms)
                    self.replaced.append(finding)
            for finding, entry in shape.adds.items():
                places[finding] = self.added(finding, known, findings, self.where(name, "adds", finding))
                findings[finding] = self.finding(finding, entry, chapter, places[finding], terms)

    def added(self, finding: str, base: Collection[str], taken: Collection[str], where: Where) -> Where:
        """The place of a new finding; that the base has it, or something else of its name is there, is noted."""
        if finding not in base:
            return self.fresh(finding, taken, where)
        todo = "Write it under 'replaces', or give it another name."
        where.problem(f"'{finding}' is a finding of the base.", todo, "duplicate-name")
        return where

    def rules(self, names: Names, attributes: Mapping[str, str]) -> dict[str, Rule]:
        """The rules of both, those of the base with the cases of the overlay, and where their texts stand there."""
        rules = super().rules(names, attributes)
        for rule in self.spoken.keys() & rules.keys():
            rules[rule] = rules[rule]._replace(spots=Frozen({**rules[rule].spots, **self.spoken[rule]}))
        for name, shape in self.own(OverlayCasesFile).items():
            for rule in shape.cases:
                if self.where(name, "cases", rule).known(rule, names.rules, "rule") and rule in rules:
                    cases = (*rules[rule].cases, *self.cases(name, shape, rule, names))
                    rules[rule] = rules[rule]._replace(cases=cases)
        return rules

    def cases(self, name: str, shape: Any, rule: str, names: Names) -> Iterator[Case]:
        """The cases that the overlay brings for a rule."""
        for index, case in enumerate(shape.cases[rule]):
            place = self.where(name, "cases", rule, index)
            found: Case = read_entry(case, place)
            check_case(found, place, names)
            yield found

    def switched(self, book: RuleBook) -> Iterator[Switch]:
        """The rules that are off or in shadow; what may not be is noted."""
        seen: set[str] = set()
        ways: tuple[Literal["off", "shadow"], ...] = ("off", "shadow")
        files = self.own(OverlayFile).items()
        for name, shape, how in ((name, shape, how) for name, shape in files for how in ways):
            for index, item in enumerate(getattr(shape, how)):
                place = self.where(name, how, index)
                if not place.at("rule").known(item.rule, self.rule_ids(), "rule"):
                    continue
                if item.rule in seen:
                    place.problem(f"{item.rule} is switched twice.", "Keep one of the two.", "duplicate-name")
                seen.add(item.rule)
                check_switch(book, item.rule, item.accepted_risk, place)
                switch: Switch = read_entry(item, place)
                yield switch._replace(how=how)

    def chapter_name(self, name: str) -> str:
        """What the chapter of a file is called: as in the base, else as the overlay says, else as its folder."""
        own = {self.chapter(file): shape.chapter for file, shape in self.only(OverlayFindingsFile).items()}
        named = {self.chapter(file): shape.chapter for file, shape in self.only(FindingsFile).items()}
        place = self.chapter(name)
        return named.get(place) or own.get(place) or place.name

    def own(self, shape: type[Any]) -> dict[str, Any]:
        """The files of the overlays that have a shape, in the order of these."""
        return {name: found for name, found in self.only(shape).items() if self.is_own(name)}

    def overlay_of(self, base: RuleBook) -> Overlay:
        """Who laid what over the base."""
        files = {prefix.rstrip("/"): self.file(f"{prefix}{MARK}", OverlayFile) for prefix in self.overlays}
        return Overlay(
            layers=tuple(Layer(file.name, file.owner, file.reason, place) for place, file in files.items()),
            switches=tuple(self.switches),
            replaced=tuple(self.replaced),
            outdated=tuple(self.outdated),
            base=base,
        )


def kind_in_an_overlay(inner: str) -> str:
    """The kind of a file of an overlay, by its place in that; more products and texts of cards are there too."""
    if inner.startswith(MORE_PRODUCTS):
        return "products"
    if inner.endswith(CARDS):
        return "cards"
    return kind_of(inner, {*OVERLAY_FIRST_LEVEL, *FIRST_LEVEL})


def _in_words(entry: Advice, wording: Wording) -> Advice:
    """An advice code as it is worded here."""
    says = wording.advice.get(entry.code, entry.says)
    return entry._replace(says=says, refer=wording.referrals.get(entry.refer, entry.refer))


def _joined_texts(book: RuleBook) -> set[str]:
    """What joined cards are called, and how their titles begin."""
    return {text for card in book.cards.joined for text in (card.name, card.title)}


def _joined_in_words(cards: CardOrder, wording: Wording) -> CardOrder:
    """The joined cards as they are called here."""
    told = wording.joined.get
    joined = (
        card._replace(name=told(card.name, card.name), title=told(card.title, card.title)) for card in cards.joined
    )
    return cards._replace(joined=tuple(joined))


def _is_answered_for(item: Switch, base: RuleBook) -> bool:
    """Whether an answer may do without a rule: the risk is accepted, or the rule is the overlay's own and new."""
    return bool(item.accepted_risk.strip()) or item.rule not in base.rules
