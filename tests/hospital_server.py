"""A key server and FHIR server over TLS, run as a script: ``hospital_server.py FOLDER ADDRESS CERTIFICATE KEY``.

It answers with ``keys.json`` of the folder, and below /fhir with what ``fhir.json`` has for a path; what was asked
stands in ``seen.ndjson``.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

EMPTY = {"resourceType": "Bundle", "type": "searchset", "entry": []}


class Server(ThreadingHTTPServer):
    """Of both kinds of addresses."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.folder = folder
        super().__init__((address, 443), Handler)

    def handle_error(self, *_: object) -> None:
        """Clients that do not trust the certificate are expected."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        folder, path = self.server.folder, urlsplit(self.path).path
        seen = {"path": path, "host": self.headers["host"], "token": self.headers.get("authorization", "")}
        with (folder / "seen.ndjson").open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(seen)}\n")
        if path == "/jwks.json":
            data = (folder / "keys.json").read_bytes()
        else:
            data = json.dumps(json.loads((folder / "fhir.json").read_bytes()).get(path, EMPTY)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    place, listening, certificate, key = sys.argv[1:]
    server = Server(listening, Path(place))
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate, key)
    server.socket = trust.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("listening", flush=True)
    server.serve_forever()
