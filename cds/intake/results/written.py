"""Results in words: a number with its comparator, unit, flag and range, as laboratories print them in one text.

``11.8 H``, ``2,86 mmol/l``, ``>150``, ``9.4 mg/dL (8.5-10.5)``, ``8未満``. A text is read as a whole or not at
all: what has one more word in it (``5.2, haemolysed``) may mean anything. A comma or point before three digits may
divide thousands or begin decimals: both numbers are given.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from math import inf
from typing import NamedTuple

from cds.quantity import Interval

LONGEST = 120
"""A result of more characters is prose."""
HIGH, LOW, NORMAL, ODD = "high", "low", "normal", "abnormal"
FLAGS: dict[str, str] = {
    **dict.fromkeys(
        "h hh hu h* h! ↑ ↑↑ ▲ + ++ > high elevated increased hoch erhöht erhoeht élevé eleve haut alto elevado "
        "elevato aumentato hoog verhoogd hög hog høj hoj høy hoy korkea wysoki vysoký 高 偏高 升高 高値".split(),
        HIGH,
    ),
    **dict.fromkeys(
        "l ll lu l* l! ↓ ↓↓ ▼ - -- < low decreased niedrig tief erniedrigt vermindert bas abaissé bajo baixo "
        "basso ridotto laag verlaagd låg lag lav matala niski nízký 低 偏低 降低 低値".split(),
        LOW,
    ),
    **dict.fromkeys("n normal normaal normale normaal 正常 基準内".split(), NORMAL),
    **dict.fromkeys("* ** a aa ! !! abnormal crit critical c pathologisch anormal 异常 異常".split(), ODD),
    **dict.fromkeys(("critical high", "critically high", "high critical", "very high", "crit high"), HIGH),
    **dict.fromkeys(("critical low", "critically low", "low critical", "very low", "crit low"), LOW),
}
"""What laboratories print beside a number that is outside, or inside, its range; the codes are of HL7 table 0078."""
BELOW = "<", "<="
COMPARATORS: dict[str, str] = {
    **dict.fromkeys(
        (
            *("<", "less than", "below", "under", "lower than", "kleiner", "kleiner als", "unter", "weniger als"),
            *("inférieur à", "inferieur à", "moins de", "menor de", "menor que", "menor a", "menos de", "inferior a"),
            *("inferiore a", "minore di", "meno di", "kleiner dan", "minder dan", "lager dan", "mindre än"),
            *("mindre end", "mindre enn", "under", "小于", "低于", "小於", "低於"),
        ),
        "<",
    ),
    **dict.fromkeys(
        (
            *(">", "greater than", "more than", "above", "over", "higher than", "größer", "größer als", "groesser als"),
            *("über", "mehr als", "supérieur à", "superieur à", "plus de", "mayor de", "mayor que", "mayor a"),
            *("más de", "superior a", "superiore a", "maggiore di", "più di", "groter dan", "meer dan", "hoger dan"),
            *("större än", "mer än", "større end", "mere end", "større enn", "mer enn", "大于", "高于", "大於", "高於"),
        ),
        ">",
    ),
    **dict.fromkeys(("<=", "=<", "≤", "≦", "at most", "höchstens", "au plus", "up to"), "<="),
    **dict.fromkeys((">=", "=>", "≥", "≧", "at least", "mindestens", "au moins"), ">="),
    "=": "",
}
"""Words and signs before a number, and the comparator that they mean."""
AFTER: dict[str, str] = {
    "未満": "<",
    "未满": "<",
    "以下": "<=",
    "以上": ">=",
    "超": ">",
    "or less": "<=",
    "or lower": "<=",
    "or more": ">=",
    "or greater": ">=",
    "or higher": ">=",
}
"""The same after a number."""
_RANGE_NAMES = (
    "ref reference range normal norm norms nr rr n vr normwert normbereich referenz referenzbereich valeurs normales "
    "valeur de référence référence intervalle rango referencia valores valori riferimento normaal referentie "
    "基準値 基準範囲 参考値 参考范围 参考区间 参考值 正常值"
)
"""Words that may stand before a range in brackets, in any number."""


class Written(NamedTuple):
    """A result as it is written.

    ``numbers`` are what its number may mean: one interval, or two where a sign may divide thousands or begin decimals;
    one with a comparator has an infinite end. ``unit`` is as written, empty where there is none. ``flag`` is that of
    ``FLAGS``, empty for none; ``range`` the text of a reference range beside the number.
    """

    numbers: tuple[Interval, ...]
    unit: str = ""
    flag: str = ""
    range: str = ""


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_NUMBER = r"(?:(?<![\w.])[-+] ?)?(?:\d+(?:[.,' ]\d+)*|\.\d+)"
_BODY = re.compile(
    rf"(?P<before>{_any_of(COMPARATORS)})? ?(?P<low>{_NUMBER})"
    rf"(?: ?(?:-|~|〜|to|bis|à|tot|till|til|至|から) ?(?P<high>{_NUMBER}))?"
    rf" ?(?P<after>{_any_of(AFTER)})? ?(?P<unit>[^\W\d_][^()<>=;:]*|[%{{\[][^()<>=;:]*)?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r" ?(?:\(([^()]*)\)|\[([^\[\]]*)\])$")
_LAST = re.compile(rf"(?: (?P<word>{_any_of(FLAGS)})|(?<=\d)(?P<near>(?-i:HH?|LL?)|[*↑↓]))$", re.IGNORECASE)
_FIRST = re.compile(rf"(?P<word>{_any_of(set(FLAGS) - {'<', '>', '+', '-'})}):? (?=[\d<>≤≥.-])", re.IGNORECASE)
_RANGE_NAME = re.compile(rf"^(?:(?:{_any_of(_RANGE_NAMES.split())})[.:=]* ?)+", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys("−–—‐‑‒﹣", "-") | {"’": "'", "´": "'", "⩽": "≤", "⩾": "≥"})


@lru_cache(maxsize=1024)
def written(text: str) -> Written | None:
    """A result in words; None where the text is anything else, or more."""
    rest, flag, stated = straightened(text), "", ""
    if len(rest) > LONGEST:
        return None
    rest, beside = _without_flag(rest)
    while found := _IN_BRACKETS.search(rest):
        inside = (found[1] or found[2] or "").strip()
        meant, limits = FLAGS.get(inside.lower(), ""), _range_text(inside)
        if (not meant and not limits) or (meant and flag) or (limits and stated):
            return None
        flag, stated, rest = flag or meant, stated or limits, rest[: found.start()]
    if not beside:
        rest, beside = _without_flag(rest)
    body = _body(rest)
    return None if body is None or (flag and beside) else body._replace(flag=flag or beside, range=stated)


def written_range(text: str) -> Written | None:
    """A reference range in words (``8.5 - 10.5 mg/dL``, ``<40``): an interval, or two; None for any other text."""
    rest = _RANGE_NAME.sub("", straightened(text)).strip("()[] ")
    body = _body(rest) if len(rest) <= LONGEST else None
    return None if body is None or any(number.is_point for number in body.numbers) else body


def straightened(text: str) -> str:
    """The text with plain letters, digits and dashes, and single spaces."""
    plain = unicodedata.normalize("NFKC", html.unescape(text[: 4 * LONGEST])).translate(_DASHES)
    return " ".join(plain.split())


def _range_text(text: str) -> str:
    return text if written_range(text) is not None else ""


def _without_flag(text: str) -> tuple[str, str]:
    """The text without the flag at its end or its beginning, and that flag."""
    if (found := _LAST.search(text)) and not _is_a_unit(found[0].strip()):
        return text[: found.start()], FLAGS[(found["word"] or found["near"]).lower()]
    if found := _FIRST.match(text):
        return text[found.end() :], FLAGS[found["word"].lower()]
    return text, ""


def _is_a_unit(flag: str) -> bool:
    """Whether a small letter may be one of a unit: the hour of ``mmol/24 h``, a litre."""
    return len(flag) == 1 and flag.isascii() and flag.islower()


def _body(text: str) -> Written | None:
    """Comparator, number or two numbers, and unit."""
    found = _BODY.fullmatch(text)
    if found is None or (found["before"] and (found["after"] or found["high"])) or (found["after"] and found["high"]):
        return None
    comparator = COMPARATORS.get((found["before"] or "").lower(), "") or AFTER.get((found["after"] or "").lower(), "")
    low, high = numbers_in(found["low"]), numbers_in(found["high"] or found["low"])
    pairs = product(low, high) if found["high"] else zip(low, high, strict=True)
    ends = tuple(_interval(one, other, comparator) for one, other in pairs if one <= other)
    return Written(ends, (found["unit"] or "").strip()) if ends else None


def _interval(low: float, high: float, comparator: str) -> Interval:
    if comparator in BELOW:
        return Interval(-inf, high, False, comparator == "<")
    return Interval(low, inf, comparator == ">", False) if comparator else Interval(low, high)


def numbers_in(text: str) -> tuple[float, ...]:
    """What a number as it is written may mean: one number, two (``1,234``), or none (``11.8.2025``)."""
    bare = text.replace("+", "").replace("- ", "-").strip()
    sign, digits = (-1.0, bare[1:]) if bare[:1] == "-" else (1.0, bare)
    groups, signs = re.split(r"[.,' ]", digits), re.findall(r"[.,' ]", digits)
    return tuple(sign * number for number in _values(groups, signs))


def _values(groups: list[str], signs: list[str]) -> tuple[float, ...]:
    whole = "".join(groups)
    if not signs:
        return (float(whole),)
    in_thousands = 0 < len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])
    if len(set(signs)) == 1:
        decimal = len(signs) == 1 and signs[0] in ".,"
        values = [float(f"{groups[0] or 0}.{groups[1]}")] if decimal else []
        return (*values, float(whole)) if in_thousands else tuple(values)
    before = len(set(signs[:-1])) == 1 and signs[-1] in ".," and signs[-1] not in signs[:-1]
    is_grouped = 0 < len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:-1])
    return (float(f"{''.join(groups[:-1])}.{groups[-1]}"),) if before and is_grouped else ()
