"""The rulebook as a whole, and an overlay on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cds.rulebook.declared import Pairs
from cds.rulebook.model.finding import Finding
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.other_medicine import OtherMedicines
from cds.rulebook.model.outcome import NO_ORDER, CardOrder, Role, Tier
from cds.rulebook.model.product import ProductBook
from cds.rulebook.model.removal import Removal
from cds.rulebook.model.rule import Rule
from cds.rulebook.model.safety import Safety
from cds.rulebook.model.saying import Advice, Amendment, Claim, NeverClaim, Signature, Source, Switch, Version
from cds.rulebook.model.term import AnyTerm, Demographic
from cds.rulebook.model.topic import Topic
from cds.rulebook.model.wording import Wording
from cds.views import html_of


class BookFile(NamedTuple):
    """rules/rulebook.yaml."""

    title: str
    version: Version
    canonical: str
    source_attributes: Frozen[str, str]
    case_patient: Pairs


class Layer(NamedTuple):
    """One folder laid over the rules: whose it is, and why.

    ``place`` is the folder with which its files begin in a ``Spot``.
    """

    name: str
    owner: str
    reason: str
    place: str


class Outdated(NamedTuple):
    """The texts of the card of a rule in other words, made for a version that the rule no longer has."""

    rule: str
    version: str
    spot: Spot


class DoubtfulCode(NamedTuple):
    """A code that none of its system can be: its place in its file, why not, and the known codes that are near."""

    spot: Spot
    place: str
    system: str
    code: str
    why: str
    near: tuple[str, ...]


class Overlay(NamedTuple):
    """What is laid over the rules, a region before a hospital: the switched rules, and the rulebook without all of it.

    ``replaced`` are the findings of ``base`` that have another definition now, ``outdated`` the texts of cards that
    were made for another version of their rule and are not shown.
    """

    layers: tuple[Layer, ...]
    switches: tuple[Switch, ...]
    replaced: tuple[str, ...]
    outdated: tuple[Outdated, ...]
    base: RuleBook

    @property
    def name(self) -> str:
        """The names of all layers."""
        return " + ".join(layer.name for layer in self.layers)

    @property
    def owner(self) -> str:
        """The owners of all layers."""
        return "; ".join(dict.fromkeys(layer.owner for layer in self.layers))

    @property
    def place(self) -> str:
        """The folder of the last layer: there stands what is still to be said."""
        return self.layers[-1].place

    def layer_of(self, file: str) -> Layer | None:
        """The layer in which a file stands; None for one of the base."""
        return next((layer for layer in self.layers if file.startswith(f"{layer.place}/")), None)


NO_SPOT = Spot("rulebook.yaml", 1)


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """Everything that clinicians wrote, checked; two rulebooks are the same when they are one object.

    A rule in ``off`` or ``shadow`` neither decides, nor speaks, nor asks; one in ``shadow`` is reported when it would
    have fired. ``left_out`` are those of them that an answer may do without: a hospital accepted the risk, or they are
    new and were never in force. ``outcomes`` stand from the strictest to the most permissive, each with what it says;
    ``roles`` says which of them means what to the engine. ``safety`` is what is promised, None where nothing is.
    ``reasons`` says of rules why they are off or in shadow. ``other_conditions`` are names of conditions that are no
    term. ``cards`` says how the cards of an answer stand, ``amendments`` what became of those of the
    specification. ``spot`` is where its version stands,
    ``doubtful_codes`` are those of the files that no record can have.
    """

    title: str
    version: str
    canonical: str
    topic: Topic
    sha256: str
    terms: Frozen[str, AnyTerm]
    findings: Frozen[str, Finding]
    rules: Frozen[str, Rule]
    tiers: tuple[Tier, ...]
    outcomes: Frozen[str, str]
    roles: Frozen[Role, str]
    default: str
    removals: tuple[Removal, ...]
    advice: Frozen[str, Advice]
    never: Frozen[str, NeverClaim]
    sources: Frozen[str, Source]
    products: ProductBook
    attributes: Frozen[str, str]
    background: tuple[tuple[str, str], ...]
    accepted: Frozen[str, str]
    claims: tuple[Claim, ...]
    off: frozenset[str] = frozenset()
    shadow: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    reasons: Frozen[str, str] = field(default_factory=lambda: Frozen({}))
    signatures: tuple[Signature, ...] = ()
    safety: Safety | None = None
    overlay: Overlay | None = None
    other_conditions: frozenset[str] = frozenset()
    other_medicines: OtherMedicines = field(default_factory=OtherMedicines)
    cards: CardOrder = NO_ORDER
    amendments: tuple[Amendment, ...] = ()
    wording: Wording = field(default_factory=Wording)
    spot: Spot = NO_SPOT
    doubtful_codes: tuple[DoubtfulCode, ...] = ()

    def __repr__(self) -> str:
        """One line: version and the start of the hash, how much there is, what is laid over it."""
        over = f"; with {self.overlay.name}" if self.overlay else ""
        counts = f"{len(self.rules)} rules, {len(self.findings)} findings, {len(self.terms)} terms"
        return f"<RuleBook: {self.version} {self.sha256[:12]}; {counts}{over}>"

    def _repr_html_(self) -> str | None:
        """A small table, for a notebook."""
        return html_of(self)

    def demographic(self, element: str) -> str:
        """The name of the term that reads an element of Patient; '' where none does."""
        terms = self.terms.values()
        return next((term.name for term in terms if isinstance(term, Demographic) and term.element == element), "")

    @property
    def compared(self) -> tuple[str, ...]:
        """The outcomes from the strictest to the most permissive; outside the scope nothing is compared."""
        return tuple(outcome for outcome in self.outcomes if outcome != self.outside_scope)

    @property
    def stop_now(self) -> str | None:
        """The outcome for which what is asked for is needed today; None where there is none."""
        return self.roles.get("stop now")

    @property
    def pause(self) -> str | None:
        """The outcome that lasts until something was looked at; None where there is none."""
        return self.roles.get("pause")

    @property
    def no_answer(self) -> str:
        """The outcome that is no answer: needed data are missing, or a rule that counts is switched off."""
        return self.roles["no answer"]

    @property
    def go_on(self) -> str | None:
        """The outcome that changes nothing; None where there is none."""
        return self.roles.get("go on")

    @property
    def outside_scope(self) -> str | None:
        """The outcome that is no advice and asks for nothing; None where there is none."""
        return self.roles.get("outside the scope")

    def role_of(self, outcome: str) -> Role | None:
        """What an outcome means to the engine; None where it means nothing of its own."""
        return next((role for role, name in self.roles.items() if name == outcome), None)

    def takes_away(self, outcome: str) -> bool:
        """Whether an outcome is stricter than no answer."""
        order = list(self.outcomes)
        return order.index(outcome) < order.index(self.no_answer)

    @property
    def guarded_tiers(self) -> frozenset[str]:
        """The tiers whose rules keep patients from harm: all of them, while the rule files do not say which."""
        said = frozenset(tier.name for tier in self.tiers if tier.guarded)
        return said or frozenset(tier.name for tier in self.tiers)

    def is_guarded(self, rule: str) -> bool:
        """Whether a rule keeps patients from harm: as its file says, or by a tier in which it may decide."""
        known = self.rules[rule]
        return known.guarded or any(vote.tier in self.guarded_tiers for vote in known.votes)

    def signatures_needed(self, rule: str) -> int:
        """How many clinicians sign a rule: two where it may decide in a tier that asks for it, or is guarded itself."""
        own, two = self.rules[rule], {tier.name for tier in self.tiers if tier.two_signatures}
        return 2 if own.guarded or any(vote.tier in two for vote in own.votes) else 1

    @property
    def switched_off(self) -> frozenset[str]:
        """The rules that are off or in shadow and whose silence nobody answers for: where one counts, none is given."""
        return (self.off | self.shadow) - self.left_out
