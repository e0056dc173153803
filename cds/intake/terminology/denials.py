"""Words of general language that take back, question or put off what stands beside them in a text.

Each pattern is for texts of one kind, of which only a part is looked at. The cues around the name of a condition, whose
whole text is read, stand in a table of their own (``cds/intake/conditions/contexts.py``).
"""

from __future__ import annotations

import re

CLAUSE_END = re.compile(r"[.;:\n]|\bbut\b", re.IGNORECASE)
DENIED = re.compile(
    r"\b(?:no|not|without|denies|rule out|ruled out|negative for|family history|fhx?|mother|father|brother|sister)\b",
    re.IGNORECASE,
)
"""What denies a condition that is named behind it in the same clause."""
HISTORY = re.compile(r"\b(?:history of|h/o|hx of|(?:previously|formerly) on)\b", re.IGNORECASE)
"""What says so of a disease, and never of an operation."""
BEHIND = re.compile(
    r"\W*(?:(?:is|are|was|were|has been|have been)\s+)?"
    r"(?:not (?:seen|identified|present|found|demonstrated|detected|visible|evident|noted|shown)|absent|excluded|"
    r"ruled out|negative)\b",
    re.IGNORECASE,
)
"""How a text goes on behind a condition that it denies."""
DOUBTED = re.compile(
    r"\b(?:possible|probable|suspect\w*|suspicio\w*|questionable|query|likely|concern\w*|risk of|"
    r"versus|vs|differential|evaluat\w*|screening|assess\w*)\b|\?|\br/o\b",
    re.IGNORECASE,
)
"""What makes it a question."""
TAKEN_BACK = re.compile(
    r"\b(?:no|not|non(?!-)|without|denies|denied|never|family|sans|pas d[e']|aucune?|ohne|kein\w*|nicht|geen|niet|"
    r"senza|nessuna?|sin|ninguna?|ingen|inga|uden|utan|father|mother|brother|sister|instead of)[\s,][^.;:\n]*$",
    re.IGNORECASE,
)
"""What takes a procedure back whose name follows in the same clause."""
NOT_YET = re.compile(
    r"\b(?:plan(?:ned|ning)?|scheduled?|proposed|recommended|requested|offered|consider(?:ed|ing)|contemplat\w*|pending|await\w*|waiting|"
    r"wait ?list\w*|candidate|candidacy|declin(?:e[sd]?|ing)|refus(?:e[sd]?|ing)|cancel+ed|deferred|postponed|aborted|"
    r"not (?:done|performed)|"
    r"work ?up|referral|referred|consult\w*|counsel+ing|education|teaching|training|discuss\w*|information|"
    r"geplant\w*|abgelehnt\w*|abgesagt\w*|beratung|schulung|prévu\w*|annulé\w*|refusé\w*|programad\w*|rechazad\w*|"
    r"cancelad\w*|previst\w*|programmat\w*|rifiutat\w*|annullat\w*|gepland\w*|geweigerd|planlagt\w*|planerad\w*|"
    r"avlyst\w*|inställd\w*)\b|予定|中止|取消|拒绝|计划",
    re.IGNORECASE,
)
"""What says that a procedure was only planned, spoken about or declined, in general language."""
NO_ALLERGY = re.compile(
    r"\b(?:no|not|none|nil|denies|without|negative|tolerates?|tolerated|keine?|nicht|aucune?|pas|sin|ningun\w*|nessuna?|"
    r"geen|niet|ingen|inga|nenhuma?|sem)\b|無し|なし|^无|否认",
    re.IGNORECASE,
)
"""What says that there is no allergy."""
NOT_TAKEN = re.compile(r"^\s*(?:no|not|without|stopped|denies)\b", re.I)
"""How the text of a medicine begins that is not taken."""
NOT_GIVEN = re.compile(r"\bnot (?:prescribed|provided|given|taken|supplied|dispensed|administered)\b", re.IGNORECASE)
"""What a name says that stands for no medicine: the reason for which one was not prescribed."""
