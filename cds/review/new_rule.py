"""``cds new rule``: a rule file to be filled in, which does not pass ``cds check`` before it is.

Its place among the rules that decide and findings that are not there yet are written too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from cds.errors import CdsError, Problem, close, nearest
from cds.review.new_rule_text import NewRule, stub_of, text_of
from cds.rulebook.lines import part_line
from cds.rulebook.model import RuleBook
from cds.rulebook.yaml_text import page_of

Texts: TypeAlias = "dict[Path, str]"
"""What files are to hold."""


def write_new_rule(book: RuleBook, folder: Path, told: NewRule, today: date) -> list[str]:
    """Write the file of a new rule and its place in others; what was done, a line each.

    Raises:
        CdsError: the id has not the form of one, the rule is there already, a name is not, or a file could not be
            read with what is to be written; nothing was written.

    """
    new = _on_one_line(told)
    _check(book, folder, new)
    place, unknown = folder / new.chapter, _new_findings(book, new)
    path = place / f"{'-'.join(filter(None, (new.rule.lower(), _slug(new.title))))}.yaml"
    if path.exists():
        raise CdsError(f"{path} is there already.")
    texts: Texts = {path: text_of(book, new, today, unknown)}
    done = [f"{path}: fill in every TODO, then run 'cds check'."]
    done += _begin_findings(place / "findings.yaml", unknown, texts)
    done += _put_in_order(book, folder / "precedence.yaml", new, texts)
    _check_readable(texts, {path: new.conditions, place / "findings.yaml": tuple(unknown)})
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    return done


def _on_one_line(told: NewRule) -> NewRule:
    """The same without line breaks, which come into a text when a command is pasted; they would break its files."""
    folded: dict[str, Any] = {
        key: _folded(said) if isinstance(said, str) else tuple(map(_folded, said))
        for key, said in told._asdict().items()
    }
    return told._replace(**folded)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _check_readable(texts: Texts, named: Mapping[Path, tuple[str, ...]]) -> None:
    """Refuse to write what could not be read, or is read otherwise than it was said."""
    for path, text in texts.items():
        problems: list[Problem] = []
        page = page_of(text.encode(), path.name, problems)
        if page is None or problems:
            raise CdsError(f"nothing was written: {path.name} could not be read with it. {min(problems)}")
        data: Any = page.data
        held = [data.get("findings"), data.get("when", {}).get("all")]
        missing = [name for name in named.get(path, ()) if not any(name in part for part in held if part)]
        if missing:
            raise CdsError(f"nothing was written: '{missing[0]}' would be read otherwise. Write it in other words.")


def _check(book: RuleBook, folder: Path, new: NewRule) -> None:
    if not re.fullmatch(r"[A-Z]+-\d\d", new.rule):
        raise CdsError(f"'{new.rule}' is no rule id. Write it like {next(iter(book.rules))}.")
    if new.rule in book.rules:
        raise CdsError(f"{new.rule} is there already: {book.rules[new.rule].spot.file}.")
    if not (folder / new.chapter / "findings.yaml").is_file():
        chapters = sorted(path.parent.name for path in folder.glob("*/findings.yaml"))
        raise CdsError(f"there is no chapter '{new.chapter}'. The chapters are: {', '.join(chapters)}.")
    tiers = [tier.name for tier in book.tiers]
    if new.tier and new.tier not in tiers:
        raise CdsError(f"there is no tier '{new.tier}'. The tiers are: {', '.join(tiers)}.")
    codes = tuple(text.partition(",")[0] for text in new.advice)
    _check_known(codes, book.advice, "advice code")
    _check_known(new.sources, book.sources, "evidence source")


def _check_known(names: Iterable[str], known: Iterable[str], noun: str) -> None:
    for name in names:
        if name not in known:
            raise CdsError(f"'{name}' is no {noun}. {nearest(name, known)}")


def _new_findings(book: RuleBook, new: NewRule) -> list[str]:
    """The findings that are not there yet; one that may be a misspelling is refused unless it was said to be new."""
    begun = list(dict.fromkeys(part_line(text).finding for text in new.new_findings))
    if there := [name for name in begun if name in book.findings]:
        raise CdsError(f"'{there[0]}' is there already. Name it with --when.")
    named = dict.fromkeys(part_line(text).finding for text in new.when)
    unknown = [name for name in named if name not in book.findings and name not in begun]
    for name in unknown:
        if meant := close(name, book.findings):
            todo = f"To begin a new finding, name it with --new-finding '{name}' instead of --when."
            raise CdsError(f"'{name}' is no finding. {meant} {todo}")
    return [*unknown, *begun]


def _begin_findings(path: Path, names: list[str], texts: Texts) -> list[str]:
    """Begin the findings that are not there yet; a line for each."""
    if names:
        texts[path] = path.read_text("utf-8") + "".join(map(stub_of, names))
    return [f"{path}: a finding was begun below, say there what it is: '{name}'." for name in names]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _put_in_order(book: RuleBook, path: Path, new: NewRule, texts: Texts) -> list[str]:
    """Put a rule that decides behind the others of its tier; a line that says so, or none where it only speaks."""
    tier = next((tier for tier in book.tiers if tier.name == new.tier), None)
    if tier is None or not tier.outcome:
        return []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    heading = re.compile(rf"\s*- tier: ['\"]?{re.escape(tier.name)}['\"]?\s*$")
    begin = next(number for number, line in enumerate(lines) if heading.match(line))
    last = begin
    for number in range(begin + 1, len(lines)):
        if re.match(r"\s*- tier:|\S", lines[number]):
            break
        last = number if re.match(r"\s+- [A-Z]+-\d\d", lines[number]) else last
    if last == begin:
        return [f"{path}: put {new.rule} in its place among the rules of '{tier.name}'."]
    lines.insert(last + 1, re.sub(r"[A-Z]+-\d\d.*", new.rule, lines[last].rstrip("\n")) + "\n")
    texts[path] = "".join(lines)
    move = "move it up where it has to decide before others"
    return [f"{path}:{last + 2}: {new.rule} stands last in '{tier.name}'; {move}."]
