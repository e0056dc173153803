"""The files of a folder, each read into its shape; what cannot be read is noted with everything else that is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cds.errors import Problem, RulebookError
from cds.rulebook.folder import MARK, SUFFIX, rule_files
from cds.rulebook.kept_pages import KeptPages
from cds.rulebook.model import FindingsFile, PrecedenceFile, Rule, Safety, SilencingFile, TermsFile, Topic
from cds.rulebook.model.book import BookFile
from cds.rulebook.model.other_medicine import OtherMedicines
from cds.rulebook.model.outcome import verb_of
from cds.rulebook.model.product import ProductsFile
from cds.rulebook.model.saying import AdviceFile, AmendmentsFile, ClaimsFile, EvidenceFile, ReviewFile, SignaturesFile
from cds.rulebook.names import NOUNS, PARTS, Defined, Definition, definitions, id_in_name
from cds.rulebook.report import Report, Where
from cds.rulebook.same_number import same_numbers
from cds.rulebook.shape import Shape, empty, shape_of, shaped
from cds.rulebook.yaml_text import Data, Page, Place

ROOT_FILES = ("rulebook", "topic", "precedence", "silencing", "advice", "evidence")
PRODUCTS, OTHER_MEDICINES = "terms/products.yaml", "terms/other_medicines.yaml"
FIRST_LEVEL = (*ROOT_FILES, "safety", "review", "claims", "amendments", "signatures")

TODO = re.compile(r"TODO\b:?")
"""What stands where something is to be written."""
FILES_BY_KEY = {"findings": "findings", "terms": "terms", "cases": "cases", "replaces": "findings", "adds": "findings"}
"""What a file is called that holds one of these keys and is no rule."""
KINDS: dict[str, type] = {
    "rulebook": BookFile,
    "topic": Topic,
    "safety": Safety,
    "review": ReviewFile,
    "claims": ClaimsFile,
    "amendments": AmendmentsFile,
    "signatures": SignaturesFile,
    "precedence": PrecedenceFile,
    "silencing": SilencingFile,
    "advice": AdviceFile,
    "evidence": EvidenceFile,
    "terms": TermsFile,
    "products": ProductsFile,
    "other_medicines": OtherMedicines,
    "findings": FindingsFile,
    "rule": Rule,
}
"""The declaration of every kind of file that a rulebook may hold."""


class RuleFiles:
    """The pages of one folder, and what was found wrong so far."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.report = folder, Report()
        self.pages: dict[str, Page] = {}
        self.shapes: dict[str, Shape] = {}

    def stand(self) -> None:
        """Read every file; their problems are in the report.

        Raises:
            RulebookError: the folder is no rulebook at all.

        """
        if not (self.folder / MARK).exists():
            # Nothing else is said: the folder is another one, and its files were never meant as rules.
            self.lack(MARK, "Name the folder that holds it: without it a folder is no rulebook.")
            raise RulebookError(self.report.problems)
        self.read()
        for name in (f"{name}.yaml" for name in ROOT_FILES):
            if not (self.folder / name).exists():
                self.lack(name, "Every rulebook needs it.")
        self.set_aside_second_rules()
        if self.has_products() and not (self.folder / PRODUCTS).exists():
            self.lack(PRODUCTS, "Terms and advice about products need it.")
        self.note_names()

    def set_aside_second_rules(self) -> None:
        """Note the rules with the number of another one; they are not read on, as all else would be said of both."""
        ids = {name: shape.id for name, shape in self.only(Rule).items()}
        for problem in same_numbers(ids, self.pages):
            self.report.problems.append(problem)
            del self.shapes[problem.file]

    def has_products(self) -> bool:
        """Whether a term or an advice code is about products: then it has to be said what they hold."""
        entries = (entry for shape in self.only(TermsFile).values() for entry in shape.terms.values())
        advice = (entry for shape in self.only(AdviceFile).values() for entry in shape.advice.values())
        is_term = any(entry.kind in ("product", "dose") for entry in entries)
        return is_term or any(entry.holds or entry.stops for entry in advice)

    def note_names(self) -> None:
        """Note which names the files define, and which of those files cannot be used: their names are no mistakes."""
        report = self.report
        report.unreadable, report.problems = report.problems, []
        for name in self.shapes:
            for item in self.definitions(name):
                report.defined[item.noun].append(Defined(item, self.where(name, *item.place).spot))
        unusable = {problem.file for problem in report.unreadable} - self.shapes.keys()
        for name in unusable:
            found = [*self.definitions(name), *self.definition_by_name(name)]
            for item in found:
                report.broken[item.noun] |= {item.name, verb_of(item.name)} if item.noun == "outcome" else {item.name}
            for part in {*self.parts(name)}.difference(item.place[0] for item in found):
                report.lost[NOUNS[part]].add(name)
        if unusable and not self.only(TermsFile):
            report.lost["term"].add("terms/")

    def definitions(self, name: str) -> Iterator[Definition]:
        """The names that a file defines; none where it is no YAML."""
        return definitions(self.pages[name]) if name in self.pages and self.parts(name) else iter(())

    def definition_by_name(self, name: str) -> Iterator[Definition]:
        """The rule that the name of a file speaks of."""
        if self.kind(name) == "rule" and (rule := id_in_name(name)):
            yield Definition("rule", rule, ("rule",))

    def parts(self, name: str) -> tuple[str, ...]:
        """The parts in which a file defines names."""
        return PARTS.get(self.kind(name), ())

    def kind(self, name: str) -> str:
        """The kind of a file."""
        return kind_of(name)

    def chapter(self, name: str) -> Path:
        """The folder of the chapter in which a file stands."""
        return Path(name).parent

    def chapter_name(self, name: str) -> str:
        """What the chapter of a file is called: as its findings say, else as its folder."""
        named = {self.chapter(file): shape.chapter for file, shape in self.only(FindingsFile).items()}
        return str(named.get(self.chapter(name), self.chapter(name).name))

    def lack(self, name: str, todo: str) -> None:
        """Note that a file is not there."""
        self.report.problems.append(Problem(name, 1, "file", "the file is not there.", todo, "missing-file"))

    def read(self) -> None:
        """Read every file into its shape."""
        for page in self.pages_of(self.folder):
            self.take(page, shape_of(KINDS[kind_of(page.name)]))

    def pages_of(self, folder: Path, prefix: str = "") -> Iterator[Page]:
        """The pages of the files of a folder, each named by its place in it after a prefix."""
        kept = KeptPages(folder)
        for path in rule_files(folder):
            name = prefix + path.relative_to(folder).as_posix()
            if self.is_named_as_rules(path, name) and (page := kept.page(path, name, self.report.problems)):
                yield page
        kept.keep()

    def is_named_as_rules(self, path: Path, name: str) -> bool:
        """Whether the name of a YAML file is that of a rule file; that it is not is noted, as it would not be read."""
        if path.suffix != SUFFIX:
            what = f"the file is not read: the name of a rule file ends in {SUFFIX}."
            todo = f"Rename it to {path.with_suffix(SUFFIX).name}, or move it away."
            self.report.problems.append(Problem(name, 1, "file", what, todo, "misnamed-file"))
        return path.suffix == SUFFIX

    def take(self, page: Page, kind: type[Shape]) -> None:
        """Read one file into its shape."""
        self.pages[page.name] = page
        if found := list(self.unusable(page)):
            self.report.problems += found
        elif shape := shaped(page, kind, self.report):
            self.shapes[page.name] = shape

    def unusable(self, page: Page) -> Iterator[Problem]:
        """What keeps anybody from using a file, whatever its shape: it is empty, another one, or not finished."""
        if not page.data:
            yield page.problem((), "it is empty.", "Fill or remove it.", "missing-key")
        elif self.kind(page.name) == "rule" and (kind := kind_by_keys(page.data)):
            what = f"it holds '{kind}:', and its name is that of a rule."
            file = FILES_BY_KEY[kind]
            yield page.problem((), what, f"Rename it to {Path(file).with_suffix(SUFFIX)}.", "misnamed-file")
        else:
            for place, what in unfinished(page.data):
                said = f"still to do{f': {what}' if what else ''}."
                yield page.problem(place, said, "Write it instead of the TODO.", "missing-key")

    def only(self, kind: type) -> dict[str, Any]:
        """The files of one kind as they are written, by name."""
        return {name: found for name, found in self.shapes.items() if type(found) is shape_of(kind)}

    def file(self, name: str, kind: type) -> Any:
        """A file that every rulebook has, as it is written; without anything in it where it could not be read."""
        found = self.shapes.get(name)
        return found if found is not None else empty(shape_of(kind))

    def where(self, name: str, *place: str | int) -> Where:
        """A place in a file; the beginning of one that could not be read."""
        return Where(self.report, self.pages.get(name, Page(name, {}, {(): 1})), place)

    def fresh(self, name: str, taken: Collection[str], where: Where) -> Where:
        """The place of something new; that its name is taken is noted."""
        if name in taken:
            where.problem(f"'{name}' is defined twice.", "Give one of them another name.", "duplicate-name")
        return where


def kind_by_keys(data: Data) -> str:
    """The key of another kind of file in what its name calls a rule; empty where it may be one."""
    keys = data.keys() if isinstance(data, dict) else set()
    return next((key for key in FILES_BY_KEY if key in keys), "") if "rule" not in keys else ""


def unfinished(data: Data, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """The places at which a text or a key begins with TODO, as a new rule is written, and what is to be written."""
    if isinstance(data, str):
        if match := TODO.match(data):
            yield place, " ".join(data[match.end() :].split()).rstrip(".")
        return
    for key, part in data.items() if isinstance(data, dict) else enumerate(data):
        keyed = TODO.match(key) if isinstance(key, str) else None
        if keyed:
            yield (*place, key), str(key)[keyed.end() :].strip()
        else:
            yield from unfinished(part, (*place, key))


def kind_of(name: str, first_level: Collection[str] = FIRST_LEVEL) -> str:
    """The kind of a rule file, by its place: ``terms``, ``findings``, ``rule`` or a file of the first level."""
    path = Path(name)
    if path.parts[0] == "terms":
        return path.stem if path.stem in ("products", "other_medicines") else "terms"
    if len(path.parts) == 1 and path.stem in first_level:
        return path.stem
    return "findings" if path.stem == "findings" else "rule"
