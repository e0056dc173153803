"""A file of expected patients: YAML as the rule files have it, every key and every name in it checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from cds.api.arguments import day_given
from cds.errors import CdsError, Problem, nearest
from cds.rulebook.model import RuleBook
from cds.rulebook.yaml_text import Page, Place, read_page

TEXTS = ("patient", "why", "bundle", "as of", "outcome", "decided by")
NEEDED = TEXTS[:-1]
LISTS = ("speaks", "silent", "advises", "does not advise")
FORM = "Write 'patients:' and below it '- patient: a name' with why, bundle, as of and outcome."


class Expected(NamedTuple):
    """One expected patient.

    ``why`` is a clinician's sentence; ``bundle`` is a file. Of the rules ``speaks`` have a card and ``silent`` have
    none; of the codes ``advises`` are given and ``does_not_advise`` are not. ``place`` is file and line.
    """

    patient: str
    why: str
    bundle: Path
    as_of: date
    outcome: str
    decided_by: str
    speaks: tuple[str, ...]
    silent: tuple[str, ...]
    advises: tuple[str, ...]
    does_not_advise: tuple[str, ...]
    place: str


class ExpectedFileError(CdsError):
    """A file of expected patients is wrong: all its problems, one in a line."""

    code = "bad-expected-patients"


def expected_in(path: Path, name: str, book: RuleBook) -> list[Expected]:
    """The expected patients of a file; ``name`` is what messages call it.

    Raises:
        ExpectedFileError: the file cannot be read, or something in it is wrong or unknown to the rulebook.

    """
    problems: list[Problem] = []
    page = read_page(path, name, problems)
    if page is not None:
        problems += _wrong(page, book)
    if problems or page is None:
        raise ExpectedFileError("\n".join(map(str, sorted(problems))))
    data: Any = page.data
    listed = enumerate(data["patients"])
    return [_expected(entry, path.parent, f"{name}:{page.line(('patients', n))}") for n, entry in listed]


def _expected(entry: dict[str, Any], folder: Path, place: str) -> Expected:
    speaks, silent, advises, does_not_advise = (tuple(entry.get(key, ())) for key in LISTS)
    return Expected(
        patient=entry["patient"],
        why=entry["why"],
        bundle=folder / entry["bundle"],
        as_of=day_given(entry["as of"]),
        outcome=entry["outcome"],
        decided_by=entry.get("decided by", ""),
        speaks=speaks,
        silent=silent,
        advises=advises,
        does_not_advise=does_not_advise,
        place=place,
    )


def _wrong(page: Page, book: RuleBook) -> Iterator[Problem]:
    data = page.data
    listed = data.get("patients") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(listed, list) or not listed:
        yield page.problem((), "the file holds no list of patients.", FORM, "wrong-value")
        return
    yield from _unknown_keys(page, (), data, ("patients",))
    names = list[str]()
    for number, entry in enumerate(listed):
        place: Place = ("patients", number)
        if not isinstance(entry, dict):
            yield page.problem(place, "this is no patient.", FORM, "wrong-value")
            continue
        yield from _unknown_keys(page, place, entry, (*TEXTS, *LISTS))
        yield from _wrong_texts(page, place, entry)
        yield from _unknown_names(page, place, entry, book)
        if entry.get("patient") in names:
            yield page.problem(place, "another patient has this name.", "Give it a name of its own.", "duplicate-name")
        names.append(str(entry.get("patient")))


def _unknown_keys(page: Page, place: Place, entry: Collection[str], known: tuple[str, ...]) -> Iterator[Problem]:
    for key in entry:
        if key not in known:
            yield page.problem((*place, key), f"'{key}' has no meaning here.", nearest(key, known), "unknown-key")


def _wrong_texts(page: Page, place: Place, entry: dict[str, Any]) -> Iterator[Problem]:
    for key in NEEDED:
        if key not in entry:
            yield page.problem(place, f"'{key}' is missing.", FORM, "missing-key")
    for key in TEXTS:
        if key in entry and not (isinstance(entry[key], str) and entry[key].strip()):
            yield page.problem((*place, key), "this is no text.", "Write it in one line.", "wrong-value")
    if isinstance(day := entry.get("as of"), str):
        try:
            day_given(day)
        except ValueError:
            yield page.problem((*place, "as of"), f"'{day}' is no day.", "Write it like 2026-11-22.", "wrong-value")


def _unknown_names(page: Page, place: Place, entry: dict[str, Any], book: RuleBook) -> Iterator[Problem]:
    kinds: dict[str, tuple[Collection[str], str]] = {
        "outcome": (book.outcomes, "outcome"),
        "decided by": (book.rules, "rule"),
        "speaks": (book.rules, "rule"),
        "silent": (book.rules, "rule"),
        "advises": (book.advice, "advice"),
        "does not advise": (book.advice, "advice"),
    }
    for key, (known, kind) in kinds.items():
        value = entry.get(key, [])
        if key in LISTS and not isinstance(value, list):
            yield page.problem((*place, key), "this is no list.", "Write each in a line after '- '.", "wrong-value")
            continue
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str) or name not in known:
                what = f"there is no {kind} '{name}'."
                yield page.problem((*place, key), what, nearest(str(name), known), f"unknown-{kind}")
