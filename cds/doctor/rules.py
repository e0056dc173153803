"""The rules that would be read here, the overlay, the engine on a trial, and the sample patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cds.bookshelf import SAMPLES, is_installed, open_exactly, overlay_names, rules_folder, samples_folder
from cds.boundary import error_boundary
from cds.doctor.check import Check
from cds.errors import CdsError, RulebookError, few
from cds.evaluation import evaluator_of
from cds.quantity import ABSENT
from cds.reasoning.engine import load_engine
from cds.rulebook.folder import passed_over
from cds.rulebook.model import RuleBook
from cds.rulebook.regions import layers_of, regions_of
from cds.self_test import self_test

UNREAD = "not tried: the rules cannot be read"
MOST_NAMED = 3
"""How many problems are repeated; ``cds check`` prints all."""


def rule_checks(given: Path | None, overlays: Sequence[str]) -> Iterator[Check]:
    """Everything about the rules that a command started here with these options would read."""
    folder = rules_folder(given)
    layers = _layers(folder, overlays)
    book = _opened(folder, layers) if isinstance(layers, tuple) else layers
    yield _rulebook(folder, book)
    yield _overlay(folder, layers)
    yield _engine(book if isinstance(book, RuleBook) else None)
    yield _samples(folder, book)


def _layers(folder: Path, overlays: Sequence[str]) -> tuple[Path, ...] | CdsError:
    try:
        return layers_of(folder, overlay_names(overlays))
    except CdsError as error:
        return error


def _opened(folder: Path, layers: tuple[Path, ...]) -> RuleBook | CdsError:
    try:
        with error_boundary():
            if not folder.is_dir():
                raise CdsError(f"there is no folder of rule files at '{folder}'.")
            return open_exactly(folder, *layers)
    except CdsError as error:
        return error


def _rulebook(folder: Path, book: RuleBook | CdsError) -> Check:
    place = f"{folder.resolve()}{' (installed)' if is_installed(folder) else ''}"
    if isinstance(book, RulebookError):
        told = f"{place}: {len(book.problems)} problems: {few(list(map(str, book.problems)), MOST_NAMED)}"
        return Check("rules", "wrong", told, "Mend the files: cds check prints every problem.")
    if isinstance(book, CdsError):
        return Check("rules", "wrong", f"{place}: {book}", "Name the rules with --rules or CDS_RULES.")
    told = f"{place}, version {book.version}, sha256 {book.sha256[:12]}, {len(book.rules)} rules, 0 problems"
    if is_installed(folder) and (reason := passed_over()):
        return Check("rules", "note", f"{told}; passed over: {reason}", "Name the rules with --rules or CDS_RULES.")
    return Check("rules", "ok", told)


def _overlay(folder: Path, layers: tuple[Path, ...] | CdsError) -> Check:
    if isinstance(layers, CdsError):
        return Check("overlay", "wrong", str(layers), "Name it with --overlay or CDS_OVERLAY, or leave it out.")
    told = ", ".join(str(layer.resolve()) for layer in layers)
    return Check("overlay", "ok", told or f"none (the rules bring along: {_regions(folder)})")


def _regions(folder: Path) -> str:
    return ", ".join(regions_of(folder)) or "no region"


def _engine(book: RuleBook | None) -> Check:
    """Whether the engine loads, and agrees with the reference about a patient of whom nothing is on record."""
    try:
        with error_boundary():
            load_engine()
            if book is None:
                return Check("engine", "note", f"it loads; {UNREAD}", "Mend the rules first.")
            evaluator = evaluator_of(book)
            evaluator.inferred(bytes([ABSENT]) * len(evaluator.plain))
    except CdsError as error:
        return Check("engine", "wrong", f"{error}", "Do what the message says, then run cds doctor again.")
    return Check("engine", "ok", "it loads, and answers a trial as the reference does")


def _samples(folder: Path, book: RuleBook | CdsError) -> Check:
    if isinstance(book, CdsError):
        return Check("samples", "note", UNREAD, "Mend the rules first.")
    place = samples_folder(folder)
    if place.parent != folder.resolve().parent:
        todo = f"Put patients with the answers that you expect into {folder.resolve().parent / SAMPLES}."
        return Check("samples", "note", "no sample patients stand beside these rules: none was tried", todo)
    wrong = self_test(book, place)
    count = len(list(place.glob("*/expected.json")))
    if wrong:
        told = f"{len(wrong)} of {count} in {place} are not answered as expected: {few(wrong, MOST_NAMED)}"
        return Check("samples", "wrong", told, "Other rules, or other samples, than belong together: use one version.")
    return Check("samples", "ok", f"{count} of {count} sample patients are answered as expected")
