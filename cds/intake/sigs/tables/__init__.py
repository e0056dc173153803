"""The words of directions in each language that is read.

Facts of general language, as prescriptions, labels and national medication plans have them.
"""

from __future__ import annotations

from cds.intake.sigs.language import Language
from cds.intake.sigs.tables.chinese import CHINESE
from cds.intake.sigs.tables.czech import CZECH
from cds.intake.sigs.tables.danish import DANISH
from cds.intake.sigs.tables.dutch import DUTCH
from cds.intake.sigs.tables.english import ENGLISH
from cds.intake.sigs.tables.finnish import FINNISH
from cds.intake.sigs.tables.french import FRENCH
from cds.intake.sigs.tables.german import GERMAN
from cds.intake.sigs.tables.greek import GREEK
from cds.intake.sigs.tables.hebrew import HEBREW
from cds.intake.sigs.tables.italian import ITALIAN
from cds.intake.sigs.tables.japanese import JAPANESE
from cds.intake.sigs.tables.korean import KOREAN
from cds.intake.sigs.tables.polish import POLISH
from cds.intake.sigs.tables.portuguese import PORTUGUESE
from cds.intake.sigs.tables.spanish import SPANISH
from cds.intake.sigs.tables.swedish import SWEDISH

LANGUAGES: tuple[Language, ...] = (
    ENGLISH,
    GERMAN,
    FRENCH,
    ITALIAN,
    SPANISH,
    PORTUGUESE,
    DUTCH,
    DANISH,
    SWEDISH,
    FINNISH,
    POLISH,
    CZECH,
    CHINESE,
    JAPANESE,
    KOREAN,
    GREEK,
    HEBREW,
)
"""Of languages that know the same words of a text, the first counts, and the others as what may be meant."""
