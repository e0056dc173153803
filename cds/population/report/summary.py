"""The summary of a run: what ``summary.json`` says, and ``report.html`` shows.

It is made of the files of the run alone, and no patient is in it: neither a name nor a small count
(``cds.population.report.small_cells``). Whatever is counted is patients who were answered, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cds.jsontypes import Json
from cds.population.books.finished_run import LEDGER_FILE, RUN_FILE, file_of_run
from cds.population.report.alerts import alert_burden
from cds.population.report.balance import Found, ledger_shown, problems_of
from cds.population.report.deciding import deciding_of, rules_of
from cds.population.report.distributions import counted_scales
from cds.population.report.scale_summary import scale_summary
from cds.population.report.small_cells import LEAST, SUPPRESSED, Cell, SmallCells, rank
from cds.population.tables.answer_table import ISSUE_CODES, Answers, opened_answers
from cds.rulebook.model import RuleBook

FORMAT = 1
"""Of the summary; it grows when a key changes its meaning."""
MOST_ORPHANS = 200


def summary_of(folder: Path, book: RuleBook, least: int = LEAST) -> Json:
    """The summary of the run in a folder, as JSON data; counts below ``least`` are not in it.

    Raises:
        NotARunError: a file of the run is not there, or is none that a run writes.

    """
    run, ledger = (file_of_run(folder, name) for name in (RUN_FILE, LEDGER_FILE))
    cells = SmallCells(least)
    with opened_answers(folder) as answers:
        refused, decided = answers.refused(), answers.decided()
        answered = sum(sum(rules.values()) for rules in decided.values())
        problems = problems_of(ledger, run, Found(answered, refused), book)
        patients = _patients(cells, answered, refused)
        return {
            "format": FORMAT,
            "status": "incomplete" if problems else "complete",
            "problems": problems,
            "notes": ledger.get("notes", []),
            "smallCells": f"counts below {least} are suppressed" if least > 1 else "all counts are shown",
            "run": run,
            "patients": patients,
            **_answers(answers, book, cells, decided, answered),
            "ledger": ledger_shown(ledger, run, cells, patients["in"]),
        }


def _patients(cells: SmallCells, answered: int, refused: Mapping[str, int]) -> Json:
    """In, answered and refused. A few who were refused would follow from the others: those in are not told then."""
    total = sum(refused.values())
    small = cells.is_small(total)
    by_reason = {reason: cells.hidden(n) for reason, n in refused.items()} if small else cells.partition(refused)
    return {
        "in": SUPPRESSED if small else cells.cell(answered + total),
        "answered": cells.cell(answered),
        "refused": cells.cell(total),
        "refusedBy": [{"reason": reason, "patients": n} for reason, n in by_reason.items()],
    }


def _answers(
    answers: Answers, book: RuleBook, cells: SmallCells, decided: dict[str, dict[str, int]], answered: int
) -> Json:
    outcomes = deciding_of(decided, book, cells)
    undecided = next((entry["patients"] for entry in outcomes if entry["outcome"] == book.no_answer), 0)
    return {
        "outcomes": outcomes,
        "undecided": _undecided(answers, book, cells, undecided),
        "rules": rules_of(answers, decided, outcomes, book, cells),
        "rulesThatAsk": _listed("rule", answers.patients("asks"), answered, cells),
        "advice": _listed("code", answers.patients("advice"), answered, cells),
        "alerts": alert_burden(answers, answered, cells),
        "distributions": _distributions(answers, answered, book, cells),
        "nextChanges": _months(answers, answered, cells),
        "orphans": _orphans(answers, answered, cells),
        "issues": _issues(answers, answered, cells),
    }


def _undecided(answers: Answers, book: RuleBook, cells: SmallCells, patients: Cell) -> Json:
    """What would settle an answer that is not given for want of data, each term by itself."""
    unsettled = cells.part(answers.unsettled(book.no_answer), patients)
    settled = answers.patients("settledBy", book.no_answer)
    terms = [{"term": term, "patients": cells.part(n, patients)} for term, n in settled.items()]
    return {"outcome": book.no_answer, "patients": patients, "nothingAlone": unsettled, "settledBy": _sorted(terms)}


def _listed(name: str, counts: Mapping[str, int], answered: int, cells: SmallCells) -> list[Json]:
    entries = []
    for key, n in counts.items():
        patients = cells.part(n, answered)
        entries.append({name: key, "patients": patients, "per100": cells.per_100(patients, answered)})
    return _sorted(entries)


def _sorted(entries: list[Json]) -> list[Json]:
    """The entries by their counts; those that show none by name: their order would tell something."""
    return sorted(entries, key=lambda entry: (rank(entry["patients"]), str(next(iter(entry.values())))))


def _distributions(answers: Answers, answered: int, book: RuleBook, cells: SmallCells) -> list[Json]:
    """Every scale; first those on which the most patients have a value, and not nothing."""
    found = counted_scales(answers, book)
    told = {item.scale.title: rank(cells.cell(item.with_value - item.taking_nothing)) for item in found}
    ordered = sorted(found, key=lambda item: (told[item.scale.title], item.scale.title))
    return [scale_summary(book, item, answered, cells) for item in ordered]


def _issues(answers: Answers, answered: int, cells: SmallCells) -> list[Json]:
    times = answers.times(ISSUE_CODES)
    entries = _listed("code", answers.patients(ISSUE_CODES), answered, cells)
    for entry in entries:
        is_shown = not isinstance(entry["patients"], str)
        entry["times"] = cells.cell(times[entry["code"]]) if is_shown else entry["patients"]
    return entries


def _orphans(answers: Answers, answered: int, cells: SmallCells) -> Json:
    """The most frequent, with their words; words that are in the data of few are not repeated."""
    found, others = answers.orphans(MOST_ORPHANS, cells.least)
    told = [{**orphan._asdict(), "patients": cells.part(n, answered)} for orphan, n in found.items()]
    return {"mostFrequent": told, "others": others}


def _months(answers: Answers, answered: int, cells: SmallCells) -> Json:
    """The months in which time alone can change answers; months of few are joined with those beside them."""
    counts = answers.months()
    names, numbers = list(counts), list(counts.values())
    groups = {_span(names[part]): sum(numbers[part]) for part in cells.joined(numbers)}
    shown = cells.partition({**groups, "": answered - sum(numbers)})
    never = shown.pop("")
    return {"never": never, "months": [{"months": name, "patients": n} for name, n in shown.items()]}


def _span(names: list[Any]) -> str:
    return str(names[0]) if len(names) == 1 else f"{names[0]} to {names[-1]}"
