"""Computed terms as formulas of the solver; one that is not here is a free number (see ``cds.proof.patient``)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from cds.facts.formulas import PLUG_INS
from cds.proof.three_valued import Model
from cds.proof.twins import GENERAL_TWINS, Twin
from cds.proof.values import AnyPatient, SolverValue
from cds.rulebook.model import Computed

Written: TypeAlias = Callable[[AnyPatient, Model, Computed], tuple[str, float]]
Earlier: TypeAlias = Callable[[AnyPatient, Model, Computed], tuple[str, int, float] | None]


def compute(patient: AnyPatient, term: Computed) -> SolverValue:
    """The value of a computed term."""
    twin = FORMULAS.get(term.formula)
    return patient.free_value(term.name) if twin is None else twin(patient, term)


def _brought(name: str) -> dict[str, Any]:
    """What the ``proofs`` modules of all plug-ins have under a name (see ``cds.topics.calcium``)."""
    modules = (import_module(f"{plug_in}.proofs") for plug_in in PLUG_INS)
    return {formula: brought for module in modules for formula, brought in getattr(module, name).items()}


FORMULAS: dict[str, Twin] = GENERAL_TWINS | _brought("TWINS")
WRITTEN: dict[str, Written] = _brought("WRITTEN")
"""For a formula whose value the solver chooses freely: the measurement, and its number, that gives this value."""
EARLIER: dict[str, Earlier] = _brought("EARLIER")
"""For a formula that compares with an earlier result: its measurement, days before the newest, and number, or none."""
