"""Conditions that a text says wherever their words stand in it: a whole name, or two words near each other.

A clause that denies it does not say it, one that doubts it makes it a question. What was done stays done: ``history
of`` takes back a disease, never an operation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cds.intake.conditions.contexts import Context
from cds.intake.elements import plain, texts
from cds.intake.terminology.denials import BEHIND, CLAUSE_END, DENIED, DOUBTED, HISTORY, NOT_YET
from cds.intake.terminology.word_patterns import any_of, names_of_others, words_pattern
from cds.rulebook.model import Condition, WordsNear


class Anywhere(NamedTuple):
    """A condition that words anywhere in a text say: the words, what is another thing, whether it was an operation."""

    term: str
    words: re.Pattern[str]
    others: re.Pattern[str]
    operations: re.Pattern[str]


def anywhere_of(conditions: Iterable[Condition]) -> tuple[Anywhere, ...]:
    """The conditions that words anywhere say, in the order of the rule files."""
    return tuple(_anywhere(term) for term in conditions if term.anywhere or term.anywhere_names or term.near)


def _anywhere(term: Condition) -> Anywhere:
    names = (*term.anywhere_names, *(term.names if term.anywhere else ()))
    patterns = [words_pattern(names).pattern, *map(_near, term.near)]
    words = re.compile("|".join(patterns), re.IGNORECASE)
    return Anywhere(term.name, words, names_of_others(term.other_procedures), words_pattern(term.procedures))


def _near(line: WordsNear) -> str:
    """A pattern that finds one of the words near one of the others, in either order."""
    between = rf"(?:[\s,()]+[\w'/-]+){{0,{line.words}}}[\s,()]+"
    one, other = (rf"(?<![\w-])(?:{any_of(words)})(?![\w-])" for words in (line.one, line.other))
    return f"{one}{between}{other}|{other}{between}{one}"


def said_anywhere(concept: Any, listed: Iterable[Anywhere]) -> dict[str, Context]:
    """The conditions that the texts of a concept say somewhere, each as a fact or as a question."""
    clauses = [clause for text in texts(concept) for clause in CLAUSE_END.split(plain(text))]
    found: dict[str, Context] = {}
    for each in listed:
        contexts = [context for clause in clauses for context in _contexts(clause, each)]
        if contexts:
            found[each.term] = Context.STATED if Context.STATED in contexts else Context.POSSIBLE
    return found


def _contexts(clause: str, each: Anywhere) -> Iterator[Context]:
    for match in each.words.finditer(clause):
        before, behind = clause[: match.end()], clause[match.end() :]
        is_past = HISTORY.search(before) and not each.operations.search(match[0])
        if is_past or DENIED.search(before) or BEHIND.match(behind) or each.others.search(clause):
            continue
        if not NOT_YET.search(clause):
            yield Context.POSSIBLE if DOUBTED.search(clause) else Context.STATED
