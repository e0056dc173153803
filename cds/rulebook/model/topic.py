"""The topic of a rulebook: what it judges, and how its answers are offered to an EHR."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeAlias

from cds.rulebook.declared import Key, Known, More, Text
from cds.rulebook.model.frozen import Frozen

Hook: TypeAlias = Literal["patient-view", "order-select", "order-sign", "medication-refill", "encounter-discharge"]
"""The hooks of CDS Hooks that a service can be called by."""


class ServiceText(NamedTuple):
    """What a CDS Hooks service is called in its address, and what it says of itself."""

    id: Annotated[str, Text(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", called="id of a service", like="two-words")]
    says: str


class Topic(NamedTuple):
    """What a rulebook is about.

    ``subject`` is the word for it on cards; ``extension`` the key of what cards carry as data; ``nothing_to_say`` the
    advice code that finds nothing of the topic on record. ``scales`` are the units of scales besides those of the
    terms; ``services`` are by hook. ``adults_from`` is the age in years from which the usual limits hold;
    ``handed_out_within`` the days for which a medicine that was handed out may still be taken (None: for ever);
    ``other_results`` are words (``*``: any letters) of results that are something else than those of the terms;
    ``beside_symbols`` are words that may stand beside a symbol which names a result, and say nothing else of it;
    ``allergies`` are words of substances to which an allergy is said, unless one of ``other_allergies`` names another;
    ``intended_user`` is for whom and where answers are meant;
    ``codes_never_read`` says what the codes are by which a result is never read; ``first_sample`` is the sample patient
    that the page offers first.
    """

    subject: str
    question: str
    extension: Annotated[
        str,
        Key("extension key"),
        Text(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", called="key of an extension", like="org.example.name"),
    ]
    services: Frozen[Hook, ServiceText]
    nothing_to_say: Annotated[str, Known(("advice code",))] = ""
    scales: Frozen[str, str] = Frozen()
    adults_from: Annotated[int | None, More(0)] = None
    handed_out_within: Annotated[int | None, Key("handed out within days"), More(0)] = None
    other_results: Annotated[tuple[str, ...], Key("other results are named")] = ()
    beside_symbols: Annotated[tuple[str, ...], Key("may stand beside a symbol")] = ()
    allergies: Annotated[tuple[str, ...], Key("allergies are named")] = ()
    other_allergies: Annotated[tuple[str, ...], Key("other allergies are named")] = ()
    codes_never_read: str = ""
    intended_user: str = ""
    first_sample: str = ""

    def scale_in(self, unit: str) -> str:
        """The name of the scale that has a unit; '' where none has."""
        for name, own in self.scales.items():
            if own == unit:
                return name
        return ""
