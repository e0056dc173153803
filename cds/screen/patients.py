"""One patient in a terminal: the evaluation, its why-trees, and what would change the outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from cds.cards.card import cards_of
from cds.cards.frames import data_of, rules_in
from cds.cards.references import with_references
from cds.cards.wording import harmless, issue_text, plain, spoken
from cds.evaluation import Evaluation
from cds.intake.account import Entry, account_of
from cds.jsontypes import Json
from cds.result import meaning_of
from cds.rulebook.model import Sense, Wording
from cds.screen.lines import INDICATOR_COLOURS, Line, as_wide_as_it_takes, shown

if TYPE_CHECKING:  # who evaluates a patient need not load what supposes other values
    from cds.review.what_if import Gap, Turn, WhatIf

STANDINGS = {
    "used": "used",
    "aboutSomethingElse": "about something else",
    "notUnderstood": "not understood",
    "refused": "refused",
}
"""What became of resources (``cds.intake.account``), in words."""
MOST_ENTRIES = 8
"""How many resources that were not understood are named; the others are counted."""
STATE_COLOURS = {"present": "green", "absent": "dim", "unknown": "yellow"}
_MARKS = re.compile(r"\\([\\`*_{}\[\]()#!|~>])")


def evaluation_text(evaluation: Evaluation, file: str) -> str:
    """Everything that is said of the patient in a file: for this terminal, or plain and not wrapped."""
    return shown(_evaluation_lines(evaluation, file))


def card_text(card: Json) -> str:
    """One card, for this terminal, or plain; it may come from another service, and lack anything but its summary."""
    return shown(_card_lines(card))


def _evaluation_lines(evaluation: Evaluation, file: str) -> Iterator[Line]:
    chart, decision = evaluation.chart, evaluation.decision
    yield Line(Text(f"{plain(file)}  {harmless(chart.record.patient)}  as of {chart.as_of}", style="bold"))
    said = f" ({meaning_of(evaluation)}) Decided by {decision.decided_by}."
    yield Line(Text.assemble("Outcome: ", (decision.outcome, "bold"), said))
    cards = cards_of(evaluation)
    for card in cards:
        yield from _card_lines(card)
    yield from _sources_lines(cards, evaluation.book.wording)
    for rule, by in decision.overruled:
        entries = [item.entry for item in decision.silenced if item.rule == rule and item.what == "card"]
        yield Line(Text(f"Not shown: {rule}, silenced by {by} ({', '.join(entries)})", style="dim"))
    for issue in chart.record.issues:
        yield Line(Text(f"Data: {harmless(issue.source)}: {issue_text(issue)} [{issue.code}]", style="dim"))
    account = account_of(chart.record, evaluation.book)
    yield Line(Text(account_text(account.resources), style="dim"))
    if account.not_understood:
        yield Line(Text(f"Not understood: {entries_text(account.not_understood)}.", style="dim"))
    yield Line(Text())


def _sources_lines(cards: Iterable[Json], wording: Wording) -> Iterator[Line]:
    """The sources of all rules that speak, which the deciding card carries as data."""
    for named in filter(None, (data_of(card).get("sources") for card in cards)):
        told = wording.filled("{}.", wording.phrase(", ").join(named))
        yield Line(Text(f"{wording.phrase('Sources of this answer:')} {told}", style="dim"))


def account_text(counts: dict[str, int]) -> str:
    """How many resources were sent, and what became of them."""
    told = ", ".join(f"{number} {STANDINGS[standing]}" for standing, number in counts.items())
    return f"Sent: {sum(counts.values())} resources; {told}."


def entries_text(entries: list[Entry], most: int = MOST_ENTRIES) -> str:
    """The resources of some entries with their own words, the first few, and how many more there are."""
    told = [f"{harmless(entry.source)}{_words_of(entry)}" for entry in entries[:most]]
    more = len(entries) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def _words_of(entry: Entry) -> str:
    return f" ({harmless(entry.words[0])})" if entry.words else ""


def _card_lines(card: Json) -> Iterator[Line]:
    yield Line(Text())
    yield title_line(card)
    yield Line(Text(without_marks(with_references(card))), 4)
    for suggestion in card.get("suggestions") or ():
        yield Line(Text(f"> {plain(str(suggestion.get('label')))}"), 4)


def title_line(card: Json) -> Line:
    """Indicator, title and rules of a card."""
    indicator = str(card.get("indicator"))
    head = (f"[{plain(indicator)}] ", INDICATOR_COLOURS.get(indicator, "dim")), (plain(card["summary"]), "bold")
    return Line(Text.assemble(*head, f"  {plain(about_of(card))}"))


def without_marks(markdown: str) -> str:
    """Markdown of a card as text in lines."""
    text = _MARKS.sub(r"\1", markdown.replace("**", "").replace("### ", ""))
    return plain(text.replace("&lt;", "<").replace("&amp;", "&"), "\n")


def about_of(card: Json) -> str:
    """The rules behind one of our cards; of another card its topic, else its source."""
    rules = [part["rule"] for part in rules_in(card) if "rule" in part]
    source = card.get("source") or {}
    return ", ".join(rules) or str((source.get("topic") or {}).get("code") or source.get("label") or "")


def explanation_text(explained: Json) -> str:
    """What ``cds.explanation.explanation_of`` returns, for this terminal: the outcome, and the tree of each rule."""
    screen = as_wide_as_it_takes()
    with screen.capture() as text:
        screen.print(Text(f"Outcome: {explained['outcome']}, decided by {explained['decidedBy']}.", style="bold"))
        for rule in explained["why"]:
            screen.print(_tree(rule))
    return text.get()


def _tree(rule: Json) -> Tree:
    branch = Tree(Text.assemble((f"{rule['rule']} ", "bold"), rule["title"], ": ", (rule["verdict"], "bold")))
    for line in _consequences(rule):
        branch.add(Text(line))
    _grow(branch.add(Text(f"when {rule['how']} of:")), rule["parts"])
    for vote in rule["votes"]:
        _grow(branch.add(Text(f"decides in the tier '{vote['tier']}' if:")), [vote])
    return branch


def _consequences(rule: Json) -> Iterator[str]:
    if rule["advice"]:
        yield f"says {', '.join(rule['advice'])}"
    if rule["silences"]:
        yield f"silenced the cards of {', '.join(rule['silences'])}"
    for item in rule["silenced"]:
        if item["what"] != "card":
            yield f"its {item['what']} was silenced by {item['by']} ({item['because']})"


def _grow(branch: Tree, nodes: list[Json]) -> None:
    for node in nodes:
        state = node["countsAs"]
        label = Text.assemble((state, STATE_COLOURS[state]), f"  {Sense(node['sense']).of(node['finding'])}")
        if node["sense"] != Sense.IS:
            label.append(f"; '{node['finding']}' is {node['state']}", "dim")
        if "how" in node:
            label.append(f"  {node['how']} of:", "dim")
        else:
            label.append(spoken(_grounds(node)))
        _grow(branch.add(label), node.get("parts", []))


def _grounds(node: Json) -> str:
    """The sentence of a finding, and the facts and resources that it read."""
    read = [*map(_fact, node["facts"]), *node["sources"]]
    sentence = "" if node["sentence"] == f"{node['finding']} is on record" else f": {node['sentence']}"
    return sentence + (f"  [{'; '.join(read)}]" if read else "")


def _fact(fact: Json) -> str:
    if "sources" in fact:
        about = [fact.get("date", ""), fact.get("note", ""), *fact["sources"]]
        return f"{fact['term']}: {fact['text']} ({', '.join(filter(None, about))})".replace(" ()", "")
    old = fact.get("tooOld")
    return f"{fact['term']}: none" + (f", too old: {old['text']} of {old['date']}" if old else "")


def what_if_text(found: WhatIf) -> str:
    """The answer now, what would change it, and what would settle it."""
    head = f"Outcome: {found.outcome}, decided by {found.decided_by}."
    how = "One thing at a time; each line was confirmed by evaluating the changed patient."
    return "".join(f"{line}\n" for line in (head, how, *_turns(found), *_gaps(found)))


def _turns(found: WhatIf) -> Iterator[str]:
    yield "What would change the outcome:" if found.turns else "No single change of one input changes the outcome."
    for turn in found.turns:
        if turn.value is not None:
            yield f"  {turn.sentence(found.outcome)}  [now {turn.now}]"
    switched: dict[tuple[str, str, str], list[Turn]] = {}
    for turn in found.turns:
        if turn.value is None:
            switched.setdefault((turn.change, turn.outcome, turn.decided_by), []).append(turn)
    for (change, outcome, rule), turns in switched.items():
        one = "one of these " if len(turns) > 1 else ""
        names = "; ".join(turn.input + (" (now unclear)" if turn.now == "unknown" else "") for turn in turns)
        yield f"  {one}{change}: {outcome}, not {found.outcome} ({rule}): {names}"


def _gaps(found: WhatIf) -> Iterator[str]:
    title = "What is not known and would matter, the most useful first:"
    yield title if found.gaps else "Nothing that is missing would matter."
    alike: dict[Gap, list[str]] = {}
    for gap in found.gaps:
        alike.setdefault(gap._replace(input=""), []).append(gap.input)
    for gap, names in alike.items():
        yield f"  {' or '.join(names)} ({gap.now}){_settles(gap)}"
        yield from (f"    {values}: {outcome} ({rule})" for values, outcome, rule in gap.stretches)
    partners: dict[str, list[str]] = {}
    for one, other in found.pairs:
        partners.setdefault(one, []).append(other)
    for one, others in partners.items():
        yield f"  {one} together with {' or '.join(others)}: at usual values of both an answer can be given."


def _settles(gap: Gap) -> str:
    said = ["the outcome"] * gap.settles_outcome + list(gap.settles)
    return f": settles {', '.join(said)}" if said else ""
