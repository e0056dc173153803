"""Why-trees in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cds.cards.wording import spoken
from cds.jsontypes import Json
from cds.rulebook.model import Sense

STATES = {"present": "green", "absent": "dim", "unknown": "yellow"}
console = Console(highlight=False, soft_wrap=False)


def explanation_text(explained: Json) -> str:
    """What ``cds.explanation.explanation_of`` returns, for this terminal: the outcome, and the tree of each rule."""
    with console.capture() as text:
        console.print(Text(f"Outcome: {explained['outcome']}, decided by {explained['decidedBy']}.", style="bold"))
        for rule in explained["why"]:
            console.print(_tree(rule))
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
        label = Text.assemble(
            (node["countsAs"], STATES[node["countsAs"]]), f"  {Sense(node['sense']).of(node['finding'])}"
        )
        if node["sense"] != Sense.IS:
            label.append(f"; '{node['finding']}' is {node['state']}", "dim")
        label.append(
            f"  {node['how']} of:" if "how" in node else spoken(_grounds(node)), "dim" if "how" in node else ""
        )
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
