"""Why the text of a file cannot be read, in words for whoever wrote it, and at the line where the mistake was made.

The YAML library says where it could not go on, which is often a line later: a quote that is not closed takes in the
lines below it up to the next quote. What is looked for here is what people do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cds.errors import ODD, odd_character
from cds.rulebook.yaml_lines import first_key_without_colon, moved_line


class Trouble(NamedTuple):
    """A line (from 1), what is wrong there, and what to do."""

    line: int
    what: str
    todo: str


_CONFLICT = re.compile(r"^(<{7}|>{7})( |$)|^={7}$", re.MULTILINE)
_QUOTED = re.compile(r"^\s*(?:- +)*(?:[^\s'\"#][^'\"#]*?: +)?(?P<quote>['\"])")
_KEY = re.compile(r"^(?P<before>\s*(?:- +)*)(?P<key>[^\s:'\"#-][^:'\"]*?)(?P<colon>:)(?P<rest>.*)$")
_CLOSED = {"'": re.compile(r"(?:[^']|'')*'"), '"': re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)}
_CURLY = "‘’‚“”„«»「」"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
QUOTE_IT = "Put the whole text between quotes."
IN_GENERAL = "Look at its indentation, its colon and its quotes: a text with ': ' or ' #' in it needs quotes."


def merge_conflict(text: str) -> Trouble | None:
    """The marks that a merge leaves where two people changed the same lines; None where there are none."""
    marks = list(_CONFLICT.finditer(text))
    if len(marks) < 2 or not any(match[1] for match in marks):  # a line of '=' alone may be part of a text
        return None
    found = [_line_of(text, match.start()) for match in marks]
    lines = ", ".join(map(str, found))
    what = f"two versions stand one below the other, between the marks of a merge in lines {lines}."
    return Trouble(found[0], what, "Keep one of the two, and take these lines out.")


def control_character(text: str) -> Trouble:
    """Where a character stands that no text has."""
    match = _CONTROL.search(text)
    line = _line_of(text, match.start()) if match else 1
    return Trouble(line, "a character stands here that no text has.", "Remove control characters and escapes.")


def needs_quotes(sign: str) -> str:
    """What is wrong with a text that begins with a sign of YAML."""
    return f"a text that begins with '{sign}' needs quotes."


def trouble(text: str, problem: str, noticed: int, began: int | None) -> Trouble:
    """Why a text is no YAML, from what the YAML library says.

    ``noticed`` is the line (from 0) at which it could not go on, ``began`` where what it was reading there begins.
    """
    lines = text.split("\n")
    noticed = min(noticed, len(lines) - 1)
    return (
        _tab(lines, noticed)
        or _quote(text, noticed)
        or _odd(lines, noticed)
        or _told(lines, noticed, problem, began)
        or Trouble(noticed + 1, "the line does not fit to the lines around it.", IN_GENERAL)
    )


def _tab(lines: list[str], noticed: int) -> Trouble | None:
    if re.match(r" *\t", lines[noticed]):
        return Trouble(noticed + 1, "the line begins with a tab.", "Write spaces instead of it.")
    return None


def _quote(text: str, noticed: int) -> Trouble | None:
    """The first quote that is not closed where its text ends."""
    for start, line in _lines(text, noticed):
        if not (match := _QUOTED.match(line)):
            continue
        quote = match["quote"]
        closed = _CLOSED[quote].match(text, start + match.end())
        number = _line_of(text, start)
        rest = text[closed.end() :].split("\n", 1)[0].strip() if closed else ""
        if closed is None or (rest[:1] not in ("", "#", ":") and "\n" in closed[0]):
            what = f"the text that begins here with {quote} has no {quote} at its end."
            return Trouble(number, what, f"Write {quote} at its end.")
        if rest[:1] not in ("", "#", ":"):
            return Trouble(number, f"the quotes end before '{rest}'.", _more_behind(quote))
    return None


def _more_behind(quote: str) -> str:
    if quote == "'":
        return "Put the whole text between quotes; an apostrophe between single quotes is written twice ('')."
    return "Put the whole text between single quotes (')."


def _lines(text: str, noticed: int) -> Iterator[tuple[int, str]]:
    """The lines up to the one in which trouble was noticed that do not belong to a text over several lines."""
    start, inside = 0, -1
    for line in text.split("\n")[: noticed + 1]:
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth <= inside:
            inside = -1
        if inside < 0:
            yield start, line
            if re.search(r"(?:: |- )[|>][-+]?\s*$", line):
                inside = depth
        start += len(line) + 1


def _odd(lines: list[str], noticed: int) -> Trouble | None:
    """Characters that look like others, where YAML needs those: quotes, colons, and spaces that indent."""
    for number in range(noticed, max(noticed - 2, -1), -1):
        line = lines[number]
        if match := re.match(rf"\s*([{ODD}])", line):
            what = f"the line begins with {odd_character(match[1])}."
            return Trouble(number + 1, what, "Write plain spaces and signs instead of it.")
        if "：" in line and ": " not in line:
            return Trouble(
                number + 1, "the colon is one of Chinese or Japanese writing (：).", "Write ': ' instead of it."
            )
        if match := re.search(rf"(?:: |- )([{_CURLY}])", line):
            return Trouble(
                number + 1, f"{match[1]} is no quote that counts.", "Write ' at the beginning and at the end."
            )
    return None


def _told(lines: list[str], noticed: int, problem: str, began: int | None) -> Trouble | None:
    """What the YAML library found, in other words."""
    if "could not find expected ':'" in problem and began is not None:
        return _no_colon(lines, began)
    if "mapping values are not allowed" in problem:
        first = first_key_without_colon(lines, noticed)
        return _colon_inside(lines, noticed) if first is None else _no_colon(lines, first)
    if "expected <block end>" in problem:
        moved = moved_line(lines, noticed)
        return _misplaced(lines, noticed) if moved is None else _moved(lines, *moved)
    sign = _first_sign(lines[noticed])
    if sign and ("cannot start any token" in problem or "expected" in problem):
        return Trouble(noticed + 1, needs_quotes(sign), QUOTE_IT)
    if "escape" in problem:
        what = "a backslash between double quotes does not stand for itself."
        return Trouble(noticed + 1, what, "Put the text between single quotes (').")
    return None


def _first_sign(line: str) -> str:
    match = re.search(r"(?:: +|- +)([^\w\s'\"])", line)
    return match[1] if match else ""


def _no_colon(lines: list[str], number: int) -> Trouble:
    line, said = lines[number], _shown(lines[number])
    above = next((other for other in reversed(lines[:number]) if other.strip()), "")
    if match := re.match(r"\s*(?:- +)*([^\s:'\"][^:'\"]*:)(\S.*)", line):
        return Trouble(number + 1, f"no space stands behind '{match[1]}'.", f"Write '{match[1]} {match[2].strip()}'.")
    if re.match(r"\s*- ", above) and not re.match(r"\s*- ", line) and _depth(above) == _depth(line):
        return Trouble(number + 1, f"'{said}' has no dash.", f"Write '- {said}', or indent it below the line above.")
    if re.match(r"\s*-\S", line):
        return Trouble(number + 1, f"no space stands behind the dash of '{said}'.", f"Write '- {said[1:]}'.")
    what = f"'{re.sub('^(- +)+', '', said)}' has no colon behind its key."
    return Trouble(number + 1, what, "Write the colon, or indent the line if it belongs to the text above.")


def _colon_inside(lines: list[str], number: int) -> Trouble:
    match = _KEY.match(lines[number])
    text = match["rest"].strip() if match else ""
    if match and (": " in text or text.endswith(":")):
        what = f"the text '{_shown(text)}' has a colon in it and no quotes."
        if text[-1] in "'\"":
            what = f"the text '{_shown(text)}' has a quote at its end and none at its beginning."
        return Trouble(number + 1, what, f"Put {text[-1] if text[-1] in QUOTES else QUOTES[0]} before and behind it.")
    return _misplaced(lines, number)


QUOTES = ("'", '"')


def _misplaced(lines: list[str], number: int) -> Trouble:
    """A line that begins at a column at which nothing of its part begins."""
    at = next((place for place in range(number - 1, -1, -1) if lines[place].strip()), number)
    own, above = _depth(lines[number]), _depth(lines[at])
    what = f"the line begins with {_spaces(own)}, and nothing that it could belong to does."
    return Trouble(number + 1, what, f"Begin it below what it belongs to; the line above begins with {_spaces(above)}.")


def _moved(lines: list[str], number: int, wanted: int) -> Trouble:
    """A line that was moved to the left or to the right of those that it stands among."""
    what = f"the line begins with {_spaces(_depth(lines[number]))}, and those that it stands among with {wanted}."
    return Trouble(number + 1, what, f"Begin it with {_spaces(wanted)}.")


def _spaces(count: int) -> str:
    return "no space" if not count else "one space" if count == 1 else f"{count} spaces"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shown(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 60 else f"{text[:57]}..."


def _line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
