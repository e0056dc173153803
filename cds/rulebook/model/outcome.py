"""The outcomes: the closed list of answers, each with a meaning of its own for what is said and what is asked.

``precedence.yaml`` says what each means in words, and in which order they get more permissive; rule files use as many
of them as they need, and no others.
"""

from __future__ import annotations

STOP = "stop"
"""Stop now; what is asked for is needed today."""
HOLD = "hold"
"""Pause until the finding has been evaluated."""
ADJUST_DOSE = "adjust-dose"
"""Go on, with another dose or product."""
CONTINUE = "continue"
"""Go on."""
UNDECIDED = "insufficient-data"
"""No advice: needed data are missing, and asked for."""
NOT_APPLICABLE = "not-applicable"
"""Outside the scope: no advice, and no data are asked for; neither stricter nor more permissive than another."""
OUTCOMES = (STOP, HOLD, ADJUST_DOSE, CONTINUE, UNDECIDED, NOT_APPLICABLE)
"""All of them, in no order."""
