"""Which view shows what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cds.api.results import Result, Results
from cds.evaluation import Evaluation
from cds.notebook.evaluations import evaluation_html
from cds.notebook.tables import result_html, results_html, rulebook_html
from cds.rulebook.model import RuleBook

NOTEBOOK: dict[type, Callable[[Any], str]] = {
    Evaluation: evaluation_html,
    RuleBook: rulebook_html,
    Result: result_html,
    Results: results_html,
}
