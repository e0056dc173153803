"""``cds new rule``: a rule file to be filled in, which does not pass ``cds check`` before it is.

Its place among the rules that decide and findings that are not there yet are written too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cds.errors import CdsError, close, nearest
from cds.review.new_rule_text import STUB, NewRule, text_of
from cds.rulebook.lines import part_line
from cds.rulebook.model import RuleBook


def write_new_rule(book: RuleBook, folder: Path, new: NewRule, today: date) -> list[str]:
    """Write the file of a new rule and its place in others; what was done, a line each.

    Raises:
        CdsError: the id has not the form of one, the rule is there already, or a name is not; nothing was written.

    """
    _check(book, folder, new)
    place, unknown = folder / new.chapter, _new_findings(book, new)
    path = place / f"{'-'.join(filter(None, (new.rule.lower(), _slug(new.title))))}.yaml"
    if path.exists():
        raise CdsError(f"{path} is there already.")
    path.write_text(text_of(book, new, today, unknown), encoding="utf-8")
    done = [f"{path}: fill in every TODO, then run 'cds check'."]
    if unknown:
        with (place / "findings.yaml").open("a", encoding="utf-8") as file:
            file.writelines(STUB.format(name=name) for name in unknown)
        said = f"{place / 'findings.yaml'}: a finding was begun below"
        done += [f"{said}, say there what it is: '{name}'. {close(name, book.findings)}".strip() for name in unknown]
    return done + _in_order(book, folder / "precedence.yaml", new)


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
    named = dict.fromkeys(part_line(text).finding for text in new.when)
    return [name for name in named if name not in book.findings]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _in_order(book: RuleBook, path: Path, new: NewRule) -> list[str]:
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
    path.write_text("".join(lines), "utf-8")
    move = "move it up where it has to decide before others"
    return [f"{path}:{last + 2}: {new.rule} stands last in '{tier.name}'; {move}."]
