"""The command that lists every form in which something is said in rule files: ``cds forms``."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from cds.commands.options import opened, rules_option, wrong_use
from cds.review.phrasebook import Chapter, about, phrasebook, with_own_words
from cds.review.phrases_of_lines import Phrase

WIDTH = 110


@click.command()
@click.argument("word", required=False)
@rules_option
def forms_command(word: str | None, rules: Path | None) -> None:
    """Print every form of term, finding, condition, advice and case value, with an example and what it says.

    WORD: only the forms in which it stands. Words in capitals are places for names. Where a sentence or a kind of term
    is used in these rules, an example of them stands below it; none while the rules have a problem.
    """
    chapters = phrasebook()
    found = about(word, chapters) if word else chapters
    if not found:
        wrong_use(f"no form has '{word}'. 'cds forms' prints all of them.")
    book = opened(rules, refuse=lambda _: _without_examples(found))
    click.echo("\n".join(_lines(with_own_words(found, book))))


def _without_examples(found: Iterable[Chapter]) -> None:
    """What is printed while the rules do not load: forms are looked up to mend them."""
    click.echo("\n".join(_lines(found)))
    click.echo("Without examples of these rules, which have a problem: 'cds check' names it.", err=True)
    sys.exit(0)


def _lines(chapters: Iterable[Chapter]) -> Iterator[str]:
    for number, chapter in enumerate(chapters):
        yield from ([""] if number else [])
        yield f"{chapter.title}: {chapter.where[0].lower()}{chapter.where[1:]}"
        for phrase in chapter.phrases:
            yield from _phrase(phrase)


def _phrase(phrase: Phrase) -> Iterator[str]:
    yield textwrap.indent(phrase.example, "  ")
    yield from _indented(phrase.says)
    if phrase.here:
        yield from _indented(f"Here: {phrase.here}")


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False)
