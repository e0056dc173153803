"""Writes docs/what-is-read.md from the code and the rule files: ``python tests/what_is_read.py``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from checkout import ROOT
from documents import DOCS

from cds.bookshelf import open_rulebook
from cds.code_systems import CLASSIFICATIONS, SYSTEM_NAMES, SYSTEMS
from cds.intake.account import NOT_UNDERSTOOD, REFUSED
from cds.intake.bundles.bundle import READ
from cds.intake.bundles.entries import ADMINISTRATIVE
from cds.intake.conditions.contexts import Context
from cds.intake.elsewhere import LOOKED_AT
from cds.intake.medicines.routes.route_codes import ROUTE_CODES, Route
from cds.intake.passed_over import ALWAYS, BY_MEANING
from cds.intake.record import ISSUE_CODES
from cds.intake.sigs.tables import LANGUAGES
from cds.intake.terminology.diagnosis_codes import NAMES
from cds.rulebook.model import Code, Condition, Measurement, Medication, RuleBook

PAGE = DOCS / "what-is-read.md"
TITLE = """\
# What is read, and what is not

This page is made from the code and the rule files (`python tests/what_is_read.py`); a test fails while it says
something else. What a code in a table means is said where it stands: the issues in [the message \
codes](message-codes.md),
the terms in `rules/terms`.

## The account of a record

Of every resource that was sent exactly one thing is said; `cds evaluate` prints the counts, `--json` has them under
`account` with the list of what was not understood, and a service has the counts in the extension of its answer and in
its figures (`calcium_cds_resource_total`).

| what became of it | when |
|---|---|
| used | a term of the rulebook was found in it, and it counts |
| about something else | its code is one of a code system by which the rulebook knows such things, or its name is \
known, and it is no term; or its type carries none |
| not understood | an unknown code without a name that is known, or a status, unit or form that is not read |
| refused | it was understood and does not count; the reason is the code of an issue |

**Not understood is never absent.** A medicine that was not understood may be a calcium product, or one that interacts:
then none of these is absent, only unknown. Where no product with calcium was found, no answer is given instead of 'not
applicable'. A line on the card names the entries, so that a person looks. An answer that asks for caution stays as it
is: what may be never makes a known danger smaller.
"""
PURPOSE = {
    "Patient": "birth date, administrative gender, death; `active: false` is said; linked Patients are one person",
    "Observation": (
        "results, answers about a status, expected delivery; components by their own codes; a note that calls a result "
        "spoiled or not reliable sets it aside"
    ),
    "MedicationStatement": "what is taken; a note or a reason that says it was stopped is a doubt",
    "MedicationRequest": "what is ordered; notes as above",
    "MedicationDispense": "what was handed out: taken while the supply lasts, after that it may be",
    "MedicationAdministration": (
        "what was given, for terms that say so (`an administration counts for`); never a calcium product"
    ),
    "Medication": "the code, the ingredients with their strengths and the form of what the others refer to",
    "Condition": "diagnoses, with their status, onset and abatement",
    "Procedure": (
        "operations and injections, for terms that say so (`named in procedures`, `an administration counts for`); one "
        "that only words name which nobody understands is said, where it may be one of these"
    ),
    "AllergyIntolerance": (
        "what is not tolerated, for terms that say so (`allergies to`); said where it is to a nutrient of the rulebook"
    ),
    "DiagnosticReport": "its results; a text that names a term is a question, never a fact",
    "Goal": "target ranges of measurements",
}
"""What each type is read for."""
ADDED = """\
## What a hospital can add

| what | how |
|---|---|
| codes of its laboratory, its problem list, its statuses | `cds import-value-set`: a FHIR ValueSet or ConceptMap \
becomes a part of an overlay |
| products by codes of its own (PZN, dm+d, NDC, YJ, ...) with what they hold | `cds import-products`: a CSV table \
becomes a part of an overlay |
| names of results, conditions, medicines and products; brands | `terms.yaml` and `products.yaml` of an overlay |
| names of medicines and conditions that are something else | `other_medicines.yaml` and `other_conditions.yaml` of \
an overlay |
| other units of a measurement | `also accepted` of the term in an overlay |

An overlay is laid over the rules, which stay as they are: see [how to read, check and change a rule](rules.md).
"""


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |\n|{'---|' * len(names)}"
    yield from (f"| {' | '.join(map(str, row))} |" for row in rows)


def types() -> Iterator[str]:
    """The types of resources."""
    yield "## Types of resources\n"
    yield from _table(("type", "what is read in it"), ((kind, PURPOSE[kind]) for kind in READ))
    yield "\nRead in part, so that they are not passed over in silence:\n"
    yield from _table(("type", "why it is looked at"), (ALWAYS | BY_MEANING).items())
    yield "\nLooked at for what they name; that is a question, and never a fact (`named-elsewhere`):\n"
    yield from _table(("type", "what in it"), ((kind, found.why) for kind, found in LOOKED_AT.items()))
    never = sorted(ADMINISTRATIVE - LOOKED_AT.keys())
    yield f"\nNever about results, conditions or medicines: {', '.join(never)}."
    yield (
        "\nAll other types of R4 are not read. A type that R4 does not have is "
        "an issue (`unknown-resource`), and nothing of what it may hold is absent.\n"
    )


def reasons() -> Iterator[str]:
    """Why a resource was not understood, or refused."""
    for title, codes in (("Not understood", NOT_UNDERSTOOD), ("Refused", REFUSED)):
        yield f"## {title}: the reasons\n"
        yield from _table(("code", "what it says"), ((f"`{c}`", s) for c, s in ISSUE_CODES.items() if c in codes))
        yield ""


def systems() -> Iterator[str]:
    """The code systems and their names."""
    yield "## Code systems\n"
    yield from _table(
        ("in rule files", "URL", "also read as"),
        ((name, url, " ".join(f"`{other}`" for other in NAMES.get(url, "").split())) for name, url in SYSTEMS.items()),
    )
    listed = ", ".join(sorted(SYSTEM_NAMES[url] for url in CLASSIFICATIONS))
    yield (
        "\nSystems are also read with `https`, as `urn:oid:`, with a slash or a version behind "
        "them. In a classification "
        f"({listed}) each diagnosis has a place: a code that is none of ours is about something else, also without a "
        "name. A code of any other system needs a name beside it.\n"
    )


def _by_system(codes: Iterable[Code]) -> str:
    counts = Counter(SYSTEM_NAMES.get(code.system, code.system) for code in codes)
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def results(book: RuleBook) -> Iterator[str]:
    """The measurements with their codes and units."""
    yield "## Results\n"
    terms = [term for term in book.terms.values() if isinstance(term, Measurement)]
    yield from _table(
        ("term", "codes", "unit", "also accepted", "names that make an unknown code a question"),
        (
            (t.name, _by_system(t.codes), f"`{t.unit}`", " ".join(f"`{u}`" for u in t.units), len(t.known_as))
            for t in terms
        ),
    )
    yield """
| form | how it is read |
|---|---|
| `valueQuantity` with a UCUM code, or a unit in words | converted by its unit, never by its code; `comparator` \
makes an interval |
| `valueString`: `11.8 H`, `2,86 mmol/l`, `>150`, `<8 nmol/L` | read as a whole or not at all, and said |
| a number without a unit | only where one of the units of the term fits, or the reference range settles it |
| `valueRange`, a range in words | an interval |
| `dataAbsentReason`, an interpretation alone, `normal` in words | no value; said |
| preliminary, corrected, amended | the latest report of a specimen counts |
| registered, unknown status | not used; said |
"""


def conditions(book: RuleBook) -> Iterator[str]:
    """The conditions with their codes, and how texts are read."""
    yield "## Conditions\n"
    terms = [term for term in book.terms.values() if isinstance(term, Condition)]
    rows = ((t.name, _by_system(t.codes), _by_system(t.wider), len(t.names)) for t in terms)
    yield from _table(("term", "codes", "codes that may mean it", "names"), rows)
    yield f"\n{len(book.other_conditions)} names of other conditions are known to be something else.\n"
    yield "What stands beside the name in a text decides whose condition it is, and how certain:\n"
    yield from _table(("a text says that it is", "by the name"), ((c.value, c.name.lower()) for c in Context))
    yield ""


def medicines(book: RuleBook) -> Iterator[str]:
    """The medicines and products, directions and routes."""
    yield "## Medicines\n"
    terms = [term for term in book.terms.values() if isinstance(term, Medication)]
    yield from _table(("term", "codes", "names"), ((t.name, _by_system(t.codes), len(t.names)) for t in terms))
    products = book.products
    yield (
        f"\nProducts: {len(products.coded)} codes, {len(products.brands)} brands, {len(products.salts)} salts of "
        f"{products.main.name}; {len(products.translations)} names in other languages.\n"
    )
    yield f"Directions in words: {', '.join(language.name for language in LANGUAGES)}.\n"
    counts = Counter(ROUTE_CODES.values())
    yield from _table(("route", "codes"), ((route.value, counts[route]) for route in Route if counts[route]))
    yield ""


def page() -> str:
    """The page."""
    book = open_rulebook(ROOT / "rules")
    parts = (types(), reasons(), systems(), results(book), conditions(book), medicines(book))
    return "\n".join((TITLE, *("\n".join(part) for part in parts), ADDED))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
