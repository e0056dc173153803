"""How the help of each command ends: what its exit statuses mean, and examples. One table, so that none is forgotten.

A new command gets a line here; ``tests/test_help.py`` looks at all of them, and whether the examples can be typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import click

WRONG_USE = "wrong use"
UNREADABLE = "wrong use, or rules that cannot be read"
DONE = "it is done"


class Ending(NamedTuple):
    """What the exit statuses mean (``one`` is empty where a command never ends with 1), and commands to copy."""

    examples: tuple[str, ...]
    one: str = ""
    zero: str = DONE
    two: str = UNREADABLE

    @property
    def text(self) -> str:
        """The end of the help, in which the lines of the examples stay as they are."""
        statuses = [f"0 {self.zero}", *([f"1 {self.one}"] if self.one else []), f"2 {self.two}"]
        examples = "\n".join(f"  {example}" for example in self.examples)
        return f"Exit status: {'; '.join(statuses)}.\n\n\b\nExample:\n{examples}"


_OF_A_GROUP = {"zero": "the command below it is done", "one": "as that command says", "two": WRONG_USE}
PATIENT = "fhir_samples/high-calcium/bundle.json"
ENDINGS: dict[str, Ending] = {
    "": Ending((f"cds evaluate {PATIENT}", "cds evaluate ward/ --only hold,stop", "cds doctor"), **_OF_A_GROUP),
    "audit": Ending(
        ("cds audit --out book", "cds audit --population export/ --against HEAD~1"),
        "a patient of --population could not be read, or the run is incomplete: the book was written, and says so",
    ),
    "check": Ending(
        ("cds check", "cds check --watch", "cds check --against main --format github"),
        "there are problems",
        "there are no problems",
    ),
    "claims": Ending(("cds claims",)),
    "diff": Ending(
        ("cds diff HEAD~1 rules", "cds diff rules eu --population ward/"),
        "a patient could not be read; what changed was printed",
    ),
    "doctor": Ending(
        ("cds doctor", "cds doctor --rules rules --overlay eu --json"),
        "something is wrong, and what to do stands below it",
        "nothing is wrong",
        WRONG_USE,
    ),
    "evaluate": Ending(
        (
            f"cds evaluate {PATIENT}",
            "cds evaluate ward/ export.ndjson.gz --only hold,stop",
            "cds evaluate ward/ --format html > ward.html",
            "cds evaluate - --json < patient.json",
        ),
        "something could not be read, or not be answered",
        "everybody has an answer",
    ),
    "explain": Ending(
        (f"cds explain {PATIENT} --rule CA-01", "cds explain ward.json --patient 7 --json"),
        "the patient could not be read, or not be answered",
    ),
    "export": Ending(("cds export --out fhir", "cds export --bundle rules.json"), "the rules cannot be exported"),
    "feedback": Ending(("cds feedback report",), **_OF_A_GROUP),
    "feedback report": Ending(
        ("cds feedback report --database records.db",), two="wrong use, or records that cannot be read"
    ),
    "forms": Ending(
        ("cds forms", "cds forms within"), zero="forms were printed", two=f"no form has the word; {UNREADABLE}"
    ),
    "healthcheck": Ending(
        ("cds healthcheck", "cds healthcheck --url http://127.0.0.1:8080 --ready"),
        "the service is not well, or does not answer",
        "the service is well",
        WRONG_USE,
    ),
    "import-products": Ending(
        ("cds import-products products.csv --out hospital/terms/products-own.yaml",),
        "the table cannot be used, and nothing was written",
    ),
    "import-value-set": Ending(
        ("cds import-value-set valueset.json --term osteoporosis --out hospital/terms/codes.yaml",),
        "the ValueSet cannot be used, and nothing was written",
    ),
    "invoke": Ending(
        (f"cds invoke http://127.0.0.1:8080 {PATIENT}", "cds invoke http://127.0.0.1:8080 p.json --hook order-sign"),
        "the server did not answer, or not as CDS Hooks asks",
        two=WRONG_USE,
    ),
    "log": Ending(("cds log verify",), **_OF_A_GROUP),
    "log backup": Ending(("cds log backup --to copy.db",), two="wrong use, or the copy could not be made"),
    "log erase": Ending(
        ("cds log erase --patient 123 --dry-run", "cds log erase --patient Patient/123"),
        "there was nothing to erase",
        two="wrong use, or records that cannot be read",
    ),
    "log export": Ending(("cds log export 12",), two="wrong use, or there is no such record"),
    "log find": Ending(("cds log find 5f2b8a1e-0c1d-4f7a-9b57-0c6f3f1a2b3c",), "there is none", two=WRONG_USE),
    "log prune": Ending(
        ("cds log prune --requests-older-than 90 --dry-run",), two="wrong use, or records that cannot be read"
    ),
    "log replay": Ending(
        ("cds log replay", "cds log replay --rules rules --from 100"),
        "an answer by the very rules differs, a request could not be answered, or there is none",
    ),
    "log restore": Ending(
        ("cds log restore copy.db --database records.db",), two="wrong use, or the backup could not be restored"
    ),
    "log vacuum": Ending(("cds log vacuum",), two="wrong use, or records that cannot be read"),
    "log verify": Ending(
        ("cds log verify", "cds log verify --heads heads.txt"),
        "a record is bad, or there is none",
        "every record is as it was written",
        WRONG_USE,
    ),
    "new": Ending(("cds new rule CA-06 --chapter serum-calcium",), **_OF_A_GROUP),
    "new rule": Ending(
        ("cds new rule CA-06 --chapter serum-calcium", "cds new rule CA-06 --chapter serum-calcium --tier inform"),
        zero="it is begun",
        two="nothing was written, as a name is wrong or the rule is there already; wrong use",
    ),
    "population": Ending(("cds population run export/ --out run",), **_OF_A_GROUP),
    "population compare": Ending(
        ("cds population compare run-2025 run-2026",), "a run is incomplete", "compared, whatever changed", WRONG_USE
    ),
    "population export": Ending(
        ("cds population export https://fhir.example/r4 --out export --group 7",),
        "something is missing, and it is said what",
        "all is here",
        WRONG_USE,
    ),
    "population plan": Ending(("cds population plan", "cds population plan --base https://fhir.example/r4 --json")),
    "population run": Ending(
        ("cds population run export/ --out run", "cds population run export/ --out run --resume"),
        "the run is incomplete, and its first line says so",
        "the books balance",
    ),
    "prove": Ending(
        ("cds prove", "cds prove --only never-claims"),
        "something does not hold, or is not settled",
        "everything holds",
    ),
    "rule": Ending(("cds rule CA-01", "cds rule", "cds rule CA-01 --long"), zero="all were printed", two=UNREADABLE),
    "schema": Ending(("cds schema .vscode/schemas",), two="wrong use, or the folder cannot be written"),
    "second-reading": Ending(
        ("cds second-reading CA-01 > reading.yaml", "cds second-reading CA-01 --reading reading.yaml"),
        "the two readings part, or it is not settled whether they do",
        "the form was printed, or the readings are the same",
    ),
    "serve": Ending(("cds serve", "cds serve --config service.yaml"), zero="it was stopped"),
    "sign": Ending(
        ("cds sign CA-01 --sheet", "cds sign CA-01 --reviewer 'A. Name' --role endocrinologist --interests none"),
        two="wrong use, or it is not written, and why stands there",
    ),
    "what-if": Ending(
        (f"cds what-if {PATIENT}", "cds what-if ward.json --patient 7 --json"),
        "the patient could not be read, or not be answered",
    ),
}
"""By the command as it is typed after ``cds``."""


def with_ending(command: click.Command, path: Sequence[str]) -> click.Command:
    """The command, and those below it that are loaded, with the end of their help."""
    if (ending := ENDINGS.get(" ".join(path))) is not None:
        command.epilog = ending.text
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            with_ending(inner, (*path, name))
    return command
