"""The reports of a specimen are looked up, and the answer is that of comparing each with each."""

from __future__ import annotations

import copy
import random

from people import AS_OF, CALCIUM, Json, bundle, observation, patient

from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.intake.results.reports import CORRECTED, FINAL, PRELIMINARY, Report, differ, report_of, settle_results
from cds.rulebook.model import RuleBook

NUMBERS = [
    [], [{"system": "lab", "value": "1"}], [{"system": "lab", "value": "2"}], [{"system": "ehr", "value": "1"}],
    [{"system": "lab", "value": "1"}, {"system": "ehr", "value": "2"}],
]  # fmt: skip
TUBES = [None, {"reference": "Specimen/1"}, {"reference": "Specimen/2"}, {"identifier": {"system": "s", "value": "1"}},
         {"reference": "Specimen/1", "identifier": {"system": "s", "value": "2"}}]  # fmt: skip
TIMES = ["2026-01-10", "2026-01-10T08:00:00Z", "2026-01-10T09:00:00+01:00", "2026-01-11T08:00:00Z", "2026-01", None]
STATUSES = ["preliminary", "final", "corrected", "amended", "entered-in-error", "registered", "cancelled"]


def results(chance: random.Random, count: int) -> list[Json]:
    found: list[Json] = []
    for number in range(count):
        status = chance.choice(STATUSES)
        one = observation(CALCIUM, chance.choice((9.1, 9.2)), "mg/dL", "", f"o{number}", status=status)
        del one["effectiveDateTime"]
        if time := chance.choice(TIMES):
            one["effectiveDateTime"] = time
        if tube := chance.choice(TUBES):
            one["specimen"] = tube
        if issued := chance.choice(("", "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z")):
            one["issued"] = issued
        one["identifier"] = chance.choice(NUMBERS)
        if chance.random() < 0.1:
            target = {"reference": f"Observation/o{chance.randrange(count)}"}
            url = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
            one["extension"] = [{"url": url, "valueReference": target}]
        found.append(one)
    return found


def replaces(later: Report, report: Report) -> bool:
    if report.name in later.replaces:
        return True
    if later.standing <= report.standing or report.standing < PRELIMINARY or differ(later.specimen, report.specimen):
        return False
    if later.specimen & report.specimen or later.numbers & report.numbers:
        return not (report.day and later.day and report.day.minute > later.day.minute)
    if differ(later.numbers, report.numbers):
        return False
    return bool(report.drawn) and later.drawn == report.drawn and (report.timed or report.standing < FINAL)


def withdraws(withdrawn: Report, report: Report) -> bool:
    if report.name in withdrawn.replaces:
        return True
    if not withdrawn.numbers & report.numbers or differ(withdrawn.specimen, report.specimen):
        return False
    if withdrawn.day and report.day and withdrawn.day.text != report.day.text:
        return False
    if None not in (withdrawn.number, report.number) and withdrawn.number != report.number:
        return False
    if withdrawn.issued is not None and report.issued is not None:
        return withdrawn.issued >= report.issued
    return report.standing < CORRECTED


def settled_naively(record: Record, observations: list[Json]) -> None:
    """Each result is compared with each."""
    reports = {(name := record.name_of(one)): report_of(name, one) for one in observations}
    for name, items in record.readings.items():
        withdrawn = [reports[source] for source in record.withdrawn.get(name, ())]
        shared = [(w, i) for w in withdrawn for i in items if withdraws(w, reports[i.source])]
        out = [item for one, item in shared if one.day or item.source in one.replaces]
        left = [item for item in items if item not in out]
        for source in dict.fromkeys(item.source if item in out else one.name for one, item in shared):
            record.lose_result("withdrawn-result", source, name if isinstance(name, str) else "")
        gone = [i for i in left if any(replaces(reports[o.source], reports[i.source]) for o in left)]
        record.readings[name] = [item for item in left if item not in gone]
        replaced = {item.source for item in gone}
        kept = {item.source for item in record.readings[name]}
    for name, report in reports.items():
        if name in replaced:
            record.note("replaced-result", name)
        if name in kept and report.standing == PRELIMINARY:
            record.note("preliminary-result", name)


def test_looking_up_reports_gives_what_comparing_each_with_each_gives(book: RuleBook) -> None:
    seen: list[tuple[int, int]] = []
    for seed in range(400):
        chance = random.Random(seed)
        listed = results(chance, chance.randint(2, 14))
        unsettled = read_record(bundle(patient(), *({**one, "status": "final"} for one in listed)), book, AS_OF)
        unsettled.withdrawn["serum calcium"] = [
            f"Observation/{one['id']}" for one in listed if one["status"] in ("entered-in-error", "cancelled")
        ]
        out = set(unsettled.withdrawn["serum calcium"])
        for name, items in unsettled.readings.items():
            unsettled.readings[name] = [item for item in items if item.source not in out]
        if "serum calcium" not in unsettled.readings:
            continue
        one, other = copy.deepcopy(unsettled), copy.deepcopy(unsettled)
        settle_results(one, listed)
        settled_naively(other, listed)
        assert (one.readings, one.issues) == (other.readings, other.issues), seed
        seen.append((len(one.readings["serum calcium"]), len(unsettled.readings["serum calcium"])))
    assert sum(kept < before for kept, before in seen) > 50
