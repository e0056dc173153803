"""What a file is that is not FHIR JSON, by how it begins; and JSON in UTF-16, UTF-32 or compressed, made plain.

Who exports a record chooses among many formats, and the names of files do not tell. What to do about each is said.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

BEGINNING = 4096
"""So many bytes tell what a file is."""
GZIP = b"\x1f\x8b"
ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, the longer one first where one begins as another."""
WITHOUT_MARK = (
    (re.compile(rb"[\[{]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\[{]"), "utf-32-be"),
    (re.compile(rb"[\[{]\0"), "utf-16-le"),
    (re.compile(rb"\0[\[{]"), "utf-16-be"),
)
"""How JSON begins in these encodings without a byte order mark (RFC 4627, section 3)."""


def _begins(*words: bytes) -> Callable[[bytes], bool]:
    return lambda text: text.startswith(words)


def _is_xml_of(name: bytes) -> Callable[[bytes], bool]:
    return lambda text: text.startswith(b"<") and name in text


def _is_table(text: bytes) -> bool:
    """Whether the first line names columns: words between commas, semicolons or tabs, and as many in the second."""
    first, *others = (line for line in text.splitlines() if line.strip())
    signs = [sign for sign in b",;\t" if first.count(sign)]
    return bool(others and signs) and first[:1] not in b'{["<' and others[0].count(signs[0]) >= first.count(signs[0])


FORMATS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_begins(GZIP), "This is a gzip file. Unpack it."),
    (_begins(b"PK\x03\x04", b"PK\x05\x06"), "This is a ZIP archive. Unpack it, and name the files or the folder."),
    (_begins(b"%PDF"), "This is a PDF document. Export the record as FHIR R4 JSON."),
    (_begins(b"MSH|", b"FHS|", b"BHS|"), "This is an HL7 v2 message. Convert it to FHIR R4 JSON."),
    (_begins(b"@prefix", b"PREFIX"), "This is FHIR RDF (Turtle). Convert it to JSON."),
    (_is_xml_of(b"http://hl7.org/fhir"), "This is FHIR XML. Convert it to JSON, or ask the server for JSON."),
    (_is_xml_of(b"urn:hl7-org:v3"), "This is an HL7 v3 document (CDA, C-CDA). Convert it to FHIR R4 JSON."),
    (lambda text: text[:1] == b"<" and b"<html" in text.lower(), "This is a web page (HTML), not a record."),
    (_begins(b"<"), "This is XML, not JSON."),
    (_is_table, "This is a table (CSV). Convert it to FHIR R4 JSON."),
)
"""What a file can be instead of JSON, each with how it is known and what to do."""


def other_format(raw: bytes) -> str:
    """What a file is, in a sentence, and what to do; empty where it is nothing that is known."""
    text = raw[:BEGINNING].removeprefix(codecs.BOM_UTF8).lstrip()
    return next((said for is_it, said in FORMATS if text and is_it(text)), "")


def not_utf8(raw: bytes) -> str:
    """Where bytes are not UTF-8 text; empty where all are."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        byte = f"the byte 0x{raw[error.start]:02X} at offset {error.start}"
        return f"{byte} is not UTF-8. Save the file as UTF-8"
    return ""


def encoding_of(beginning: bytes) -> str:
    """UTF-16 or UTF-32, by how a file begins; empty for any other encoding."""
    marked = (name for mark, name in ENCODINGS if beginning.startswith(mark))
    unmarked = (name for form, name in WITHOUT_MARK if form.match(beginning))
    return next(marked, "") or next(unmarked, "")
