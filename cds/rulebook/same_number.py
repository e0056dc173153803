"""Rules of one number: which of several files keeps it, so that the others are said first and change nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cds.errors import Problem
from cds.rulebook.names import id_in_name
from cds.rulebook.yaml_text import Page


def same_numbers(ids: Mapping[str, str], pages: Mapping[str, Page]) -> Iterator[Problem]:
    """A problem for each file whose rule has the number of another file; ``ids`` are the numbers by the files.

    The file whose name has the number keeps it, else the first: an overlay's files stand behind those of the base.
    """
    holders: dict[str, str] = {}
    for file, rule in sorted(ids.items(), key=lambda item: id_in_name(item[0]) != item[1]):
        holder = holders.setdefault(rule, file)
        if holder != file:
            yield _taken(rule, pages[file], pages[holder])


def _taken(rule: str, page: Page, holder: Page) -> Problem:
    what = f"'{rule}' is defined twice: it is also the rule of {holder.name}:{holder.line(('rule',))}."
    own = id_in_name(page.name)
    said = f"Write 'rule: {own}' here, as the file is named" if own not in ("", rule) else "Give this one a free number"
    return page.problem(("rule",), what, f"{said}, or take one of the two files out.", "duplicate-name")
