"""The audit book: everything has its place, every link leads somewhere, every number is on its ladder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from cds.audit.addresses import advice_link, chapter_page, finding_link, rule_page, sample_page, source_link, term_link
from cds.audit.audit_data import AuditData, Since, history_of
from cds.audit.examples import score_of, surviving, survivors_file
from cds.audit.history import histories
from cds.audit.ladders import Drawing, drawings_of
from cds.audit.patients import Population, counted, samples_of
from cds.audit.site import Site
from cds.bookshelf import open_rulebook, samples_folder
from cds.cli import app
from cds.evaluation import Evaluator
from cds.forms.registry import parse_sentence
from cds.one_file import evaluate_file
from cds.proof.report import Proof
from cds.review.difference import difference
from cds.review.mutation import mutants
from cds.review.people import people_in, people_of_cases
from cds.review.signing import signature_of
from cds.rulebook.model import Frozen, RuleBook

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "fhir_samples"
DAY = date(2026, 11, 22)
OVERDUE = date(2027, 11, 23)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> ![x](http://planted.example/p.png) [y](javascript:alert(3))"
)
SCRIPT = '<script src="book.js" defer></script>'
VOID = {"meta", "link", "br", "img", "hr", "input"}
SVG_TEXT = re.compile(r'<text [^>]*class="tick"[^>]*>([^<]*)</text>')


class Outline(HTMLParser):
    """What a page holds: its places, links, headings, tags; ``faults`` are tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.places: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags[tag] += 1
        self.attributes |= given.keys()
        self.places += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" and "href" in given else []
        self.headings += [int(tag[1])] if re.fullmatch(r"h[1-6]", tag) else []
        if len(given) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")


@pytest.fixture(scope="module")
def audit(book: RuleBook) -> AuditData:
    """The audit of a book with history, samples, a population of samples, and one planted survivor."""
    people = count(book, SAMPLES / "*" / "bundle.json")
    alive = frozenset({planted_survivor(book)})
    return AuditData(book, DAY, history_of(ROOT / "rules", (), book), samples_of(book, SAMPLES), people, alive)


def count(book: RuleBook, *places: Path) -> Population:
    return counted(book, people_in(map(str, places), DAY), DAY)


def planted_survivor(book: RuleBook) -> str:
    return next(mutant.what for mutant in mutants(book) if mutant.rule == "CA-01" and mutant.what not in book.accepted)


@pytest.fixture(scope="module")
def pages(audit: AuditData) -> dict[str, str]:
    """Every page of the book by the name of its file."""
    return {page.name: page.html for page in Site(audit).pages()}


@pytest.fixture(scope="module")
def outlines(pages: dict[str, str]) -> dict[str, Outline]:
    return {name: Outline(text) for name, text in pages.items()}


def leads_somewhere(link: str, outlines: dict[str, Outline]) -> bool:
    name, _, place = link.partition("#")
    return name in outlines and (not place or place in outlines[name].places)


def test_every_rule_finding_term_source_code_and_patient_has_its_place(
    book: RuleBook, audit: AuditData, outlines: dict[str, Outline]
) -> None:
    links = [rule_page(rule) for rule in book.rules]
    links += [finding_link(book, name) for name in book.findings]
    links += [term_link(book, name) for name in book.terms]
    links += [source_link(name) for name in book.sources]
    links += [advice_link(code) for code in (*book.advice, *book.never)]
    links += [f"claims.html#claim-{number}" for number in range(1, len(book.claims) + 1)]
    links += [chapter_page(name) for name in audit.chapters] + [sample_page(sample.name) for sample in audit.samples]
    assert [link for link in links if not leads_somewhere(link, outlines)] == []


def test_every_internal_link_leads_somewhere(pages: dict[str, str], outlines: dict[str, Outline]) -> None:
    lost = [
        (name, link)
        for name, outline in outlines.items()
        for link in outline.links
        if not link.startswith(("http://", "https://"))
        and not leads_somewhere(link if link[:1] != "#" else name + link, outlines)
    ]
    assert lost == []
    assert sum(len(outline.links) for outline in outlines.values()) > 5000


def test_every_page_is_well_formed_and_each_place_is_named_once(outlines: dict[str, Outline]) -> None:
    assert {name: outline.faults[:3] for name, outline in outlines.items() if outline.faults} == {}
    twice = {name: [p for p, n in Counter(outline.places).items() if n > 1] for name, outline in outlines.items()}
    assert {name: places for name, places in twice.items() if places} == {}


def test_headings_are_in_order_and_the_skip_link_comes_first(
    pages: dict[str, str], outlines: dict[str, Outline]
) -> None:
    for name, outline in outlines.items():
        assert outline.headings[0] == 1, name
        assert outline.headings.count(1) == 1, name
        jumps = [(a, b) for a, b in zip(outline.headings, outline.headings[1:], strict=False) if b > a + 1]
        assert jumps == [], name
        assert outline.links[0] == "#main", name
        assert "main" in outline.places, name
        assert '<html lang="en">' in pages[name], name
        assert outline.tags["title"] >= 1, name


def test_no_page_can_ask_anything_of_a_network(pages: dict[str, str], outlines: dict[str, Outline]) -> None:
    for name, outline in outlines.items():
        assert "default-src 'none'; script-src 'self' file:; " in pages[name], name
        assert outline.tags.keys().isdisjoint({"img", "iframe", "object", "embed", "form", "audio", "video"}), name
        # One script, of the book itself: the search and the switch of units; it may connect to nothing.
        assert re.findall(r"<script.*?</script>", pages[name], re.DOTALL) == [SCRIPT], name
        assert outline.attributes.isdisjoint({"srcset", "style"}), name
        assert not [a for a in outline.attributes if a.startswith("on")], name
        assert "url(" not in pages[name], name
        assert "@import" not in pages[name], name


def test_every_threshold_stands_on_the_ladder_of_its_chapter(
    book: RuleBook, audit: AuditData, pages: dict[str, str]
) -> None:
    looked_at = 0
    for finding in (finding for items in audit.chapter_findings.values() for finding in items):
        drawn = SVG_TEXT.findall(pages[chapter_page(finding.chapter)])
        own = [item.bound.number for item, _ in finding.definition.thresholds if not item.bound.term]
        own += [days] if (days := getattr(finding.definition, "days", None)) is not None else []
        for number in own:
            assert f"{number:g}" in drawn, (finding.name, number)
            looked_at += 1
    assert looked_at > 90


def test_limits_that_differ_between_patients_are_drawn_with_their_usual_number(pages: dict[str, str]) -> None:
    drawn = SVG_TEXT.findall(pages[chapter_page("Serum calcium")])
    assert {"10.5", "8.4", "1.32", "1.12", "10.2", "1.29"} <= set(drawn)
    assert {"1.87", "3", "2.62"} <= set(drawn), "the other system of units"


def test_a_bar_is_where_the_evaluator_finds_the_finding(book: RuleBook, audit: AuditData) -> None:
    compared = 0
    for drawing in all_drawings(audit):
        for line in drawing.steps:
            middle = (line.step.part.low + line.step.part.high) / 2
            for item in drawing.scale.stretches:
                if item.sure == item.may and not item.note:
                    inside = (item.sure.low < middle < item.sure.high) or (
                        (middle == item.sure.low and not item.sure.low_open)
                        or (middle == item.sure.high and not item.sure.high_open)
                    )
                    assert inside is (item.finding in line.step.findings), (item.finding, middle)
                    compared += 1
    assert compared > 150


def all_drawings(audit: AuditData) -> tuple[Drawing, ...]:
    return drawings_of(audit.evaluator, [f for items in audit.chapter_findings.values() for f in items])


def test_the_steps_of_a_ladder_are_decided_by_evaluation_on_both_scales_of_calcium(audit: AuditData) -> None:
    tables = {drawing.scale.title: drawing.steps for drawing in all_drawings(audit)}
    total = {line.text: (line.other, line.step.outcome, line.step.decided_by) for line in tables["calcium to use"]}
    assert total["above 10.5 to below 12 mg/dL"] == ("above 2.62 to below 3 mmol/L", "hold", "CA-01")
    assert total["12 mg/dL or more"] == ("3 mmol/L or more", "stop", "CA-02")
    ionised = {line.text: (line.step.outcome, line.step.decided_by) for line in tables["calcium to use, ionised"]}
    assert ionised["1 to below 1.05 mmol/L"] == ionised["1.05 to below 1.12 mmol/L"] == ("continue", "GUARD-01")
    assert ionised["above 1.32 to 1.5 mmol/L"] == ("hold", "CA-01")


def test_a_planted_gap_and_a_planted_overlap_are_seen_on_the_ladder(book: RuleBook) -> None:
    name = "25-OH vitamin D from 20 to below 30"
    assert vitamin_d_steps(book)["20 to below 30 ng/mL"] == (name,)
    gap = with_sentence(book, name, 25.0)
    assert vitamin_d_steps(gap)["20 to below 25 ng/mL"] == ()
    overlap = with_sentence(book, name, 15.0)
    assert len(vitamin_d_steps(overlap)["15 to below 20 ng/mL"]) == 3


def with_sentence(book: RuleBook, name: str, low: float) -> RuleBook:
    finding = book.findings[name]
    text = finding.text.replace("at least 20", f"at least {low:g}")
    definition = parse_sentence(text)
    assert definition not in (None, finding.definition)
    changed = finding._replace(definition=definition, text=text)
    return replace(book, findings=Frozen({**book.findings, name: changed}))


def vitamin_d_steps(book: RuleBook) -> dict[str, tuple[str, ...]]:
    findings = [f for f in book.findings.values() if f.chapter == "Vitamin D"]
    drawing = next(d for d in drawings_of(Evaluator(book), findings) if d.scale.title == "25-OH vitamin D")
    return {line.text: line.step.findings for line in drawing.steps}


def test_why_number_and_people_of_each_rule_are_at_most_three_clicks_from_the_first_page(
    book: RuleBook, outlines: dict[str, Outline]
) -> None:
    far = {"index.html": 0}
    todo = deque(far)
    while todo:
        name = todo.popleft()
        for target in {link.partition("#")[0] for link in outlines[name].links} & outlines.keys():
            if target not in far:
                far[target] = far[name] + 1
                todo.append(target)
    assert far.keys() == outlines.keys()
    for rule in book.rules:
        assert far[rule_page(rule)] <= 1
        assert {"why", "numbers", "who"} <= set(outlines[rule_page(rule)].places)


def test_a_rule_page_holds_everything_that_a_reviewer_asks_for(
    book: RuleBook, audit: AuditData, pages: dict[str, str]
) -> None:
    page = plain(pages[rule_page("CA-01")])
    rule = book.rules["CA-01"]
    wanted = [
        rule.says,
        rule.because,
        rule.owner,
        rule.version,
        rule.review_by,
    ]
    wanted += [book.sources[name].citation for name in rule.evidence]
    wanted += [f"Grade as printed: {grade}" for _, grade in rule.grade]
    wanted += [text for item in rule.attributes.items() for text in item]
    wanted += [text.summary for text in rule.card.texts]
    wanted += [book.never[code].says for code in rule.never if code in book.never]
    wanted += [book.advice[saying.code].says for saying in rule.advice]
    wanted += [
        "10.5 mg/dL (2.62 mmol/L)",
        "at least 12 mg/dL (3 mmol/L)",
        "calcium to use: 10.6 mg/dL",
        "High calcium (it decides)",
    ]
    wanted += [f"{len(rule.cases)} cases, none failing", planted_survivor(book), "pregnant or breastfeeding"]
    assert [text for text in wanted if " ".join(text.split()) not in page] == []
    assert len(rule.attributes) == 13


def plain(html: str) -> str:
    body = re.sub(r"<br>|</t[dh]>|</h[1-6]>", " ", html.partition("<main")[2])
    return " ".join(unescape(re.sub(r"<[^>]+>", "", f"<main{body}")).split())


def test_every_text_of_every_card_is_shown(book: RuleBook, pages: dict[str, str]) -> None:
    for rule in book.rules.values():
        page = plain(pages[rule_page(rule.id)])
        assert [text.summary for text in rule.card.texts if text.summary not in page] == [], rule.id
        assert [item.what for item in rule.other_numbers if item.what not in page] == [], rule.id


def test_an_overdue_review_stands_in_a_banner_and_only_then(audit: AuditData, pages: dict[str, str]) -> None:
    assert not [name for name, text in pages.items() if 'class="banner"' in text]
    late = Site(replace(audit, day=OVERDUE))
    rule = audit.book.rules["CA-01"]
    assert rule.review_by < OVERDUE.isoformat()
    assert f"was due on {rule.review_by}" in late.rule(rule).html
    assert "reviews are overdue" in late.index().html


def test_the_same_input_gives_the_same_bytes(book: RuleBook, audit: AuditData, pages: dict[str, str]) -> None:
    again = AuditData(
        book, DAY, history_of(ROOT / "rules", (), book), samples_of(book, SAMPLES), audit.population, audit.alive
    )
    assert {page.name: page.html for page in Site(again).pages()} == pages


def test_hostile_text_in_a_record_is_text(book: RuleBook, tmp_path: Path) -> None:
    place = tmp_path / "hostile"
    shutil.copytree(SAMPLES / "high-calcium", place)
    bundle = json.loads((place / "bundle.json").read_text(encoding="utf-8"))
    for entry in bundle["entry"]:
        resource = entry["resource"]
        resource["id"] = HOSTILE if resource["resourceType"] != "Patient" else resource["id"]
        if "medicationCodeableConcept" in resource:
            resource["medicationCodeableConcept"]["text"] = HOSTILE
    (place / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    (place / "story.md").write_text(f"# {HOSTILE}\n\n{HOSTILE}\n", encoding="utf-8")
    unread = tmp_path / "<img src=x onerror=alert(4)>.json"
    unread.write_text("no json", encoding="utf-8")
    people = count(book, place / "bundle.json", unread)
    site = Site(AuditData(book, DAY, {}, samples_of(book, tmp_path), people))
    written = {page.name: page.html for page in site.about_people()} | {"index.html": site.index().html}
    assert people.patients == 1
    assert len(people.unread) == 1
    assert "alert(1)" in written["patient-hostile.html"]
    assert "[not-json]" in written["patients.html"]
    assert "alert(4)" not in written["patients.html"], "a file may be named like its patient"
    for name, text in written.items():
        outline = Outline(text)
        assert outline.faults == [], name
        assert re.findall(r"<script.*?</script>", text, re.DOTALL) == [SCRIPT], name
        assert "img" not in outline.tags, name
        assert "onerror" not in outline.attributes, name
        assert not [link for link in outline.links if link.startswith("javascript")], name


def test_a_population_is_counted_and_leaves_no_data_of_patients(
    book: RuleBook, audit: AuditData, tmp_path: Path
) -> None:
    bundle = (SAMPLES / "high-calcium" / "bundle.json").read_text(encoding="utf-8")
    name = json.loads(bundle)["entry"][0]["resource"]["id"]
    private = tmp_path / "bundle.json"
    private.write_text(bundle.replace(name, "private-name-77"), encoding="utf-8")
    people = count(book, private)
    evaluation = evaluate_file(private, book, DAY)
    assert people.outcomes == {evaluation.outcome: 1}
    assert set(people.fired) == evaluation.inferred.fired
    assert people.median == people.high == people.cards[0] > 0
    pages = Site(replace(audit, population=people)).pages()
    assert not [page.name for page in pages if "private-name-77" in page.html]


def test_percentiles_are_those_of_the_nearest_rank(audit: AuditData) -> None:
    assert audit.population is not None
    people = audit.population._replace(cards=tuple(range(1, 101)))
    assert (people.median, people.high) == (50.5, 95)
    assert people._replace(cards=(7,)).high == 7
    assert people._replace(cards=()).high == 0


def test_rules_of_a_population_that_fire_decide_and_are_silenced_are_counted_for_each_rule(audit: AuditData) -> None:
    people = audit.population
    assert people is not None
    assert people.patients == len(audit.samples)
    for sample in audit.samples:
        assert sample.evaluation.outcome in people.outcomes
    assert people.fired["CA-01"] == sum("CA-01" in sample.fired for sample in audit.samples) > 0
    assert sum(people.decided.values()) == sum(people.outcomes.values()) == people.patients


def test_the_history_follows_a_file_that_was_renamed(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        named = ["-c", "user.name=A Reviewer", "-c", "user.email=a@reviewer.example"]
        subprocess.run(["git", "-C", str(tmp_path), *named, *words], check=True, capture_output=True)

    (tmp_path / "old.yaml").write_text("rule: CA-01\nsays: something long enough to be followed\n", encoding="utf-8")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "The first <b>version</b>")
    git("mv", "old.yaml", "new.yaml")
    git("commit", "--quiet", "--message", "Another name")
    found = histories(tmp_path, ["new.yaml"])["new.yaml"]
    assert [commit.subject for commit in found.commits] == ["Another name", "The first <b>version</b>"]
    assert found.commits[0].author == "A Reviewer"
    assert not found.unsaved
    (tmp_path / "new.yaml").write_text("rule: CA-02\n", encoding="utf-8")
    assert histories(tmp_path, ["new.yaml"])["new.yaml"].unsaved


def test_outside_a_checkout_the_book_says_that_there_is_no_history(audit: AuditData, tmp_path: Path) -> None:
    assert histories(tmp_path, ["a.yaml"]) == {}
    page = Site(replace(audit, histories={})).rule(audit.book.rules["CA-01"]).html
    assert "No history: the rule files do not stand in a git checkout." in page


def test_what_was_not_run_is_said_to_be_not_run(audit: AuditData, pages: dict[str, str]) -> None:
    page = plain(Site(replace(audit, alive=None, population=None)).rule(audit.book.rules["CA-01"]).html)
    assert "Would a small change be noticed? Not run." in page
    assert "No population was given to this book." in page
    assert "Proofs Not run for this content of the rules." in page


def test_survivors_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    small = open_rulebook(ROOT / "tests" / "good_rules")
    steps: list[int] = []
    first = surviving(small, lambda done, total: steps.append(total))
    assert steps
    steps.clear()
    assert surviving(small, lambda done, total: steps.append(total)) == first
    assert steps == []
    for kept in (tmp_path / "calcium-cds").glob("*.survivors.json"):
        kept.write_text("{damaged", encoding="utf-8")
    assert surviving(small) == first


def test_the_score_of_a_rule_counts_the_changes_to_it_and_to_what_it_reads(book: RuleBook) -> None:
    tried = mutants(book)
    score = score_of(book, book.rules["CA-01"], frozenset({planted_survivor(book)}), tried)
    own = [mutant for mutant in tried if mutant.rule == "CA-01"]
    assert score.tried > len(own)
    assert score.survived == (planted_survivor(book),)
    assert score.percent == pytest.approx(100 * (1 - 1 / score.tried))


def test_a_signature_is_filled_in_and_void_when_a_number_changed(book: RuleBook, audit: AuditData) -> None:
    signature = signature_of(book, "VD-03", "Dr <Example>", "endocrinologist", DAY)
    signed = replace(book, signatures=(signature,))
    page = sign_off(replace(audit, book=signed))
    assert "Dr <Example>, endocrinologist" in page
    assert "void" not in page.partition("VD-03")[2].partition("VD-04")[0]
    changed = with_sentence(signed, "25-OH vitamin D from 20 to below 30", 21.0)
    assert "void: the rule changed since" in sign_off(replace(audit, book=changed))
    rule = plain(Site(replace(audit, book=changed)).rule(changed.rules["VD-03"]).html)
    assert "the signature of Dr <Example> is void" in rule


def sign_off(audit: AuditData) -> str:
    return next(plain(page.html) for page in Site(audit).about_words() if page.name == "sign-off.html")


def test_what_changed_since_another_version_has_a_page(book: RuleBook, audit: AuditData) -> None:
    old = with_sentence(book, "25-OH vitamin D from 20 to below 30", 21.0)
    since = Since("last month", difference(old, book, people_of_cases(old, book)), invented=True)
    site = Site(replace(audit, since=since))
    page = site.changes(since).html
    assert Outline(page).faults == []
    assert "25-OH vitamin D from 20 to below 30" in plain(page)
    assert "at least 21" in plain(page)
    assert 'href="changes.html"' in site.index().html


def test_colours_can_be_read() -> None:
    style = (ROOT / "cds" / "audit" / "templates" / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", style))
    roles = ["stop-now", "pause", "no-answer", "other", "go-on", "outside-the-scope", "inform", "accent"]
    assert [name for name in roles if contrast(colours[name], "#ffffff") < 4.5] == []
    papers = ["#ffffff", colours["wash"], "#fdf0f0", "#eef5fa", "#fff6d9", "#fcfdfe"]
    inks = [colours[name] for name in ("ink", "soft", "link", "stop-now")] + ["#175c31"]
    assert [(ink, paper) for ink in inks for paper in papers if contrast(ink, paper) < 4.5] == []


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_whole_book_on_one_page_leads_inside_itself(book: RuleBook, outlines: dict[str, Outline]) -> None:
    whole = outlines["whole.html"]
    assert {rule_page(rule).removesuffix(".html") for rule in book.rules} <= set(whole.places)
    outside = {link.partition("#")[0] for link in whole.links if link[:1] != "#" and "://" not in link}
    assert not [name for name in outside if name.startswith(("rule-", "chapter-", "patient-"))]


def test_proofs_stand_with_the_rules_that_they_speak_of_and_a_failure_shows_its_patient(audit: AuditData) -> None:
    seen = {"asOf": "2026-01-01", "outcome": "hold", "decidedBy": "CA-01", "fired": [], "advice": []}
    witness = {"resourceType": "Bundle", "id": HOSTILE}
    proofs = (
        Proof("one-outcome", True, "Exactly one is taken.", (), None, 0.1),
        Proof("reachable", None, "CA-01 may be dead.", ("CA-01",), None, 0.1),
        Proof("safe-kidneys", False, "A lower value loosens.", ("CA-01",), witness, 0.1, seen),
    )
    site = Site(replace(audit, proofs=proofs))
    page = next(page.html for page in site.about_words() if page.name == "proofs.html")
    outline = Outline(page)
    assert outline.faults == []
    assert outline.tags["script"] == 1
    assert "img" not in outline.tags
    words = plain(page)
    assert "one-outcome holds Exactly one is taken." in words
    assert "As of 2026-01-01: hold decided by CA-01" in words
    assert "calcium is treatment getting worse, a lost result any of (before: GUARD-01 decides; " in words
    assert "alert(1)" in words
    rule = plain(site.rule(audit.book.rules["CA-01"]).html)
    assert "safe-kidneys: does not hold. A lower value loosens." in rule
    assert "reachable: not settled. CA-01 may be dead." in rule
    assert "No proof speaks of this rule" in site.rule(audit.book.rules["CA-02"]).html
    assert "1 of 3 proofs hold" in plain(site.index().html)


def test_an_overlay_stands_beside_its_base_and_does_not_make_cases_fail(audit: AuditData) -> None:
    local = open_rulebook(ROOT / "rules", ROOT / "tests" / "hospital")
    assert local.overlay is not None
    base = local.overlay.base
    adapted = Since("base", difference(base, local, people_of_cases(base, local)), invented=True)
    site = Site(replace(audit, book=local, adapted=adapted, histories={}, alive=None))
    page = site.overlay(adapted, local.overlay).html
    assert Outline(page).faults == []
    words = plain(page)
    assert "25-OH vitamin D is below 12 ng/mL" in words
    assert "25-OH vitamin D is below 10 ng/mL" in words
    assert "accepted by the pharmacy committee" in words
    ticks = SVG_TEXT.findall(page)
    assert "12" in ticks
    assert "10" in ticks
    assert 'href="overlay.html"' in site.index().html
    overridden = site.rule(local.rules["VD-01"]).html
    assert "overridden by the overlay" in overridden
    assert '<span class="bad">fails' not in overridden
    assert "In shadow." in site.rule(local.rules["CA-05"]).html
    assert "Switched off." in site.rule(local.rules["LIFE-01"]).html


def test_a_rule_that_is_switched_off_without_an_accepted_risk_is_told_in_the_book(book: RuleBook) -> None:
    switched = replace(book, off=frozenset({"CA-01"}))
    site = Site(AuditData(switched, DAY, {}, samples_of(switched, SAMPLES)))
    written = {page.name: plain(page.html) for page in site.about_people()}
    assert "Outcome: insufficient-data decided by switched-off" in written["patient-high-calcium.html"]
    assert "No advice on calcium: CA-01" in written["patient-high-calcium.html"]
    rule = plain(site.rule(switched.rules["CA-01"]).html)
    assert "Where it would have decided or held something back, no answer is given." in rule
    left_out = replace(switched, left_out=switched.off)
    site = Site(AuditData(left_out, DAY, {}, ()))
    assert "Answers are given without it." in plain(site.rule(left_out.rules["CA-01"]).html)


@pytest.fixture
def quick(book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache in which the small changes of the rulebook are known, so that the command is quick."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = survivors_file(book)
    kept.parent.mkdir(parents=True)
    kept.write_text("[]", encoding="utf-8")
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["audit", "--as-of", "2026-11-22", "--rules", str(ROOT / "rules"), *words])
    return result.exit_code, result.output


def test_the_command_writes_the_book_and_replaces_an_older_one_whole(quick: Path) -> None:
    out = quick / "book"
    status, said = run("--out", str(out), "--population", str(SAMPLES / "high-calcium" / "bundle.json"))
    assert status == 0, said
    assert "pages. Open" in said
    names = (out / "pages.txt").read_text(encoding="utf-8").split()
    assert {path.name for path in out.iterdir()} == {*names, "pages.txt"}
    with (out / "pages.txt").open("a", encoding="utf-8") as listed:
        listed.write("rule-old-01.html\n../kept.html\n")
    (out / "rule-old-01.html").write_text("old", encoding="utf-8")
    (quick / "kept.html").write_text("kept", encoding="utf-8")
    assert run("--out", str(out))[0] == 0
    assert not (out / "rule-old-01.html").exists()
    assert (quick / "kept.html").exists()


def test_a_folder_that_holds_something_else_is_left_alone(quick: Path) -> None:
    (quick / "mine.txt").write_text("mine", encoding="utf-8")
    status, said = run("--out", str(quick))
    assert status == 2
    assert "holds no audit book" in said
    assert not (quick / "index.html").exists()


def test_population_files_that_cannot_be_read_are_said_and_the_others_counted(quick: Path) -> None:
    people = quick / "people"
    people.mkdir()
    shutil.copy(SAMPLES / "high-calcium" / "bundle.json", people / "one.json")
    (people / "two.json").write_text("{", encoding="utf-8")
    status, said = run("--out", str(quick / "book"), "--population", str(people))
    assert status == 1
    assert "two.json: This is not JSON" in said
    page = (quick / "book" / "patients.html").read_text(encoding="utf-8")
    assert "The file is not JSON. [not-json]" in page
    assert "two.json" not in page
    (quick / "none").mkdir()
    assert run("--out", str(quick / "other"), "--population", str(quick / "none"))[0] == 2


def test_the_samples_are_found_beside_the_package() -> None:
    assert samples_folder() == SAMPLES


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@contextmanager
def listening_proxy() -> Iterator[tuple[int, list[str]]]:
    """A port of the loopback address that writes down the first line of every request, and answers none."""
    asked: list[str] = []

    class Listener(BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.request.recv(4096).decode("latin-1").partition("\r\n")[0])

    with ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join()


BROWSERS_OWN = re.compile(
    r"https?://[a-z0-9.-]*\.(google|googleapis|gvt1)\.com\b|[a-z0-9.-]+\.(google|googleapis|gvt1)\.com:443"
)
"""What the browser asks of its maker whatever page is open."""


def opened_in(chromium: str, page: Path, profile: Path) -> tuple[str, list[str], list[str]]:
    """The page after it was opened, what was asked of the network for it, and the errors of its console."""
    with listening_proxy() as (port, asked):
        switches = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
        switches += " --disable-sync --no-first-run --enable-logging=stderr --dump-dom --proxy-bypass-list=<-loopback>"
        command = [chromium, *switches.split(), f"--user-data-dir={profile}", f"--proxy-server=http://127.0.0.1:{port}"]
        done = subprocess.run([*command, page.as_uri()], capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    asked_for_page = [line for line in asked if not BROWSERS_OWN.search(line)]
    return done.stdout, asked_for_page, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


MAIN_PAGES = ("index.html", "numbers.html", "chapter-kidney.html", "rule-ca-01.html", "patients.html", "whole.html")


@pytest.mark.parametrize("name", MAIN_PAGES)
def test_a_page_opens_in_chromium_without_an_error_or_a_request(
    chromium: str, audit: AuditData, pages: dict[str, str], tmp_path: Path, name: str
) -> None:
    page = tmp_path / name
    page.write_text(pages[name], encoding="utf-8")
    for asset in Site(audit).assets():
        (tmp_path / asset.name).write_text(asset.html, encoding="utf-8")
    seen, asked, errors = opened_in(chromium, page, tmp_path / "profile")
    assert asked == []
    assert errors == []
    assert "</footer>" in seen
    assert 'role="search" hidden' not in seen, "the script of the book ran"


def test_a_request_and_an_error_of_a_page_would_be_seen(chromium: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://planted.example/x.png"><script>nothing()</script></footer>', encoding="utf-8")
    _, asked, errors = opened_in(chromium, page, tmp_path / "profile")
    assert any("planted.example" in line for line in asked)
    assert any("nothing is not defined" in line for line in errors)
