"""Writes docs/forms.md from the forms that the code reads: ``python tests/forms_page.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents import DOCS

from cds.review.phrasebook import Chapter, phrasebook

PAGE = DOCS / "forms.md"
TITLE = """\
# The forms of rule files

Every form in which something is said in rule files, with an example of each. `cds forms` prints the same, and beside
each sentence one of your own rules; `cds forms WORD` only those in which a word stands. Words in capitals are places
for names: of a term, a finding, an advice code, a source. How rules are changed is said in
[how to read, check and change a rule](rules.md), which keys a file has in [the words of rule files](rule-reference.md).

This page is made from the code that reads rule files (`python tests/forms_page.py`); a test fails while it says
something else, and another one loads every example.
"""


def chapter_lines(chapter: Chapter) -> Iterator[str]:
    """A chapter as Markdown: a table, or blocks where examples have several lines."""
    yield f"## {chapter.title}\n\n{as_code(chapter.where)}\n"
    if any("\n" in phrase.example for phrase in chapter.phrases):
        for phrase in chapter.phrases:
            yield f"```yaml\n{phrase.example}\n```\n\n{as_code(phrase.says)}\n"
    else:
        yield "| written | what it says |\n|---|---|"
        yield from (f"| `{phrase.example}` | {as_code(phrase.says)} |" for phrase in chapter.phrases)


def as_code(text: str) -> str:
    """What stands between quotation marks as code."""
    return re.sub(r"'([^']+)'", r"`\1`", text)


def page() -> str:
    """The whole page."""
    parts = ("\n".join(chapter_lines(chapter)).rstrip() for chapter in phrasebook())
    return TITLE + "".join(f"\n{part}\n" for part in parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
