"""What each error of the schema library says, in words for whoever wrote the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from pydantic_core import PydanticCustomError

from cds.errors import close, nearest
from cds.rulebook.declared import Text
from cds.rulebook.meant import respelled, respelled_day

Said = tuple[str, str, str]
"""What is wrong, what to do, and the code of the message."""
FORMS: dict[str, Text] = {}
"""The texts of a form that were declared, by their patterns."""
ON_ITS_OWN_LINE = "Write each item on a line of its own, after '- '."
INDENTED = 2
"""By so many spaces the keys below another one are indented."""
INSTEAD = {"or": ("any",), "and": ("all",), "findings": ("replaces", "adds")}
"""Keys that people write, and those that stand there in some files instead of them."""
MOST_KEYS = 4
"""So many keys are shown of what should stand below another one."""


def real(text: Text) -> Callable[[str], str]:
    """Refuses what has the form of a text and is none."""

    def check(written: str) -> str:
        if text.real and not text.real(written):
            raise PydanticCustomError("not_real", "not real", {"pattern": text.pattern or ""})
        return written

    return check


def in_words(detail: Any, keys: Collection[str], todo: str, keys_of: Callable[[str], list[str]] = lambda _: []) -> Said:
    """What an error of pydantic says: what is wrong, what to do (``todo`` for a wrong value), and the code."""
    kind, key = detail["type"], str(detail["loc"][-1]) if detail["loc"] else "file"
    if kind == "extra_forbidden":
        return (*_unknown_key(detail, key, keys), "unknown-key")
    if kind in ("missing", "union_tag_not_found"):
        missing = key if kind == "missing" else "kind"
        return f"'{missing}' is missing.", "Add it.", "missing-key"
    if kind == "string_too_short":
        return "nothing is said here.", "Write the text behind the colon; behind ' #' nothing counts.", "missing-key"
    if kind.startswith(("model_", "dict_")):
        return (*_keys_wanted(detail, keys_of), "wrong-value")
    said = _IN_WORDS.get(kind)
    what, do = said(detail) if said else ("this cannot be read.", "")
    return what, do or todo, "wrong-value"


def _unknown_key(detail: Any, key: str, keys: Collection[str]) -> tuple[str, str]:
    if "inside" in detail:
        *_, outer = detail["inside"]
        spaces = INDENTED * len([part for part in detail["inside"] if isinstance(part, str)])
        return f"'{key}' belongs below '{outer}'.", f"Begin it with {spaces} spaces."
    others = [detail["meant"]] if "meant" in detail else [other for other in keys if other != key]
    if instead := [other for other in INSTEAD.get(key, ()) if other in others]:
        return f"'{key}' has no meaning here.", f"Write {' or '.join(map(repr, instead))}."
    return f"'{key}' has no meaning here.", nearest(key, others)


def _keys_wanted(detail: Any, keys_of: Callable[[str], list[str]]) -> tuple[str, str]:
    written = detail["input"]
    known = keys_of(detail.get("ctx", {}).get("class_name", ""))
    named = f" ({', '.join(known[:MOST_KEYS])}{' and others' if len(known) > MOST_KEYS else ''})" if known else ""
    if not written:
        return (
            "nothing stands below it.",
            "Begin the lines that belong to it two spaces further to the right than itself.",
        )
    kind = "a list stands" if isinstance(written, list) else "a text stands"
    return f"{kind} here instead of keys.", f"Write its keys below it{named}, each with a colon."


def _text_wanted(detail: Any) -> tuple[str, str]:
    written = detail["input"]
    if isinstance(written, dict) and len(written) == 1 and isinstance(value := next(iter(written.values())), str):
        key = next(iter(written))
        what = f"the colon in '{key}: {value}' makes a key of what stands before it."
        return what, "Leave the colon out, or put the whole text between quotes."
    kind = "a list stands" if isinstance(written, list) else "keys stand"
    return f"{kind} here instead of a text.", "Write one text behind the colon."


def _list_wanted(detail: Any) -> tuple[str, str]:
    written = detail["input"]
    if isinstance(written, str) and re.match(r"-\S", written):
        return f"no space stands behind the dash of '{_shown(written)}'.", "Write '- ' before each item."
    if isinstance(written, str) and re.match(r"[\u2010-\u2015\u2212•*·]", written):
        return f"'{written[0]}' is no dash of a list.", "Write '- ' before each item (a hyphen and a space)."
    if isinstance(written, str) and written:
        return "a text stands here instead of a list.", ON_ITS_OWN_LINE
    return ("keys stand here instead of a list." if written else "nothing stands below it."), ON_ITS_OWN_LINE


def _number_wanted(detail: Any) -> tuple[str, str]:
    written = str(detail["input"])
    return respelled(written, _number) or (f"'{written}' is no number.", "Write it in digits, with a point: 0.5.")


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _one_of(detail: Any) -> tuple[str, str]:
    context = detail["ctx"]
    listed = re.findall(r"'([^']*)'", context.get("expected") or context.get("expected_tags") or "")
    return _none_of(str(context.get("tag") or detail["input"]), [word for word in listed if word])


def _none_of(written: str, words: list[str]) -> tuple[str, str]:
    return f"'{written}' is none of: {', '.join(words)}.", close(written, words) or "Write one of these."


def _of_a_form(detail: Any) -> tuple[str, str]:
    pattern, written = detail["ctx"]["pattern"], str(detail["input"])
    if several := _ALTERNATIVES.fullmatch(pattern):
        return _none_of(written, several[1].replace("[0-9]+", "N").split("|"))
    form = FORMS.get(pattern, Text())
    what = f"'{written}' is no {form.called or 'text of the form that is needed'}."
    if form.called == "day" and (day := respelled_day(written)):
        return what, f"Write {day}."
    return what, f"Write it like {form.like}." if form.like else ""


def _not_real(detail: Any) -> tuple[str, str]:
    form = FORMS.get(detail["ctx"]["pattern"], Text())
    if not form.like:
        return f"'{detail['input']}' is no sentence.", "Say it in words."
    return f"there is no {form.called} '{detail['input']}'.", f"Write one like {form.like}."


def _not_yes(detail: Any) -> tuple[str, str]:
    return f"'{detail['input']}' is neither yes nor no.", "Write yes or no."


def _too_few(_: Any) -> tuple[str, str]:
    return "the list is empty.", "Name at least one."


def _too_many(detail: Any) -> tuple[str, str]:
    most = detail["ctx"]["max_length"]
    return f"{detail['ctx']['actual_length']} stand here; {most} can.", f"Keep {most} at most."


def _too_long(detail: Any) -> tuple[str, str]:
    most = detail["ctx"]["max_length"]
    return f"the text has {len(detail['input'])} characters; it may have {most}.", "Shorten it."


def _too_small(detail: Any) -> tuple[str, str]:
    least = detail["ctx"]
    bound = f"above {least['gt']:g}" if "gt" in least else f"{least['ge']:g} or more"
    return f"{detail['input']} is too small: it has to be {bound}.", "Write a larger number."


def _too_large(detail: Any) -> tuple[str, str]:
    most = detail["ctx"]
    bound = f"below {most['lt']:g}" if "lt" in most else f"{most['le']:g} at most"
    return f"{detail['input']} is too large: it has to be {bound}.", "Write a smaller number."


def _whole_number_wanted(detail: Any) -> tuple[str, str]:
    return f"'{detail['input']}' is no whole number.", "Write it in digits: 5."


_IN_WORDS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "string_type": _text_wanted,
    "list_type": _list_wanted,
    "tuple_type": _list_wanted,
    "bool_parsing": _not_yes,
    "bool_type": _not_yes,
    "float_parsing": _number_wanted,
    "float_type": _number_wanted,
    "int_parsing": _whole_number_wanted,
    "int_type": _whole_number_wanted,
    "int_from_float": _whole_number_wanted,
    "finite_number": _number_wanted,
    "literal_error": _one_of,
    "union_tag_invalid": _one_of,
    "string_pattern_mismatch": _of_a_form,
    "not_real": _not_real,
    "too_short": _too_few,
    "too_long": _too_many,
    "string_too_long": _too_long,
    "greater_than": _too_small,
    "greater_than_equal": _too_small,
    "less_than": _too_large,
    "less_than_equal": _too_large,
}
"""What is said of each kind of error of the schema library."""
_ALTERNATIVES = re.compile(r"\^\(([^()]+\|[^()]+)\)\$")
"""A pattern that is a choice of words."""


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
