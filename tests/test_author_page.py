"""rules/README.md says all that an author needs, in two pages, and what it names is there."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import date
from pathlib import Path

from checkout import ROOT
from click.testing import CliRunner

from cds.cli import COMMANDS, app
from cds.evaluation import Evaluator
from cds.facts.formulas import FORMULAS
from cds.review.cases import failure
from cds.review.check import remarks_and_cases
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import ASKED, RuleBook
from cds.rulebook.overlaying import read_overlaid

HOME = ROOT / "rules"
PAGE = (HOME / "README.md").read_text(encoding="utf-8")
TWO_PAGES = 120
FOR_AUTHORS = {"check", "claims", "diff", "evaluate", "explain", "forms", "new", "prove", "rule", "schema",
               "second-reading", "sign", "what-if", "audit"}  # fmt: skip


def test_it_fits_two_pages() -> None:
    lines = PAGE.splitlines()
    assert len(lines) <= TWO_PAGES
    assert max(map(len, lines)) <= 120
    assert len(PAGE.encode()) <= 9_500


def test_its_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)\s:#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (HOME / link).exists()] == []


def test_it_names_the_commands_of_authors_and_none_that_is_not_there() -> None:
    named = set(re.findall(r"\bcds ([a-z][a-z-]*)", PAGE))
    assert named - {"check"} <= COMMANDS.keys()
    assert named >= FOR_AUTHORS


def test_it_names_each_tier_with_its_outcome_every_word_before_a_finding_and_only_what_the_rules_define(
    book: RuleBook,
) -> None:
    told = re.findall(r"([a-z-]+): ([a-z -]+?)(?: >|$)", PAGE.split("```")[1], re.MULTILINE)
    assert told == [(tier.name, tier.outcome or "cards only") for tier in book.tiers]
    assert [str(word) for word in ASKED if f"`{word}`" not in PAGE] == []


def new_rule_of_the_page() -> str:
    """The command of the page that begins a rule, as it is copied from there."""
    blocks: list[str] = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
    return next(block for block in blocks if block.lstrip().startswith("cds new"))


def test_the_rule_that_it_begins_only_lacks_its_texts_and_its_cases_come_out_right(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(HOME, tmp_path / "rules"))
    _, *told = shlex.split(new_rule_of_the_page().replace("\\\n", ""))
    done = CliRunner().invoke(app, [*told, "--rules", str(rules), "--as-of", "2026-12-01"])
    assert done.exit_code == 0, done.output
    file = rules / "serum-calcium/ca-06-low-calcium-on-a-loop-diuretic.yaml"
    file.write_text(file.read_text("utf-8").replace("TODO", "to do"), "utf-8")
    made = read_rulebook(rules, FORMULAS)
    cases = made.rules["CA-06"].cases
    assert [case.expect for case in cases] == ["fires", "nothing", "nothing", "nothing", "ask"]
    assert [failure(Evaluator(made), "CA-06", case) for case in cases] == [None] * 5


def test_the_small_overlay_of_the_full_page_has_no_problem(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rule-files.md").read_text("utf-8")
    sample = page.partition("### A small overlay\n")[2].partition("\n### ")[0]
    blocks = re.findall(r"`([a-z/-]+\.yaml)`[^`]*(?:`[^`]+`[^`]*)*?\n```yaml\n(.*?)```", sample, re.DOTALL)
    assert [name for name, _ in blocks] == ["overlay.yaml", "co-nutrients/findings.yaml", "texts.yaml", "cases.yaml"]
    for name, text in blocks:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    problems, _ = remarks_and_cases(read_overlaid(HOME, [tmp_path], FORMULAS), date(2026, 12, 1))
    assert [str(problem) for problem in problems] == []
