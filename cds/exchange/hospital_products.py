"""A hospital's table of products (CSV) -> a file of products for an overlay, or everything that is wrong with it.

The first line names the columns: ``system``, ``code``, ``name``, ``salt``, ``strength``, ``intent``, ``measure``, and
one for each nutrient, with its unit in the heading (``calcium (mg)``) or in each cell (``500 mg``). An amount is that
of one dose form, or of the measure: ``500``, ``200 to 400``, ``unknown``; an empty cell means that it is not inside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from cds.cards.wording import harmless
from cds.code_systems import SYSTEMS
from cds.errors import CdsError, nearest
from cds.exchange.adoption import can_be_written, line_of, scalar
from cds.exchange.hospital_codes import one_line
from cds.exchange.product_cells import Column, amount_of, is_counted_in
from cds.rulebook import lines
from cds.rulebook.model import UNSPECIFIED, Code, ProductBook, RuleBook
from cds.rulebook.yaml_text import LARGEST_FILE

FIXED = ("system", "code", "name", "salt", "strength", "intent", "measure")
NEEDED = ("system", "code")
LONGEST_NAME = 120
_HEADING = re.compile(r"(?P<name>.*?)\s*(?:[(\[](?P<unit>[^)\]]+)[)\]])?")
_MEASURE = re.compile(r"\d+(?:\.\d+)? m[lL]")


class TableTrouble(NamedTuple):
    """One thing that is wrong with a table, in which line, and what to do."""

    line: int
    what: str
    todo: str
    code: str

    def __str__(self) -> str:
        """The one-line message, without the name of the file."""
        return f"{self.line}: {self.what} {self.todo} [{self.code}]"


class ProductTableError(CdsError):
    """The table cannot become a file of products: everything that is wrong with it, in the order of its lines."""

    code = "product-table"

    def __init__(self, troubles: list[TableTrouble]) -> None:
        self.troubles = tuple(sorted(troubles))
        super().__init__("\n".join(map(str, self.troubles)))


class ProductTable(NamedTuple):
    """The text of the file of an overlay (empty: nothing to add), how many products are new, and how many known."""

    text: str
    new: int
    known: int


def products_of_table(data: bytes, book: RuleBook) -> ProductTable:
    """The products of a CSV file as a file for an overlay; those with codes that the rules know are left out.

    Raises:
        ProductTableError: with everything that is wrong.

    """
    reader = _Reader(book.products)
    entries = list(reader.read(_text(data)))
    fresh = [entry for code, entry in entries if (code.system, code.code) not in book.products.coded]
    text = _HEAD + "".join(fresh) if fresh else ""
    if len(text.encode()) > LARGEST_FILE:
        reader.trouble(1, f"{len(fresh)} products do not fit into one file.", "Split the table.", "table-too-large")
    if reader.troubles:
        raise ProductTableError(reader.troubles)
    return ProductTable(text, len(fresh), len(entries) - len(fresh))


_HEAD = """\
# Products of the hospital, written by 'cds import-products'.
# Check each: none was verified here.
products:
"""


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = "the file is no UTF-8 text."
        line = data[: error.start].count(b"\n") + 1
        raise ProductTableError([TableTrouble(line, what, "Save it as CSV UTF-8.", "not-a-table")]) from None


class _Reader:
    """Collects products and troubles on the way through a table."""

    def __init__(self, products: ProductBook) -> None:
        self.products = products
        self.troubles: list[TableTrouble] = []

    def trouble(self, line: int, what: str, todo: str, code: str) -> None:
        self.troubles.append(TableTrouble(line, what, todo, code))

    def read(self, text: str) -> Iterator[tuple[Code, str]]:
        """Each product with its entry as YAML."""
        first = text.partition("\n")[0]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))
        columns = self.columns(next(rows, []))
        seen: dict[tuple[str, str], int] = {}
        for row in rows if columns else ():
            cells = {column: cell.strip() for column, cell in zip(columns, row, strict=False) if cell.strip()}
            if any(map(str.strip, row)) and (entry := self.product(cells, rows.line_num, seen)):
                yield entry
        if not seen and not self.troubles:
            self.trouble(1, "the table holds no product.", "Write one in each line below the headings.", "not-a-table")

    def product(self, cells: dict[Column, str], line: int, seen: dict[tuple[str, str], int]) -> tuple[Code, str] | None:
        """The product of a line; none, with the trouble, where another line (``seen``) has its code already."""
        code = self.code(cells, line)
        before = seen.setdefault((code.system, code.code), line) if code else line
        if before == line:
            return self.entry(cells, line, code)
        self.trouble(line, f"the code stands in line {before} already.", "Keep one of the two.", "code-twice")
        return None

    def columns(self, headings: list[str]) -> list[Column]:
        """What the columns hold; none, with the troubles, where a heading is not known."""
        found = [column for heading in headings if (column := self.column(heading)) is not None]
        for name in NEEDED:
            if name not in {column.name for column in found}:
                self.trouble(1, f"there is no column '{name}'.", "Add it to the first line.", "unknown-column")
        return [] if self.troubles else found

    def column(self, heading: str) -> Column | None:
        """What one column holds; None, with the trouble, where its heading is not known."""
        names = (*FIXED, *self.products.nutrients)
        match = _HEADING.fullmatch(heading.strip())
        words = " ".join(match["name"].lower().split()) if match else ""
        name, unit = (
            next((name for name in names if name.lower() == words), None),
            (match["unit"] or "") if match else "",
        )
        if name is None:
            self.trouble(1, f"'{harmless(heading)}' is no column.", nearest(heading, names), "unknown-column")
            return None
        if unit and not (name in self.products.nutrients and is_counted_in(self.products.nutrients[name], unit)):
            todo = "Write another unit into the heading."
            self.trouble(1, f"'{harmless(heading)}' has a unit that does not fit.", todo, "wrong-amount")
            return None
        return Column(name, unit)

    def code(self, cells: dict[Column, str], line: int) -> Code | None:
        """The code with its name; none, with the trouble, where a rule file cannot hold it."""
        said = {column.name: cell for column, cell in cells.items()}
        system, code = said.get("system", ""), said.get("code", "")
        if system not in SYSTEMS and "://" not in system and not system.startswith("urn:"):
            what = f"'{harmless(system)}' is an unknown code system." if system else "the code system is missing."
            todo = f"{nearest(system, SYSTEMS)} Name it so, or by its URL."
            self.trouble(line, what, todo, "unknown-system")
            return None
        found = Code(SYSTEMS.get(system, system), code, one_line(said.get("name", ""), LONGEST_NAME))
        if not code or not can_be_written(found):
            todo = "Write a code without spaces, and a name that can be printed."
            self.trouble(line, "the code is missing or cannot be written.", todo, "bad-code")
            return None
        return found

    def entry(self, cells: dict[Column, str], line: int, code: Code | None) -> tuple[Code, str] | None:
        """The product as YAML; none, with the troubles, where something in it is wrong."""
        before = len(self.troubles)
        said = {column.name: cell for column, cell in cells.items()}
        parts = [*self.words(said, line), *self.amounts(cells, line)]
        if not any(name in self.products.nutrients for name, _ in parts) and len(self.troubles) == before:
            todo = "Write how much of which nutrient it holds, or 'unknown'."
            self.trouble(line, "the product holds nothing.", todo, "wrong-amount")
        if code is None or len(self.troubles) > before:
            return None
        inner = "".join(f"    {scalar(name)}: {scalar(value)}\n" for name, value in parts)
        return code, f"  {scalar(line_of(code))}:\n{inner}"

    def words(self, said: dict[str, str], line: int) -> Iterator[tuple[str, str]]:
        """The salt, the strength, the intent and the measure."""
        known = {"salt": (*self.products.salts, UNSPECIFIED), "intent": tuple(self.products.intents)}
        for name in (name for name in ("salt", "intent") if name in said):
            if said[name] not in known[name]:
                todo = nearest(said[name], known[name])
                self.trouble(line, f"'{harmless(said[name])}' is no {name}.", todo, "unknown-name")
            yield name, said[name]
        if strength := said.get("strength"):
            yield "strength", self.strength(strength, line)
        if measure := said.get("measure"):
            if not _MEASURE.fullmatch(measure):
                self.trouble(line, f"'{harmless(measure)}' is no measure.", "Write it like '5 mL'.", "wrong-amount")
            yield "measure", measure

    def strength(self, text: str, line: int) -> str:
        """The mass of the salt in one dose form."""
        found = lines.amount(text if text.endswith("mg") else f"{text} mg")
        if found is None or found[1] != "mg" or not found[0].is_point:
            self.trouble(line, f"'{harmless(text)}' is no strength.", "Write it like '1250 mg'.", "wrong-amount")
        return text if text.endswith("mg") else f"{text} mg"

    def amounts(self, cells: dict[Column, str], line: int) -> Iterator[tuple[str, str]]:
        """The nutrients, each with its amount as a rule file has it."""
        for column, cell in cells.items():
            nutrient = self.products.nutrients.get(column.name)
            if nutrient is None:
                continue
            if (amount := amount_of(cell, column.unit, nutrient)) is None:
                todo = f"Write it like '500 {nutrient.unit}', '200 to 400 {nutrient.unit}' or 'unknown'."
                what = f"'{harmless(cell)}' is no amount of {nutrient.name}."
                self.trouble(line, what, todo, "wrong-amount")
            elif amount:
                yield column.name, amount
