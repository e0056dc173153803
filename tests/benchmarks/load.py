"""What the service can take, in one run on one machine, with the same request of 30 KB for everybody.

    python tests/benchmarks/load.py [--healthchain PYTHON] [--seconds 6]

(a) Starlette that only parses the request and answers; (b) ``cds serve`` without authentication; (c) with
authentication and the decision log; (d) HealthChain 0.16.1 with a one-line rule and no engine (name a Python that has
it). Then (b) at half of its saturation load, and at ten times of it. Everything runs on the loopback address.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx2
import orjson
from joserfc.jwk import ECKey
from load_client import Seen, Target, closed_loop, open_loop
from thirty import thirty_resources

from cds.client.held import held
from cds.client.request import request_of
from cds.client.token import signed
from cds.commands.common import opened
from cds.hooks.services import discovery

HERE = Path(__file__).resolve().parent
PATH = "/cds-services/calcium-review"
ISSUER = "https://ehr.example"
UNDER_WAY = 16
BYTES = 30 * 1024
PATIENCE = 30.0


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--healthchain", metavar="PYTHON", help="a Python that has HealthChain 0.16.1")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long each load lasts (default: 6)")
    options = parser.parse_args()
    body = request_body()
    print(
        f"Request: {len(body)} bytes; {UNDER_WAY} under way; {options.seconds:g} s each; {os.cpu_count()} processors.\n"
    )
    print("| server | requests/s | of (a) | p50 ms | p99 ms |\n|---|---|---|---|---|")
    bare = saturated("(a) Starlette that parses and answers", [str(HERE / "load_bare.py")], body, options.seconds)
    with tempfile.TemporaryDirectory() as folder, serving(["-m", "cds", "serve", "--port"]) as (port, process):
        target = Target(port, http_request(port, PATH, body), right_answer(port, PATH, body))
        ours = asyncio.run(closed_loop(target, UNDER_WAY, options.seconds))
        row("(b) ours, no authentication", ours, bare)
        guarded(Path(folder), body, options.seconds, bare)
        theirs(options.healthchain, body, options.seconds, bare)
        half(target, ours, options.seconds)
        overload(target, ours, process, min(options.seconds, 4.0))


def request_body() -> bytes:
    """A patient-view call with the prefetch that our discovery asks for, as an EHR builds it, filled up to 30 KB."""
    service: dict[str, Any] = discovery(opened(None))["services"][0]
    call = request_of(service, held(orjson.loads(thirty_resources())), ()).body
    room = BYTES - len(orjson.dumps({**call, "extension": {"example.filling": ""}}))
    return orjson.dumps({**call, "extension": {"example.filling": "x" * max(0, room)}})


def http_request(port: int, path: str, body: bytes, token: str = "") -> bytes:
    """The whole request on the wire."""
    lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "content-type: application/json",
             f"content-length: {len(body)}", *([f"authorization: Bearer {token}"] if token else [])]  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode() + body


def right_answer(port: int, path: str, body: bytes, token: str = "") -> bytes:
    """The answer to one quiet call: what every other one is compared with."""
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    answer = httpx2.post(f"http://127.0.0.1:{port}{path}", content=body, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text[:300]
    return answer.content


@contextmanager
def serving(command: list[str], python: str = sys.executable) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Port and process of a server, once it answers anything; its port is the last word of the command."""
    port = free_port()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([python, *command, str(port)], stdout=subprocess.DEVNULL, stderr=said)
        try:
            end = time.monotonic() + PATIENCE
            while not answers(port):
                assert process.poll() is None, f"it ended at its start: {first_line(said)}"
                assert time.monotonic() < end, "it does not answer"
                time.sleep(0.1)
            yield port, process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def first_line(said: IO[bytes]) -> str:
    """The first line of what a server said."""
    said.seek(0)
    return said.readline().decode(errors="replace").strip()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether a server answers."""
    try:
        httpx2.get(f"http://127.0.0.1:{port}/", timeout=2, trust_env=False)
    except httpx2.HTTPError:
        return False
    return True


def saturated(name: str, command: list[str], body: bytes, seconds: float, **more: Any) -> float:
    """Print the row of a server that is as busy as it can be; its right answers a second."""
    path = more.pop("path", PATH)
    bare = more.pop("bare", 0.0)
    with serving(command, **more) as (port, _):
        right = right_answer(port, path, body)
        seen = asyncio.run(closed_loop(Target(port, http_request(port, path, body), right), UNDER_WAY, seconds))
    return row(name, seen, bare)


def row(name: str, seen: Seen, bare: float) -> float:
    """Print one row; every answer must have been right."""
    assert set(seen.kinds) == {"right"}, seen.kinds
    share = f"{seen.rate() / bare:.2f}" if bare else "1"
    print(
        f"| {name} | {seen.rate():.0f} | {share} | {seen.percentile(0.5):.1f} | {seen.percentile(0.99):.1f} |",
        flush=True,
    )
    return seen.rate()


def skipped(name: str, why: str) -> None:
    """Print the row of what was not measured."""
    print(f"| {name} | not measured: {why} | | | |", flush=True)


def guarded(folder: Path, body: bytes, seconds: float, bare: float) -> None:
    """Print the row of our service with authentication and the decision log."""
    name = "(c) ours, authentication and decision log"
    key = ECKey.generate_key("P-384", {"kid": "load"})
    (folder / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
    settings = folder / "serve.yaml"
    settings.write_text(CONFIGURATION.format(issuer=ISSUER, log=folder / "decisions.sqlite"), encoding="utf-8")
    try:
        with serving(["-m", "cds", "serve", "--config", str(settings), "--port"]) as (port, _):
            token = signed(key, ISSUER, f"http://127.0.0.1:{port}{PATH}", int(time.time()))
            right = right_answer(port, PATH, body, token)
            request = http_request(port, PATH, body, token)
            row(name, asyncio.run(closed_loop(Target(port, request, right), UNDER_WAY, seconds)), bare)
    except AssertionError as error:
        skipped(name, str(error))


CONFIGURATION = """\
issuers:
  - issuer: {issuer}
    keys file: keys.json
records: sqlite:///{log}
"""


def theirs(python: str | None, body: bytes, seconds: float, bare: float) -> None:
    """Print the row of HealthChain."""
    name = "(d) HealthChain 0.16.1, one line and no engine"
    if python is None:
        skipped(name, "name a Python that has it with --healthchain")
        return
    plain = orjson.dumps({key: value for key, value in orjson.loads(body).items() if key != "extension"})
    plain = orjson.dumps({**orjson.loads(plain), "filling": "x" * (len(body) - len(plain) - 13)})
    command, path = [str(HERE / "load_healthchain.py")], f"/cds{PATH}"
    saturated(name, command, plain, seconds, python=python, path=path, bare=bare)


def half(target: Target, ours: Seen, seconds: float) -> None:
    """Print the times at half of the saturation load."""
    seen = asyncio.run(open_loop(target, ours.rate() / 2, seconds))
    median, late = seen.percentile(0.5), seen.percentile(0.99)
    print(f"\nHalf of the saturation load, {ours.rate() / 2:.0f} requests/s: p50 {median:.1f} ms, p99 {late:.1f} ms, "
          f"p99/p50 {late / median:.1f}; answers: {dict(seen.kinds)}.", flush=True)  # fmt: skip


def overload(target: Target, ours: Seen, process: subprocess.Popen[bytes], seconds: float) -> None:
    """Print what becomes of ten times the saturation load, and of the memory of the server."""
    before, peak = memory(process, "VmRSS"), lambda: memory(process, "VmHWM")
    seen = asyncio.run(open_loop(target, 10 * ours.rate(), seconds))
    bad = {kind: count for kind, count in seen.kinds.items() if kind not in ("right", "429", "503")}
    print(
        f"Ten times of it, {10 * ours.rate():.0f} requests/s for {seconds:g} s: {dict(seen.kinds)}; neither right nor "
        f"429 or 503: {bad or 'none'}; memory {before:.0f} MB before, at most {peak():.0f} MB.",
        flush=True,
    )
    again = asyncio.run(closed_loop(target, UNDER_WAY, 2.0))
    print(f"Afterwards: {again.rate():.0f} requests/s, {dict(again.kinds)}.")


def memory(process: subprocess.Popen[bytes], name: str) -> float:
    """Memory of a process in MB, as Linux counts it."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


if __name__ == "__main__":
    main()
