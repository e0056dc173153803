"""Every form in which something is said in rule files is in the phrasebook, and every example in it is read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import reduce
from io import StringIO
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import forms_page
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from cds.commands.forms import forms_command
from cds.facts.formulas import FORMULAS
from cds.forms.nothing import NoneRecorded
from cds.forms.registry import FORMS, SENTENCES, parse_sentence
from cds.review.phrasebook import CASE_VALUES, EXPECTED, OTHER_NUMBERS, OVERLAY, STATE_VALUES, phrasebook
from cds.review.phrases_of_lines import CLAUSES, LINES, Phrase
from cds.review.phrases_of_terms import ENTRIES
from cds.rulebook import lines
from cds.rulebook.declared import Field, Line, fields_of, is_declared
from cds.rulebook.files import KINDS
from cds.rulebook.json_schema import OF_OVERLAYS
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import ASKED, AnyTerm, Case, Clause, RuleBook, product
from cds.rulebook.model.placeholder import WAYS
from cds.rulebook.model.rule import CASE_WORDS
from cds.rulebook.overlaying import read_overlaid

GOOD = Path(__file__).parent / "good_rules"
MORE_TERMS = """\
OTHER CONDITION: {kind: condition, says: Another one., codes: [SNOMED 90560007]}
OTHER DOSE: {kind: dose, says: The same., nutrient: NUTRIENT, unit: mg/d, plausible: 0 to 10000, step: 10}
OTHER VALUE: {kind: computed, says: Another one., formula: newest of, from: [RESULT], unit: mg/dL}
sex: {kind: demographic, says: As recorded., element: gender}
lower: {kind: computed, says: The lower., formula: lower reference limit, from: [RESULT], unit: mg/dL,
        numbers: {default: 8.4, plausible from: 8, plausible to: 9}, evidence: [EXPERT]}
upper: {kind: computed, says: The upper., formula: upper reference limit, from: [RESULT], unit: mg/dL,
        numbers: {default: 10.5, plausible from: 10, plausible to: 11}, evidence: [EXPERT]}
"""
RULE = """\
rule: AB-01
title: Every form
says: Every form of a rule at once.
tier: {tiers}
version: 1.0.0
status: draft
owner: tests
authored: 2026-01-01
review by: 2027-01-01
when:
  any: {senses}
if unknown: ask
because: A test.
advice: {advice}
card:
  indicator: [{indicators}]
  summary: '{placeholders}'
  fallback: Nothing is known.
  detail: '{placeholders}'
  variants: [{variants}]
evidence: [EXPERT]
grade: {{EXPERT: n.r.}}
other numbers: {numbers}
cases: {cases}
"""
OWN = {"NUTRIENT": "calcium", "SCALE": "ionised", "OUTCOME": "hold", "TIER": "hold", "ADVICE": "order-pth",
       "SOURCE": "EXPERT", "OTHER FINDING": "a second one", "FINDING": "a first one", "TERM": "RESULT"}  # fmt: skip
"""Names of the small rulebook, for the capitals that no example defines."""


def in_own_words(text: str) -> str:
    for word, name in OWN.items():
        text = text.replace(word, name)
    return text


def block(text: str) -> str:
    """The same YAML without inline lists and mappings, which rule files do not have."""
    said = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style, writer.width = False, 1000
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump(YAML(typ="safe", pure=True).load(text), said)
    return said.getvalue()


def listed(texts: list[str]) -> str:
    return "[" + ", ".join(f'"{in_own_words(text)}"' for text in texts) + "]"


def examples(phrases: tuple[Phrase, ...]) -> list[str]:
    return [phrase.example for phrase in phrases]


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in in_own_words(text).splitlines())


def terms() -> str:
    """Each kind of term, and terms in which each line form of a term stands."""
    more = f"""\
by windows: {{kind: computed, says: w., formula: the same while usable, from: [RESULT], unit: mg/dL,
             usable for: {listed(examples(LINES[lines.window_line]))}}}
by rows: {{kind: computed, says: t., formula: table of age and sex, from: {{age: age, sex: sex}}, unit: mg/dL,
          evidence: [EXPERT], table: {listed(examples(LINES[lines.row_line]))},
          instead: {listed(examples(LINES[lines.instead_line]))}}}
by words: {{kind: condition, says: w., codes: {listed(examples(LINES[lines.code_line]))},
           words near each other: {listed(examples(LINES[lines.words_near_line]))}, forgotten after: 90 days}}
"""
    for number, choose in enumerate(examples(LINES[lines.choice_line])):
        more += f"""\
choice {number}: {{kind: measurement, says: c., codes: [LOINC 2160-0], unit: mg/dL, plausible: 4 to 20, usual: 9,
  step: 0.1, choose: "{choose}", conflict above: 15 %, also accepted: {listed(examples(LINES[lines.unit_line]))}}}
"""
    return "terms:\n" + indented("\n".join([*ENTRIES.values(), MORE_TERMS, more]))


def findings() -> Iterator[str]:
    for name, sentence in (("a first one", "RESULT is known"), ("a second one", "VALUE is known")):
        yield f"  {name}: {{when: {sentence}}}\n"
    for number, phrase in enumerate(chapter("Sentences")):
        yield f'  sentence {number}: {{when: "{in_own_words(phrase.example)}", evidence: [EXPERT]}}\n'
    for number, phrase in enumerate(chapter("A finding")[1:4]):
        yield f"  list {number}:\n" + indented(indented(phrase.example)).rstrip(" ")


def chapter(title: str) -> tuple[Phrase, ...]:
    return next(chapter.phrases for chapter in phrasebook() if chapter.title == title)


def cases() -> str:
    given = [*((text, "RESULT") for text in examples(CASE_VALUES)), *((text, "MEDICINE") for text in ("yes", "no"))]
    given += [("unknown", "a first one"), ("female", "sex")]
    assert {text for text, _ in given} == {*examples(CASE_VALUES), *examples(STATE_VALUES)}
    said = [f'{{case: "the text {text}", given: {{{name}: "{text}"}}, expect: fires}}' for text, name in given]
    said += [f"{{case: e {word}, expect: {in_own_words(word)}}}" for word in examples(EXPECTED)]
    return f"[{', '.join(said)}]"


def rule() -> str:
    """One rule in which each form of a rule stands."""
    joined = [*examples(LINES[lines.joined_clauses]), *examples(CLAUSES)]
    return RULE.format(
        tiers=listed(examples(LINES[lines.vote_line])),
        senses=listed(["FINDING", *examples(chapter("Words before a finding"))]),
        advice=listed(examples(LINES[lines.saying_line])),
        indicators=", ".join(f'"{in_own_words(text)}"' for text in reversed(examples(LINES[lines.indicator_line]))),
        placeholders=in_own_words(" ".join(examples(chapter("Placeholders")))),
        variants=", ".join(f'{{when: "{in_own_words(text)}", summary: Another one.}}' for text in joined),
        numbers="{" + ", ".join(in_own_words(text) for text in examples(OTHER_NUMBERS)) + "}",
        cases=cases(),
    )


@pytest.fixture
def loaded(tmp_path: Path) -> RuleBook:
    """The rulebook of all examples, read by the loader: without a problem."""
    rules = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    without_age = re.sub(r"  age:\n(    .*\n)+", "", (rules / "terms" / "terms.yaml").read_text("utf-8"))
    (rules / "terms" / "terms.yaml").write_text(without_age, "utf-8")
    (rules / "terms" / "examples.yaml").write_text(block(terms()), "utf-8")
    (rules / "forms").mkdir()
    found = f"chapter: F\nowner: tests\nfindings:\n{''.join(findings())}"
    (rules / "forms" / "findings.yaml").write_text(block(found), "utf-8")
    (rules / "forms" / "ab-01.yaml").write_text(block(rule()), "utf-8")
    order = (rules / "precedence.yaml").read_text("utf-8").replace("      - CA-01\n", "      - CA-01\n      - AB-01\n")
    (rules / "precedence.yaml").write_text(order, "utf-8")
    return read_rulebook(rules, FORMULAS)


def test_every_example_is_loaded_and_means_what_its_form_says(loaded: RuleBook) -> None:
    sentences = [loaded.findings[name].definition for name in loaded.findings if name.startswith("sentence ")]
    assert {type(sentence) for sentence in sentences} == set(SENTENCES)
    assert {type(term) for term in loaded.terms.values()} == set(get_args(AnyTerm))
    own = loaded.rules["AB-01"]
    assert {part.sense for part in own.when.parts} >= {*ASKED}
    assert [item.code for item in own.advice] == ["order-pth"] * len(LINES[lines.saying_line])
    assert len(own.card.variants) == len(LINES[lines.joined_clauses]) + len(CLAUSES)
    assert len(own.cases) == len(CASE_VALUES) + len(STATE_VALUES) + len(EXPECTED)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_has_an_example_and_a_line_of_its_own_that_says_what_it_says(form: Any) -> None:
    if form is not NoneRecorded:
        assert {type(parse_sentence(text)) for text in form.more_examples} <= {form}
        assert type(parse_sentence(form.example)) is form
    assert form.__doc__
    assert form.__doc__ != form.__mro__[1].__doc__
    assert len(form.__doc__.strip().splitlines()[0]) > 20


def lines_read(declared: Any, seen: set[Any]) -> Iterator[Any]:
    """The functions that read texts of one line in a declared class and in what it holds."""
    if declared in seen:
        return
    seen.add(declared)
    for field in fields_of(declared):
        yield from (mark.read for mark in field.marks if isinstance(mark, Line))
        for kind in inner(field):
            if is_declared(kind):
                yield from lines_read(kind, seen)


def inner(field: Field) -> Iterator[Any]:
    """The types in a type, also behind marks."""
    todo = [field.type]
    while todo:
        kind = todo.pop()
        yield kind
        todo += get_args(kind)


def reading_functions() -> set[Any]:
    """Those of all kinds of files, and those of the texts that a file's own functions read line by line."""
    seen: set[Any] = set()
    alone = {line.read for line in (product.NUMBER_LINE, product.UNIT_LINE)}
    return alone | {read for kind in (KINDS | OF_OVERLAYS).values() for read in lines_read(kind, seen)}


def test_every_text_of_one_line_has_its_forms_and_each_example_is_read() -> None:
    assert reading_functions() == LINES.keys()
    for read, phrases in LINES.items():
        assert [phrase.example for phrase in phrases if read(phrase.example) is None] == []
        assert all(phrase.says for phrase in phrases)


def test_the_files_of_an_overlay_are_read_as_their_examples_say(tmp_path: Path) -> None:
    (tmp_path / "calcium").mkdir()
    names = ("overlay.yaml", "calcium/findings.yaml", "texts.yaml", "cases.yaml")
    own = {"RULE": "CA-01", "FINDING": "adult", "SENTENCE": "age is at least 17 a",
           "SOURCE": "IOM2011", "OLD WORDS": "High calcium", "NEW WORDS": "Calcium is high"}  # fmt: skip
    for name, phrase in zip(names, OVERLAY, strict=True):
        text = reduce(lambda said, word: said.replace(word, own[word]), own, phrase.example)
        head = "chapter: Calcium\nowner: tests\n" if name.endswith("findings.yaml") else ""
        tail = "\n      given: {calcium to use: 10.5 mg/dL}\n      expect: fires" if name == "cases.yaml" else ""
        (tmp_path / name).write_text(block(f"{head}{text}{tail}\n"), "utf-8")
    made = read_overlaid(GOOD, [tmp_path], FORMULAS)
    assert made.findings["adult"].text == own["SENTENCE"]
    assert made.rules["CA-01"].cases[-1].name == "NAME"


def test_every_kind_of_condition_on_the_answer_has_a_form() -> None:
    kinds = get_args(get_type_hints(Clause)["kind"])
    assert get_type_hints(Clause)["kind"] == Literal[kinds]
    assert {lines.clause_line(phrase.example).kind for phrase in CLAUSES} == set(kinds)


def test_every_way_of_a_placeholder_and_every_word_that_a_case_expects_has_a_form() -> None:
    assert len(chapter("Placeholders")) == len(WAYS)
    assert {phrase.example for phrase in EXPECTED} == {"OUTCOME", *CASE_WORDS}
    assert "expect" in Case._fields


def test_every_chapter_says_where_its_forms_stand_and_names_each_once() -> None:
    for found in phrasebook():
        assert found.phrases, found.title
        assert found.where.endswith("."), found.title
        assert len({phrase.example for phrase in found.phrases}) == len(found.phrases), found.title


def test_the_page_of_the_forms_is_up_to_date() -> None:
    written = forms_page.PAGE.read_text(encoding="utf-8")
    assert written == forms_page.page(), "run: python tests/forms_page.py"


def test_the_command_prints_every_form_and_beside_a_sentence_one_of_the_rules() -> None:
    printed = CliRunner().invoke(forms_command, ["--rules", "rules"]).stdout
    texts = [phrase.example for found in phrasebook() for phrase in found.phrases]
    assert [text for text in texts if text.splitlines()[0] not in printed] == []
    assert "Here: denosumab was given within 84 days  (bone/findings.yaml:" in printed


def test_the_forms_are_printed_without_examples_while_the_rules_have_a_problem(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    findings = rules / "calcium" / "findings.yaml"
    findings.write_text(findings.read_text("utf-8").replace("calcium to use", "calcium to usee"), "utf-8")
    done = CliRunner().invoke(forms_command, ["above", "--rules", str(rules)])
    assert done.exit_code == 0
    assert "VALUE is above" in done.stdout
    assert "Here:" not in done.stdout
    assert done.stderr == "Without examples of these rules, which have a problem: 'cds check' names it.\n"


def test_the_tiers_of_the_rules_stand_beside_what_a_rule_decides() -> None:
    printed = CliRunner().invoke(forms_command, ["tier", "--rules", str(GOOD)]).stdout
    assert "Here: hold (hold) > continue (continue) > inform (only a card)" in printed
    assert "in one without an outcome it only gives a card" in " ".join(printed.split())


def test_a_word_chooses_forms_and_one_that_none_has_is_wrong_use() -> None:
    chosen = CliRunner().invoke(forms_command, ["happened", "--rules", "rules"]).stdout
    assert "CONDITION happened within 365 days" in chosen
    assert "RESULT is missing" not in chosen
    done = CliRunner().invoke(forms_command, ["elephant", "--rules", "rules"])
    assert (done.exit_code, done.stderr) == (2, "Error: no form has 'elephant'. 'cds forms' prints all of them.\n")
