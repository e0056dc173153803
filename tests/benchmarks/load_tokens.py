"""Tokens that are signed before they are needed: the client of ``load.py`` signs none while it measures."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import cycle
from multiprocessing import get_context

from joserfc.jwk import ECKey
from load_client import Exchange
from load_servers import ISSUER, Server

from cds.trust.signing import signed_token

POLITE = 19
"""The priority of the process that signs while a server is measured: it gets what nobody else wants."""


def signed(key: ECKey, server: Server, number: int) -> list[str]:
    """So many tokens for a server; each is good for one call, in the next five minutes."""
    audience, now = f"http://127.0.0.1:{server.port}{server.path}", int(time.time())
    return [signed_token(key, ISSUER, audience, now) for _ in range(number)]


def requests(server: Server, bodies: list[bytes], tokens: Iterator[str]) -> Iterator[bytes]:
    """The requests on the wire, over and over."""
    for body in cycle(bodies):
        token = f"authorization: Bearer {next(tokens)}\r\n" if server.guarded else ""
        yield (
            f"POST {server.path} HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n{token}\r\n"
        ).encode() + body


def exchanges(server: Server, bodies: list[bytes], right: list[bytes], tokens: Iterator[str]) -> Iterator[Exchange]:
    """The requests with their right answers, over and over."""
    return map(Exchange, requests(server, bodies, tokens), cycle(right))


def signed_beside(key: ECKey, server: Server, numbers: list[int]) -> Iterator[list[str]]:
    """Lists of tokens, each signed by a polite process while the one before is used."""
    with get_context("fork").Pool(1, os.nice, (POLITE,)) as pool:
        private = key.as_dict(private=True)
        jobs = (pool.apply_async(_signed_by, (private, _without_process(server), number)) for number in numbers)
        waiting = next(jobs, None)
        while waiting is not None:
            tokens = waiting.get()
            waiting = next(jobs, None)
            yield tokens


def _signed_by(private: dict[str, str | list[str]], server: Server, number: int) -> list[str]:
    """The tokens, by a key that came through a pipe as data."""
    return signed(ECKey.import_key(private), server, number)


def _without_process(server: Server) -> Server:
    return server._replace(process=None)  # type: ignore[arg-type]
