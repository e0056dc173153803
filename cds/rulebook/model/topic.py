"""The topic of a rulebook: what it judges, and how its answers are offered to an EHR."""

from __future__ import annotations

from typing import NamedTuple

from cds.rulebook.model.frozen import Frozen


class ServiceText(NamedTuple):
    """What a CDS Hooks service is called in its address, and what it says of itself."""

    id: str
    says: str


class Topic(NamedTuple):
    """What a rulebook is about.

    ``subject`` is the word for it on cards; ``extension`` the key of what cards carry as data; ``nothing_to_say`` the
    advice code that finds nothing of the topic on record. ``scales`` are the units of scales besides those of the
    terms; ``services`` are by hook. ``adults_from`` is the age in years from which the usual limits hold;
    ``handed_out_within`` the days for which a medicine that was handed out may still be taken (None: for ever);
    ``other_results`` are words (``*``: any letters) of results that are something else than those of the terms;
    ``codes_never_read`` says what the codes are by which a result is never read; ``first_sample`` is the sample patient
    that the page offers first.
    """

    subject: str
    question: str
    extension: str
    nothing_to_say: str
    scales: Frozen[str, str]
    services: Frozen[str, ServiceText]
    adults_from: int | None = None
    handed_out_within: int | None = None
    other_results: tuple[str, ...] = ()
    codes_never_read: str = ""
    first_sample: str = ""

    def scale_in(self, unit: str) -> str:
        """The name of the scale that has a unit; '' where none has."""
        for name, own in self.scales.items():
            if own == unit:
                return name
        return ""
