"""What is counted over a population, as a FHIR R4 Measure: one cohort for everybody, each outcome, and each rule.

Cohorts have no score and nothing that is better when it is higher: no outcome is a goal. The codes of the groups stand
in the MeasureReports of a run again, which is how R4 relates them. Source: http://hl7.org/fhir/R4/measure.html.
"""

from __future__ import annotations

from typing import NamedTuple

from cds.code_systems import TERMINOLOGY
from cds.exchange.publication import LOGIC, concept, head, own_concept, reference, use_context, words_only
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

MEASURE = "population"
"""The id of the Measure."""
INITIAL = concept(f"{TERMINOLOGY}/measure-population", "initial-population", "Initial Population")


class Cohort(NamedTuple):
    """A group of the Measure: its kind (``everybody``, ``outcome``, ``refused``, ``rule``), its name and its code.

    ``says`` are the words for who belongs to it, ``shared_out`` by what it is shared out, where it is.
    """

    kind: str
    name: str
    code: Json
    says: str
    shared_out: str = ""


def cohorts_of(book: RuleBook) -> list[Cohort]:
    """The groups of the Measure, in their order."""
    return [
        Cohort("everybody", "", {"text": "everybody"}, "Every patient in the data."),
        *(
            Cohort(
                "outcome", name, own_concept(book, "outcome", name), f"The outcome is {name}: {says}", "deciding rule"
            )
            for name, says in book.outcomes.items()
        ),
        Cohort("refused", "", {"text": "no answer given"}, "Of whom the data could not be read.", "message code"),
        *(
            Cohort("rule", rule.id, rule_concept(book, rule.id), f"Rule {rule.id} fires. {rule.says}")
            for rule in book.rules.values()
        ),
    ]


def rule_concept(book: RuleBook, rule: str) -> Json:
    """A rule as a CodeableConcept: the topic by which CDS Hooks clients know its cards, and its id in words."""
    return concept(f"{book.canonical}/topics", rule.replace("-", ""), book.rules[rule].title) | {"text": rule}


def measure_of(book: RuleBook) -> Json:
    """The Measure."""
    title = f"{book.title}: outcomes and rules of a population"
    return head(book, "Measure", MEASURE, name="Population", title=title, day=None) | {
        "subjectCodeableConcept": concept("http://hl7.org/fhir/resource-types", "Patient"),
        "description": "How many patients get each outcome, and for how many each rule fires, as of a day.",
        "useContext": use_context(book),
        "library": [reference(book, "Library", LOGIC)],
        "scoring": concept(f"{TERMINOLOGY}/measure-scoring", "cohort", "Cohort"),
        "group": [_group(book, cohort) for cohort in cohorts_of(book)],
    }


def _group(book: RuleBook, cohort: Cohort) -> Json:
    population = {"code": INITIAL, "criteria": words_only(book, cohort.says)}
    group: Json = {"code": cohort.code, "description": cohort.says, "population": [population]}
    if cohort.shared_out:
        shared = f"The {cohort.shared_out}."
        group["stratifier"] = [{"code": {"text": cohort.shared_out}, "criteria": words_only(book, shared)}]
    return group
