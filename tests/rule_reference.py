"""Writes docs/rule-reference.md from the code that reads rule files: ``python tests/rule_reference.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from documents import DOCS

from cds.rulebook.files import KINDS
from cds.rulebook.json_schema import OF_OVERLAYS
from cds.rulebook.model.outcome import Role
from cds.rulebook.shape import shape_of

PAGE = DOCS / "rule-reference.md"
ROLES = {
    "stop now": "what is asked for is needed today",
    "pause": "a vote for it says something only where it becomes the outcome",
    "no answer": "needed data are missing, and asked for; also given while a rule that counts is switched off; "
    "every rulebook has it",
    "go on": "nobody looks further",
    "outside the scope": "no advice, and no data are asked for; neither stricter nor more permissive than another",
}
TITLE = """\
# The words of rule files

What each of them means in a rule, and how rules are changed, is said in
[how to read, check and change a rule](rules.md); how a finding, a condition or a value is written, in
[the forms of rule files](forms.md). This page lists the keys of each kind of file. It is made from the code that reads
rule files (`python tests/rule_reference.py`); a test fails while it says something else.
"""


def roles() -> Iterator[str]:
    """What an outcome may mean to the engine."""
    yield "## Roles of outcomes\n\n`means` of an outcome in `precedence.yaml`; each is that of one outcome at most.\n"
    yield "| means | what follows |\n|---|---|"
    for role in get_args(Role):
        yield f"| `{role}` | {ROLES[role]} |"


def keys() -> Iterator[str]:
    """The keys of each kind of file."""
    yield "## Keys\n\nThe keys of each kind of file; `cds schema DIR` writes the JSON Schemas for editors.\n"
    for kind, shape in (KINDS | OF_OVERLAYS).items():
        schema = shape_of(shape).model_json_schema(by_alias=True)
        yield f"### {kind}\n\n{schema.get('description', '').partition(chr(10))[0]}\n"
        yield "| keys of | needed | may be given |\n|---|---|---|"
        yield from _rows("the file", schema)
        for name, part in schema.get("$defs", {}).items():
            yield from _rows(part.get("description", name).partition("\n")[0].rstrip("."), part)
        yield ""


def _rows(of: str, schema: dict[str, Any]) -> Iterator[str]:
    needed, known = schema.get("required", []), schema.get("properties", {})
    if known:
        free = [key for key in known if key not in needed]
        yield f"| {of} | {_listed(needed)} | {_listed(free)} |"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def page() -> str:
    """The whole page."""
    parts = ("\n".join(chapter()).rstrip() for chapter in (roles, keys))
    return TITLE + "".join(f"\n{part}\n" for part in parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
