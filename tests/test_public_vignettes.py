"""The public vignettes of the clinical specification, turned into bundles by its own tool."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds.one_file import evaluate_file
from cds.rulebook.model import RuleBook

OUTCOMES = {
    "CONTINUE": "continue", "ADJUST_DOSE": "adjust-dose", "HOLD_EVALUATE": "hold", "STOP_AVOID": "stop",
    "INSUFFICIENT_DATA": "insufficient-data", "NOT_APPLICABLE": "not-applicable",
}  # fmt: skip
SEVERITY = ("info", "warning", "critical")
CHANGED = {"P12": {"highest_indicator": "warning"}}
"""What rulebook 0.2 changes: the published file is of 0.1. P12 has a 25-OH vitamin D of 45 nmol/L with osteoporosis."""


@pytest.mark.slow
def test_every_public_vignette_gets_its_outcome_its_advice_and_its_indicator(
    shared: Path, tmp_path: Path, book: RuleBook
) -> None:
    tool, vignettes = shared / "tools" / "vignettes.py", shared / "clinical" / "public_vignettes.json"
    values = shared / "clinical" / "valuesets.json"
    command = [sys.executable, str(tool), str(vignettes), str(tmp_path), "--valuesets", str(values)]
    subprocess.run(command, check=True, capture_output=True)
    index: dict[str, Any] = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))
    assert {
        name: wrong for name, item in index.items() if (wrong := _wrong(tmp_path / f"{name}.json", item, book))
    } == {}
    assert len(index) == 15


def _wrong(path: Path, item: dict[str, Any], book: RuleBook) -> list[str]:
    decision = evaluate_file(path, book, date.fromisoformat(item["as_of"])).decision
    said = {code for spoken in decision.said for code in spoken.codes}
    highest = max((spoken.indicator for spoken in decision.said), key=SEVERITY.index)
    expected = item["expected"] | CHANGED.get(path.stem, {})
    found = [f"outcome {decision.outcome}"] * (decision.outcome != OUTCOMES[expected["class"]])
    found += [f"indicator {highest}"] * (highest != expected["highest_indicator"])
    found += [f"lacks {code}" for code in expected["must_appear"] if code not in said]
    return found + [f"says {code}" for code in expected["must_not_appear"] if code in said]
