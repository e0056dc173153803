"""A hospital's table of products becomes a part of an overlay, or everything that is wrong with it is said by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from people import dosage, read, statement
from test_cli import cds

from cds.bookshelf import open_rulebook
from cds.code_systems import SYSTEMS
from cds.exchange.hospital_products import ProductTableError, products_of_table
from cds.quantity import Interval, point
from cds.rulebook.model import UNSTATED, RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"
OVERLAY = "name: local\nowner: Pharmacy\nreason: The products of the house.\n"
LOCAL = "https://pharmacy.hospital.example/products"
TABLE = f"""\
system,code,name,salt,strength,calcium (mg),vitamin D (IU),magnesium (mg),measure,intent
PZN,01234567,"Calcium-Sandoz D Osteo, 500 mg/1.000 I.E.",unspecified,,500,1000,,,
dm+d,9999911000001,Calcium carbonate 1.5g chewable tablets,carbonate,1500 mg,600,,,,
{LOCAL},CA-17,Kalksaft: süß,carbonate,,100 to 120,unknown,,5 mL,
NDC,00000-0000-00,Binder,acetate,667,169,,,,phosphate-binder
RxNorm,282465,is there already,carbonate,,500,,,,
"""


def overlaid(folder: Path, text: str) -> RuleBook:
    """The rules with an overlay that has the file."""
    (folder / "overlay" / "terms").mkdir(parents=True)
    (folder / "overlay" / "overlay.yaml").write_text(OVERLAY, "utf-8")
    (folder / "overlay" / "terms" / "products-pharmacy.yaml").write_text(text, "utf-8")
    return open_rulebook(RULES, folder / "overlay")


def troubles(text: str | bytes, book: RuleBook) -> list[str]:
    with pytest.raises(ProductTableError) as error:
        products_of_table(text if isinstance(text, bytes) else text.encode(), book)
    return [str(trouble) for trouble in error.value.troubles]


@pytest.mark.slow
def test_the_products_of_a_table_are_products_of_the_rules_with_the_overlay(book: RuleBook, tmp_path: Path) -> None:
    table = products_of_table(TABLE.encode(), book)
    assert (table.new, table.known) == (4, 1)
    known = overlaid(tmp_path, table.text).products.coded
    assert known["http://fhir.de/CodeSystem/ifa/pzn", "01234567"].amounts == {
        "calcium": point(500),
        "vitamin D": point(1000),
    }
    assert known["https://dmd.nhs.uk", "9999911000001"].strength == 1500
    local = known[LOCAL, "CA-17"]
    assert (local.name, local.measure, local.amounts) == (
        "Kalksaft: süß", "5 mL", {"calcium": Interval(100, 120), "vitamin D": UNSTATED},
    )  # fmt: skip
    assert known[SYSTEMS["NDC"], "00000-0000-00"].intent == "phosphate-binder"


def test_a_local_code_is_read_in_a_record(book: RuleBook, tmp_path: Path) -> None:
    theirs = overlaid(tmp_path, products_of_table(TABLE.encode(), book).text)
    coding = {"system": "http://fhir.de/CodeSystem/ifa/pzn", "code": "01234567"}
    taken = statement("", dosage(2), medicationCodeableConcept={"coding": [coding]})
    assert read(book, taken).products == []
    (product,) = read(theirs, taken).products
    assert product.amounts["calcium"][0] == point(1000)


@pytest.mark.parametrize(
    "text",
    [
        "system;code;calcium (mg)\nPZN;1;62,5\n",
        "System\tCode\tCalcium [g]\nPZN\t1\t0.0625\n",
        "\ufeffsystem,code,calcium\r\nPZN,1,62.5 mg\r\n\r\n",
    ],
)
@pytest.mark.slow
def test_a_table_as_spreadsheets_write_it_is_read(book: RuleBook, tmp_path: Path, text: str) -> None:
    found = overlaid(tmp_path, products_of_table(text.encode(), book).text)
    assert found.products.coded["http://fhir.de/CodeSystem/ifa/pzn", "1"].amounts == {"calcium": point(62.5)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("system,code,calcum (mg)\nPZN,1,500\n", ["1: 'calcum (mg)' is no column. Did you mean 'calcium'?"]),
        ("code,calcium (mg)\n1,500\n", ["1: there is no column 'system'. Add it to the first line. [unknown-column]"]),
        ("system,code,calcium (mL)\nPZN,1,5\n", ["1: 'calcium (mL)' has a unit that does not fit."]),
        ("system,code,calcium (mg)\nPZM,1,5\n", ["2: 'PZM' is an unknown code system. Did you mean 'PZN'?"]),
        ("system,code,calcium (mg)\nPZN,1 2,5\n", ["2: the code is missing or cannot be written."]),
        ("system,code,calcium (mg)\nPZN,1,\n", ["2: the product holds nothing."]),
        ("system,code,calcium\nPZN,1,500\n", ["2: '500' is no amount of calcium. Write it like '500 mg'"]),
        ("system,code,calcium (mg)\nPZN,1,\"1,250\"\n", ["2: '1,250' is no amount of calcium."]),
        ("system,code,calcium (mg)\nPZN,1,1.250\n", ["2: '1.250' is no amount of calcium."]),
        ("system,code,salt,calcium (mg)\nPZN,1,carbonat,5\nPZN,1,,6\n",
         ["2: 'carbonat' is no salt. Did you mean 'carbonate'?", "3: the code stands in line 2 already."]),
        ("system,code,calcium (mg)\n", ["1: the table holds no product."]),
        ("", ["1: there is no column 'code'.", "1: there is no column 'system'."]),
        ("system,code,name\nPZN,1,süß\n".encode("latin-1"), ["2: the file is no UTF-8 text. Save it as CSV UTF-8."]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said_with_its_line(book: RuleBook, text: str | bytes, said: list[str]) -> None:
    found = troubles(text, book)
    assert len(found) == len(said)
    for line, beginning in zip(found, said, strict=True):
        assert line.startswith(beginning), line


@pytest.mark.slow
def test_the_command_names_the_file_and_the_line_and_never_writes_over_a_file(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "overlay" / "terms" / "products-local.yaml"
    table.write_text(TABLE.replace("carbonate,1500", "carbonat,1500"), "utf-8")
    done = cds("import-products", table, "--out", out)
    assert (done.returncode, out.exists()) == (1, False)
    assert re.search(
        rf"^{re.escape(str(table))}:3: 'carbonat' is no salt\. Did you mean 'carbonate'\?", done.stderr, re.M
    )
    table.write_text(TABLE, "utf-8")
    done = cds("import-products", table, "--out", out)
    assert (done.returncode, "4 new in" in done.stderr, "1 there already" in done.stderr) == (0, True, True)
    assert cds("import-products", table, "--out", out).returncode == 2
