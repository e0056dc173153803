"""What forms make formulas with (``AskedPatient.logic``): the solver's own words, and those for three values."""

from __future__ import annotations

from z3 import And, If, Implies, Not, Or

from cds.proof.three_valued import (
    FALSE,
    SURE,
    ThreeValued,
    both,
    conjunction,
    disjunction,
    either,
    exact,
    if_else,
    sensed,
    two_valued,
)
from cds.proof.values import compared, point_value

__all__ = [
    "FALSE",
    "SURE",
    "And",
    "If",
    "Implies",
    "Not",
    "Or",
    "ThreeValued",
    "both",
    "compared",
    "conjunction",
    "disjunction",
    "either",
    "exact",
    "if_else",
    "point_value",
    "sensed",
    "two_valued",
]
