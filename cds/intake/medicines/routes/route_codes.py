"""The codes and words of routes and methods: by mouth, by injection, or only to a place on or in the body.

Codes of routes: SNOMED CT (the children of 284009009; FHIR value set route-codes), EDQM Standard Terms (routes and
methods of administration), HL7 v2 table 0162 and v3 RouteOfAdministration. Codes of methods: SNOMED CT, the methods of
FHIR's value set administration-method-codes (the children of 736665006), and the two older instructions 422145002
(Inject), 419652001 (Take) and 421521009 (Swallow). A code means the same whatever system stands beside it.
"""

from __future__ import annotations

import re
from enum import Enum

from cds.intake.medicines.routes.route_words import BREATHED, MOUTH, SOLID, pattern
from cds.intake.medicines.routes.route_words import INJECTED as INJECTED_WORDS
from cds.intake.medicines.routes.route_words import PLACED as PLACED_WORDS


class Route(Enum):
    """Where a medicine goes."""

    MOUTH = "by mouth"
    UNCLEAR = "not understood"
    INJECTION = "by injection"
    LOCAL = "local"


_ROUTE_CODES = {
    Route.MOUTH: (
        "26643006 37839007 54471007 127490009 127491008 127492001 372454008 372473007 417985001 418441008 418664002 "
        "418730005 418887008 420163009 420218003 445768003 447026006 448491004 386359008 "
        "20053000 20067000 20002500 20054000 20055000 20013500 20013000 20021000 "
        "PO VO SL BUC GT GTT NG NGT OG OGT JT SWISHSWAL CHEW SUCK"
    ),
    Route.INJECTION: (
        "47625008 78421000 34206005 58100008 417255000 38239002 418114005 419993007 445755006 386356001 386358000 "
        "386362006 20045000 20035000 20066000 20023000 20036500 20038000 20015500 "
        "IV IVP IVPB IM SC SQ SUBQ IVINJ IVPUSH IVINJBOL IMINJ SQINJ IA IO IP"
    ),
    Route.LOCAL: (
        "37161004 16857009 6064005 46713006 54485002 10547007 45890007 12130007 62226000 72607000 90028008 372449004 "
        "372450004 372452007 372457001 372464004 372466002 372468001 372471009 372472002 372474001 372476004 404818005 "
        "404820008 418091004 418162004 418401004 419778001 419954003 420201002 420185003 446105004 447081004 447694001 "
        "448492006 448598008 431695009 "
        "20061000 20072000 20020000 20049000 20051000 20001000 20003000 20004000 20008000 20010000 20014000 20070000 "
        "20044000 20046000 20071000 20024000 20030000 20031500 20032000 20036000 20039000 20042000 20047000 20009000 "
        "PR PV VG IH INH NS OP OT OPTHALTA TOPICAL TP AP TD NASINHL"
    ),
}
ROUTE_CODES = {code: route for route, codes in _ROUTE_CODES.items() for code in codes.split()}
PLACED_GROUPS = re.compile(r"(?:D(?!01B|02BA|05B|10B|11AH)|S01(?!EC)|S02|S03|R01A|C05A|M02A|G01A)\w*")
"""The groups of ATC of what is only put on the skin, the eye or another place; those left out of them are for the whole
body. The same substance has another code where it is swallowed or injected."""
_MOUTH = (
    r"oral(?:ly)?|mouth|per os|(?:naso|oro)?gastric|sublingual(?:ly)?|buccal(?:ly)?|oromucosal|orodispersible|"
    r"enteral(?:ly)?|gastro-?enteral|gastrostomy|jejunostomy|(?:feeding|peg) tube|swallow\w*"
)
_INJECTED = (
    r"inject\w*|infusion|infused?|intravenous(?:ly)?|intramuscular(?:ly)?|subcutaneous(?:ly)?|parenteral|"
    r"intra-?arterial|intraosseous|intraperitoneal|ivpb|piggyback"
)
CONTAINER = re.compile(r"(?<!\w)(?:(?:pre-?filled )?syringes?|vials?|premix(?:ed)?)(?!\w)", re.I)
"""What is in these is injected, unless something else says that it is taken by mouth: tablets come in vials too."""
MAYBE_INJECTED = re.compile(
    r"(?<!\w)(?:amp(?:s|o?ules?|ul[ei]|uls?|ull\w*|ol+as?|u[lł]k\w+)?|phials?|fial[ae])(?!\w)", re.I
)
"""Ampoules, in all languages, are injected, or drunk; nobody can tell which by the word alone."""
_BREATHED = r"inhal\w*|nebuli\w+|puffs?"
_PLACED = (
    rf"{_BREATHED}|cream|ointment|lotion|foam|gel(?![ -]?(?:cap|tab))|enema|suppositor\w+|rectal(?:ly)?|per rectum|"
    r"vaginal(?:ly)?|per vagina|pessar\w+|respiratory|nasal(?:ly)?|ophthalmic|ocular|otic|auricular|topical(?:ly)?|"
    r"cutaneous|transdermal|gingival|urethral|intra-?articular|intravitreal|intrathecal|epidural|conjunctival|"
    r"apply|applied|insert(?:ed)?|instill?(?:ed)?"
)
_IN_AN_ORGAN = (
    r"(?:in|into|to) (?:(?:the|each|both|left|right|affected) )+(?:eyes?|ears?|nostrils?|rectum|vagina|skin|areas?)"
)
_SOLID = r"tab(?:let)?s?|cap(?:sule|let)?s?|chew\w*|softgels?|lozenges?"
SOLID_FORM = re.compile(rf"(?<!\w)(?:{_SOLID})(?!\w)|{pattern(SOLID).pattern}", re.I)
_DRUNK = r"drink\w*|trink\w*|buvables?|bebibles?"
ABBREVIATIONS = frozenset({"PO", "NG", "IV", "IM", "SC", "SQ", "PR", "PV"})
"""Abbreviations that directions use; in upper case, so that no other word is taken for one."""


def _patterns(mouth: str, local: str) -> dict[Route, re.Pattern[str]]:
    """Whole words; a hyphen may join them to others. Those of other languages than English are in route_words.py."""
    words = {Route.MOUTH: mouth, Route.INJECTION: _INJECTED, Route.LOCAL: local}
    own = {Route.MOUTH: MOUTH, Route.INJECTION: INJECTED_WORDS, Route.LOCAL: PLACED_WORDS}
    return {
        route: re.compile(rf"(?<!\w)(?:{listed})(?!\w)|{pattern(own[route]).pattern}", re.I)
        for route, listed in words.items()
    }


NAME_PATTERNS = _patterns(rf"{_MOUTH}|{_DRUNK}", rf"{_PLACED}|eyes?|ears?")
DIRECTION_PATTERNS = _patterns(rf"{_MOUTH}|{_SOLID}", rf"{_PLACED}|{_IN_AN_ORGAN}")
BREATHED_IN = re.compile(rf"(?<!\w)(?:{_BREATHED})(?!\w)|{pattern(BREATHED).pattern}", re.I)


INJECTED, SWALLOWED, PLACED, NEUTRAL = "injected", "swallowed", "placed", "neutral"
ODD, MIXED = "not understood", "contradictory"
_METHOD_CODES = {
    INJECTED: "422145002 740685003 764794000",
    SWALLOWED: "738995006 738992009 764498003 823034001 421521009",
    PLACED: "738991002 738993004 738994005 738996007 740666001 785900008",
    NEUTRAL: "738990001 419652001",
}
METHOD_CODES = {code: method for method, codes in _METHOD_CODES.items() for code in codes.split()}
_METHOD_WORDS = {
    INJECTED: r"inject\w*|infus\w+|push|drip|implant\w*|injizier\w*|inyect\w*|spritz\w*|iniett\w*",
    SWALLOWED: (
        r"swallow\w*|chew\w*|suck\w*|dissolve\w*|drink\w*|by mouth|oral\w*|orodispers\w*|mouth|tongue|stomach|"
        r"zum einnehmen|einnehmen|tygg\w*|tugg\w*|synkes|svalj\w*|pureskel\w*|niel\w*|polyka\w*|zazyw\w*|zvykat|"
        r"engolir|mastigar|schlucken|kauen|lutschen|trinken|avaler|croquer|sucer|boire|innemen|slikken|kauwen|drinken|"
        r"tragar|masticar\w*|chupar|beber|ingerir|deglutire|masticare|bere"
    ),
    PLACED: r"apply|appli\w+|insert\w*|instil\w*|spray\w*|inhal\w*|rinse\w*|auftragen|aplicar|applicare|inhaler",
    NEUTRAL: (
        r"take\w*|giv\w+|administ\w+|nehmen|prendre|nemen|tomar|prendere|assumere|tages|tas|otetaan|brac|przyjmowac|uzivat|administrer|verabreichen|toedienen|"
        r"(?:with|before|after|between|at) (?:meals?|food|water|breakfast|lunch|dinner|supper)"
    ),
}
"""In English, and what labels and orders say for taking in German, French, Dutch, Spanish and Italian."""
METHOD_WORDS = {method: re.compile(rf"\b(?:{words})\b", re.I) for method, words in _METHOD_WORDS.items()}
EMPTY_TEXT = re.compile(
    r"[\W_]*(?:n/?a|unknown|unk|not (?:known|applicable|specified|stated)|none|unspecified)?[\W_]*", re.I
)
NO_CODES = frozenset(
    """
    unk ni na nav nask asku unknown asked-unknown temp-unknown not-asked not-applicable not-available error
    unsupported 261665006 385432009
    """.split()
)
"""HL7 v3 NullFlavor and FHIR data-absent-reason; SNOMED CT: Unknown, Not applicable."""
