"""What can go wrong while an export is fetched. No text holds patient data, a token, or the query of a URL."""

from __future__ import annotations

from cds.errors import CdsError

EXPORT_CODES: dict[str, str] = {
    "address-refused": "A server names an address that is not called, or that does not get the token.",
    "count-differs": "A file has more or fewer lines than the manifest says.",
    "disk": "Something cannot be written or read in the folder of the export.",
    "error-files": "The server could not export everything, and says so in its error files.",
    "export-cancelled": "The export was cancelled; its folder is kept.",
    "export-expired": "The server has the export, or a file of it, no more.",
    "export-failed": "The server began the export and could not finish it.",
    "export-refused": "The server does not begin the export.",
    "file-refused": "The server does not give a file.",
    "file-truncated": "A file ends in the middle of a line, of its gzip encoding or of what was announced.",
    "no-answer": "A server cannot be reached, or does not answer in time.",
    "no-bulk-data": "An answer is not what FHIR Bulk Data asks for.",
    "no-ndjson": "A file is not NDJSON.",
    "no-token": "The authorization server gives no token, or the server does not take it.",
    "other-export": "The folder holds another export, another process uses it, or it is not empty.",
}


class ExportError(CdsError):
    """An export cannot be begun, followed or fetched; the code is one of ``EXPORT_CODES``."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


class TransientError(ExportError):
    """It may be otherwise in a while; ``again`` is what the server says about when, in seconds, or None."""

    def __init__(self, code: str, text: str, again: float | None = None) -> None:
        self.again = again
        super().__init__(code, text)
