"""How many examples a property is tried with: a usual number, while somebody works on the code a few, or many.

``pytest --hypothesis-profile development`` tries few; the fast tier does so by itself (``conftest.py``). CI and the
README's command try the usual number, ``--hypothesis-profile thorough`` four times as many: for a night.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings

DEVELOPMENT, THOROUGH = "development", "thorough"
FEW, TIMES = 10, 4
settings.register_profile(DEVELOPMENT, max_examples=FEW, deadline=None)
settings.register_profile(THOROUGH, deadline=None)


def examples(number: int, **more: Any) -> settings:
    """Settings with so many examples, of which the profile for development tries few, and the thorough one more."""
    tried = {DEVELOPMENT: min(number, FEW), THOROUGH: TIMES * number}
    return settings(max_examples=tried.get(settings.get_current_profile_name(), number), deadline=None, **more)
