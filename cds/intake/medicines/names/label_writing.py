"""How labels write signs, numbers and units -> one way: ``１．２５０ ｍｇ``, ``1,25 g``, ``1.000 I.E.``.

A point or a comma before three digits may group thousands or be a decimal. The unit and the size decide where only one
of the two is a strength; where both may be, the number stays as it is written, and is read as both.
"""

from __future__ import annotations

import re
import unicodedata

from cds.intake.numbers import written_out
from cds.intake.terminology.spelling import UNSPACED, without_accents

UNITS = {
    "iu": (
        "i.e.|i.e|ie|i.u.|i.u|u.i.|u.i|ui|u.internacionales|j.m.|jm|m.j.|mj|ky|u|unidades internacionales|unidades|"
        "unites internationales|unites|unita internazionali|unita|unites|internationale einheiten|einheiten|"
        'ме|мо|יחב"ל|יחידות בינלאומיות|יחידות|وحدة دولية|وحدات دولية|وحدة|หน่วยสากล|ยูนิต|'
        "intl units|intl unit|units|unit|unt|international units|international unit|int'l units|iu|"
        "国际单位|國際單位|国際単位|单位|"
        "單位|単位|국제단위"
    ),
    "mcg": (
        "mcg|ug|\u03bcg|mkg|mikg|mikrog|microg|micrograms|microgram|microgrammes|microgramme|microgramos|microgramo|"
        "microgrammi|microgrammo|microgrammen|mikrogramm|mikrogram|mikrogrammaa|"
        'мкг|מק"ג|מקג|מיקרוגרם|ميكروغرام|ميكروجرام|مكغ|مكجم|มคก.|ไมโครกรัม|'
        "微克|マイクログラム"
    ),
    "mg": (
        'mg|mgs|milligrams|milligram|milligrammes|milligramme|miligramos|miligramo|мг|מ"ג|מג|מיליגרם|'
        "ملغ|ملجم|مجم|مغ|مليغرام|مليجرام|มก.|มก|มิลลิกรัม|毫克|ミリグラム"
    ),
    "mmol": "mmol|mmols|millimol|millimole|millimoles|毫摩尔",
    "meq": "meq|mval",
    "g": "g|gm|gr|grams|gram|grammes|gramme|gramos|gramo|grammi|克|グラム",
}
"""What labels write behind a number, by the unit that it is; accents are gone already."""
_UNIT_OF = {written: unit for unit, listed in UNITS.items() for written in listed.split("|")}
_WRITTEN = "|".join(sorted(map(re.escape, _UNIT_OF), key=len, reverse=True))
_GROUPED = r"(?<![a-z0-9.,])\d{1,3}(?:[., '\u2019]\d{2,3})*[., '\u2019]\d{3}"
_AMOUNT = re.compile(rf"(?P<n>{_GROUPED}|(?<![\d.,])\d+(?:[.,]\d+)?)\s?-?(?P<u>{_WRITTEN})(?![^\W\d_{UNSPACED}])", re.I)
_LIST = re.compile(r"(?<![\w.,])(\d+(?:-\d+)+) ((?:mg|mcg|unit)(?:-(?:mg|mcg|units?))+)(?!\w)", re.I)
"""``600-400 mg-unit``: the numbers first, then their units."""
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"(?<![\w.,])(\d{2,3})k(?!\w)", re.I)
_LETTER = re.compile(r"(?<![^\W_])([dk])(?:\((\d)\)|,(\d),?)(?!\d)", re.I)
_SIGNS = str.maketrans({"״": '"', "׳": "'", "®": "", "™": "", "©": "", "℠": "", **dict.fromkeys("‐‑‒–—−－", "-")})
_MAKER = re.compile(r"「[^」]*」|〈[^〉]*〉|\(局\)|※")
"""Japanese labels put the maker into these brackets; (局) says that the pharmacopoeia has it."""
_BORDER = re.compile(rf"(?<=[{UNSPACED}])(?=[a-z0-9])|(?<=[a-z0-9])(?=[{UNSPACED}])", re.I)


def plain_writing(text: str) -> str:
    """The text in narrow letters without accents, its amounts as ``1250 mg``, its scripts with spaces between them."""
    if not text.isascii():
        narrow = unicodedata.normalize("NFKC", text.translate(_SIGNS))
        text = written_out(without_accents(_MAKER.sub(" ", narrow)))
    if _DIGIT.search(text):
        text = _LETTER.sub(lambda match: f"{match[1]}{match[2] or match[3]} ", text)
        text = _LIST.sub(_paired, text)
        text = _AMOUNT.sub(_amount, _THOUSANDS.sub(r"\g<1>000 iu", text))
    return text if text.isascii() else _BORDER.sub(" ", text)


def _paired(match: re.Match[str]) -> str:
    numbers, units = match[1].split("-"), match[2].split("-")
    return " - ".join(map(" ".join, zip(numbers, units, strict=True))) if len(numbers) == len(units) else match[0]


def unit_written(text: str) -> str:
    """The unit that is meant by one as labels write it: ``I.E.`` is ``iu``; any other as it stands."""
    return _UNIT_OF.get(without_accents(text).strip().lower(), text)


def _amount(match: re.Match[str]) -> str:
    unit = _UNIT_OF[match["u"].lower()]
    return f"{_number(match['n'], unit, match.string[: match.start()])} {unit}"


def _number(text: str, unit: str, before: str) -> str:
    """The number with a point for its decimals and without signs between thousands, where that is clear."""
    groups = re.split(r"[., '\u2019]", text)
    marks = re.sub(r"\d", "", text)
    if not marks:
        return text
    if len(groups) > 2:
        return "".join(groups)
    whole, rest = groups
    if marks in " '\u2019":
        return _spaced(whole, rest, marks, before)
    if len(rest) != 3 or whole == "0" or unit in ("g", "mmol", "meq"):
        return f"{whole}.{rest}"
    if marks == ",":
        return whole + rest
    return whole + rest if _is_thousands(whole, rest, unit) else text


def _spaced(whole: str, rest: str, mark: str, before: str) -> str:
    """``20 000``: one number, but not the digit of ``vitamin D 3 400``, and not two strengths.

    ``000`` alone is no strength: ``vitamin D 3 000`` is one number too. Three digits may be those of a brand.
    """
    is_one = mark != " " or rest in _ENDS_OF_THOUSANDS
    is_behind_a_letter = re.search(r"(?<![^\W_])[a-z][ -]?$", before, re.I)
    is_digit_of_a_name = is_behind_a_letter and rest != "000" and (whole in _DIGITS_OF_NAMES or len(whole) == 3)
    return whole + rest if is_one and not is_digit_of_a_name else f"{whole}{mark}{rest}"


_DIGITS_OF_NAMES = ("1", "2", "3")
_ENDS_OF_THOUSANDS = ("000", "250", "500", "750")


def _is_thousands(whole: str, rest: str, unit: str) -> bool:
    """Whether ``1.250`` cannot be a decimal: no strength has three of them and ends in 0."""
    longest = {"mg": 1, "iu": 2}.get(unit, 0)
    return len(whole) <= longest and rest.endswith("0")
