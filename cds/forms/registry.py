"""All forms, in the order in which a text is tried: what one of them reads, a later one cannot."""

from __future__ import annotations

import re

from cds.forms.comparing import Compared, SomeResult, Twice
from cds.forms.events import Happened, HappenedAtAge
from cds.forms.limits import OutsideLimits
from cds.forms.nothing import NoneRecorded
from cds.forms.people import OfSex
from cds.forms.records import After, DoseDateUnknown, Given, Lasted, OpenEnded, Recorded, Started, Uncertain
from cds.forms.results import Conflicting, Dated, Known, Missing, Repeated, TakenFrom
from cds.forms.unused import NewerResultUnused, ResultOfTermUnused, ResultUnused
from cds.forms.whatif import ChangedBy, DependsOn
from cds.rulebook.model.form import Form

SENTENCES: tuple[type[Form], ...] = (
    ResultUnused,
    NewerResultUnused,
    ResultOfTermUnused,
    DependsOn,
    ChangedBy,
    OutsideLimits,
    Missing,
    Known,
    Recorded,
    Uncertain,
    After,
    Happened,
    HappenedAtAge,
    OfSex,
    SomeResult,
    Dated,
    Conflicting,
    TakenFrom,
    Twice,
    Repeated,
    Given,
    DoseDateUnknown,
    Started,
    Lasted,
    OpenEnded,
    Compared,
)
FORMS: tuple[type[Form], ...] = (*SENTENCES, NoneRecorded)
"""The sentences, and the form that is written as a list; joins are made of these (``cds.rulebook.model.Joined``)."""
PACKAGE = __name__.rpartition(".")[0]
"""The package in which all classes of forms are."""
_PATTERNS = tuple((re.compile(form.pattern()), form) for form in SENTENCES)


def parse_sentence(text: str) -> Form | None:
    """The sentence that a text says; None when it has none of the forms."""
    for pattern, form in _PATTERNS:
        if match := pattern.fullmatch(text):
            return form.read(match)
    return None
