"""What cards may say and may never say, the sources, and who signed or switched what."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeAlias, get_args

from cds.rulebook import lines
from cds.rulebook.declared import NOT_WRITTEN, SOME, Absent, Key, Known, Line, Name, Place, Text
from cds.rulebook.meant import is_day
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.value import Code

Version: TypeAlias = Annotated[str, Text(pattern=r"^\d+\.\d+\.\d+$", called="version", like="1.0.0")]
Day: TypeAlias = Annotated[str, Text(pattern=r"^\d{4}-\d\d-\d\d$", called="day", like="2026-11-22", real=is_day)]
DayOrNone: TypeAlias = Annotated[
    str, Text(pattern=r"^(\d{4}-\d\d-\d\d)?$", called="day", like="2026-11-22", real=is_day)
]
NOT_READ = "n.r."
"""Not re-read: nobody of this project has seen the statement, so that its grade is not known."""
Stated: TypeAlias = Annotated[str, Text(at_least=1)]
ORDER_LINE = Line(
    lines.code_line, "Write it like 'LOINC 1234-5 name of the test'.", what="'{}' is not a code.", code="bad-code-line"
)


class Advice(NamedTuple):
    """An advice code: what it says, what may never stand beside it, and the order or action it suggests."""

    code: Name
    says: str
    spot: Spot
    order: Annotated[Code | None, Key("orders"), ORDER_LINE] = None
    refer: Annotated[str, Key("refers to")] = ""
    holds: Annotated[str, Known(("nutrient name",))] = ""
    stops: Annotated[str, Known(("nutrient name",))] = ""
    contradicts: Annotated[frozenset[str], Key("never together with")] = frozenset()

    @property
    def action(self) -> Literal["", "hold", "stop"]:
        """What it asks to do with products."""
        return "hold" if self.holds else "stop" if self.stops else ""

    @property
    def nutrient(self) -> str:
        """What the products hold with which that is to be done."""
        return self.holds or self.stops


class NeverClaim(NamedTuple):
    """A claim that no card may make, and phrases that would make it."""

    code: Name
    says: str
    spot: Spot
    phrases: tuple[str, ...] = ()


class AdviceFile(NamedTuple):
    """rules/advice.yaml."""

    advice: Frozen[str, Advice]
    never: Frozen[str, NeverClaim]


class EvidenceStatement(NamedTuple):
    """What a source says for some rules: the number of its recommendation and the grade, both as printed.

    ``read_in`` is where somebody of this project read it, and ``quote`` what stands there; both are empty where nobody
    has read it again (NOT_READ).
    """

    rules: Annotated[tuple[str, ...], Key("for"), SOME, Known(("rule",))]
    recommendation: Stated
    grade: Stated
    read_in: Annotated[str, Absent("")]
    quote: Annotated[str, Absent("")]
    spot: Spot


class Source(NamedTuple):
    """A guideline, label, trial or review, with the statements on which rules rest.

    ``short`` names it in a line of a card (its id where there is none); ``does_not_say`` is what nobody may conclude
    from it; a person reads the original again by ``next_check`` (empty: never, as for one that is retired).
    """

    id: Name
    citation: str
    kind: str
    spot: Spot
    short: str = ""
    does_not_say: str = ""
    next_check: DayOrNone = ""
    url: str = ""
    statements: tuple[EvidenceStatement, ...] = ()

    def grade_for(self, rule: str) -> str:
        """The grades of what it says for a rule, as printed, each once; NOT_READ where no statement is known."""
        found = dict.fromkeys(item.grade for item in self.statements if rule in item.rules)
        return "; ".join(found) or NOT_READ

    def is_read_for(self, rule: str) -> bool:
        """Whether somebody has read, and says where, what it says for a rule."""
        return any(item.read_in for item in self.statements if rule in item.rules)


class EvidenceFile(NamedTuple):
    """rules/evidence.yaml."""

    sources: Frozen[str, Source]


class Claim(NamedTuple):
    """A claim of an article: its verdict, the reason, and the rules that carry it."""

    claim: str
    verdict: Literal["yes", "partly", "weak", "no"]
    because: str = ""
    rules: Annotated[tuple[str, ...], Key("carried by"), Known(("rule",))] = ()


class ClaimsFile(NamedTuple):
    """rules/claims.yaml."""

    claims: tuple[Claim, ...]


class Amendment(NamedTuple):
    """One amendment of the specification: what in these files carries it, and how far it is done.

    ``title`` is what it asks for in a few words; ``note`` says what is not done, and why.
    """

    id: Name
    title: str
    state: Literal["done", "in part", "later"]
    spot: Spot
    note: str = ""
    rules: Annotated[tuple[str, ...], Known(("rule",))] = ()
    findings: Annotated[tuple[str, ...], Known(("finding",))] = ()
    terms: Annotated[tuple[str, ...], Known(("term",))] = ()
    codes: Annotated[tuple[str, ...], Known(("advice code",))] = ()

    def checked(self, where: Place) -> Amendment:
        """The amendment; that nobody says what carries it, or what is lacking, is noted."""
        named = self.rules or self.findings or self.terms or self.codes
        if self.state == "done" and not named and not self.note:
            where.problem("nothing carries it.", "Name its 'rules', 'findings', 'terms' or 'codes'.", "missing-key")
        if self.state != "done" and not self.note:
            where.problem(f"it is '{self.state}'.", "Say under 'note' what is not done, and why.", "missing-key")
        return self


class AmendmentsFile(NamedTuple):
    """rules/amendments.yaml."""

    amendments: Frozen[str, Amendment]


class ReviewFile(NamedTuple):
    """rules/review.yaml: changes that no case notices and that need none, each with the reason."""

    accepted: Frozen[str, str]


Verdict: TypeAlias = Literal["approve", "approve with change", "reject"]
"""What a clinician can say of a rule; only the first makes it signed."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Signature(NamedTuple):
    """A clinician's signature under a version of a rule, or the reason why it is not signed as it is.

    ``content`` is what ``cds sign`` writes for the rule as it was reviewed: its hash. ``comment`` says what is to be
    changed, or why the rule is rejected; the signature is valid up to ``valid_to`` (empty: until the rule changes).
    """

    rule: Annotated[str, Known(("rule",))]
    version: Version
    content: Annotated[str, Text(pattern=r"^[0-9a-f]{64}$", called="fingerprint of a rule")]
    reviewer: Stated
    role: Stated
    date: Day
    spot: Spot
    verdict: Verdict = "approve"
    interests: str = ""
    comment: str = ""
    valid_to: DayOrNone = ""


class SignaturesFile(NamedTuple):
    """rules/signatures.yaml: the signatures of clinicians, written by ``cds sign``."""

    signatures: tuple[Signature, ...]


class Switch(NamedTuple):
    """A rule that an overlay switches off or puts into shadow, with the reason; if guarded, also the accepted risk."""

    rule: str
    reason: Stated
    spot: Spot
    accepted_risk: str = ""
    how: Annotated[Literal["off", "shadow"], NOT_WRITTEN] = "off"
