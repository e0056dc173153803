"""One invented person: what every resource about the person repeats, and the days on which things happen."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from invented.sites import FAMILY, MEN, PRACTITIONERS, WOMEN, practitioner_of, site_for

DAY = date(2026, 6, 1)
"""The day of the export."""
OLDEST = 6000
DAYS = tuple((DAY - timedelta(days=number)).isoformat() for number in range(OLDEST + 1))
"""The days before the export, the last first."""
TIMES = tuple(f"{hour:02}:{minute}" for hour in range(7, 17) for minute in ("04:11", "26:00", "51:37"))


class Person:
    """A person of a number; the same for a seed, however many there are. ``has``: diagnoses, by name."""

    __slots__ = ("age", "birth", "chance", "family", "female", "fields", "gfr", "given", "has", "id", "number",
                 "on_calcium", "random", "site")  # fmt: skip

    def __init__(self, seed: int, number: int) -> None:
        self.chance = chance = Random(f"{seed}/{number}")
        self.random = chance.random
        self.number, self.site = number, site_for(chance)
        self.id = self.identity()
        self.female = chance.random() < 0.53
        self.age = min(95, max(30, round(chance.gauss(61, 15))))
        self.birth = (DAY - timedelta(days=round(self.age * 365.25) + int(364 * chance.random()))).isoformat()
        self.family, self.given = pick(chance, FAMILY), pick(chance, WOMEN if self.female else MEN)
        self.has: frozenset[str] = frozenset()
        self.on_calcium = False
        self.gfr = 90.0
        practitioner = practitioner_of(self.site, int(PRACTITIONERS * chance.random()))
        self.fields = {
            "patient": self.id, "display": f"{self.family}, {self.given}", "practitioner": practitioner,
            "encounter": self.identity(), "zone": self.site.zone,
        }  # fmt: skip

    def identity(self) -> str:
        """A new id as the site makes them, of which there are so many that two are hardly ever alike."""
        if self.site.numbered:
            return f"{self.chance.getrandbits(62)}"
        text = f"{self.chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def days_ago(self, usual: float) -> int:
        """How many days ago something happened that on average happened so many days ago."""
        return min(OLDEST, int(self.chance.expovariate(1 / usual)))

    def fresh(self, ago: int) -> dict[str, str]:
        """What a new resource of a day needs to be filled in: who, id, version, and when it was written."""
        random = self.random
        version = "1" if random() < 0.85 else "2"
        time = TIMES[int(30 * random())]
        return self.fields | {
            "id": self.identity(), "number": f"{int(1e9 * random()):09}", "version": version, "day": DAYS[ago],
            "time": time, "updated": f"{DAYS[ago]}T21:40:{10 + int(50 * random())}.{100 + int(899 * random())}Z",
        }  # fmt: skip


def pick(chance: Random, several: tuple[str, ...]) -> str:
    """One of several; quicker than ``choice``."""
    return several[int(len(several) * chance.random())]
