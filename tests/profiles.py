"""How many examples a property is tried with: all of them, or, while somebody works on the code, a few.

``pytest --hypothesis-profile development`` tries few; the fast tier does so by itself (``conftest.py``). CI and the
README's command try all.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings

DEVELOPMENT = "development"
FEW = 10
settings.register_profile(DEVELOPMENT, max_examples=FEW, deadline=None)


def examples(number: int, **more: Any) -> settings:
    """Settings with so many examples, of which the profile for development tries few."""
    few = settings.get_current_profile_name() == DEVELOPMENT
    return settings(max_examples=min(number, FEW) if few else number, deadline=None, **more)
