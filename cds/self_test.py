"""Whether rules answer for the sample patients as the samples say: asked by a service, and by ``cds doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson

from cds.errors import CdsError
from cds.jsontypes import Json
from cds.one_file import evaluate_file
from cds.result import result_of
from cds.rulebook.model import INDICATORS, RuleBook


def self_test(book: RuleBook, samples: Path) -> tuple[str, ...]:
    """What the rules answer otherwise than the samples expect, one line for each sample; nothing when all is right.

    The samples say what the rules answer by themselves: with an overlay, the rulebook without it is asked.
    """
    book = book.overlay.base if book.overlay else book
    folders = sorted(path.parent for path in samples.glob("*/expected.json"))
    if not folders:
        return ("there are no sample patients: nothing was tested.",)
    return tuple(line for folder in folders for line in _failures(book, folder))


def _failures(book: RuleBook, folder: Path) -> Iterator[str]:
    try:
        expected = orjson.loads((folder / "expected.json").read_bytes())
        evaluation = evaluate_file(folder / "bundle.json", book, date.fromisoformat(expected["asOf"]))
        found = _answer(result_of(evaluation))
    except (CdsError, OSError, ValueError, KeyError) as error:
        yield f"{folder.name}: it could not be evaluated ({type(error).__name__})."
        return
    if wrong := sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)):
        yield f"{folder.name}: {', '.join(wrong)} not as expected."


def _answer(result: Json) -> Json:
    """A result with the keys of ``expected.json``; lists without an order of their own are sorted."""
    issues = [{"code": issue["code"], "source": issue["source"]} for issue in result["issues"]]
    return {
        **{key: result[key] for key in ("asOf", "outcome", "decidedBy", "advice", "fired")},
        "overruled": sorted(result["overruled"], key=lambda one: str(one["rule"])),
        "issues": sorted(issues, key=lambda issue: (issue["code"], issue["source"])),
        "indicator": max((card["indicator"] for card in result["cards"]), key=INDICATORS.index),
    }
