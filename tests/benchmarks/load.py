"""What the service can take, in one run on one machine, with the same request of 30 KB for everybody.

    python tests/benchmarks/load.py [--healthchain PYTHON] [--seconds 9]

(a) Starlette that only parses the request and answers; (b) ``cds serve`` without authentication, once as it is (it
remembers the answer to the same call for a minute), once working every call out anew; (c) with authentication and the
decision log; (d) HealthChain 0.16.1 with a one-line rule and no engine (name a Python that has it).
Then (b), every call anew, at half of its saturation load, and at ten times of it; all on the loopback address.
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
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path
from typing import IO, Any, NamedTuple

import httpx2
import orjson
from joserfc.jwk import ECKey
from load_client import Seen, Target, closed_loop, open_loop
from thirty import thirty_resources

from cds.client.ehr import ehr_record
from cds.client.request import ehr_request
from cds.commands.options import opened
from cds.hooks.services import discovery
from cds.trust.signing import signed_token

HERE = Path(__file__).resolve().parent
PATH = "/cds-services/calcium-review"
ISSUER = "https://ehr.example"
UNDER_WAY, ROUNDS = 16, 3
BYTES = 30 * 1024
PATIENCE = 30.0


class Contender(NamedTuple):
    """A server that is measured: its process and the request that it gets."""

    name: str
    process: subprocess.Popen[bytes]
    target: Target


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--healthchain", metavar="PYTHON", help="a Python that has HealthChain 0.16.1")
    parser.add_argument("--seconds", type=float, default=9.0, help="how long each load lasts (default: 9)")
    options = parser.parse_args()
    body = request_body()
    print(f"Request: {len(body)} bytes; {UNDER_WAY} under way; {options.seconds:g} s each, in {ROUNDS} turns.\n")
    with ExitStack() as servers:
        folder = Path(servers.enter_context(tempfile.TemporaryDirectory()))
        bare = started(servers, "(a) Starlette that parses and answers", [str(HERE / "load_bare.py")], body)
        ours = started(servers, "(b) ours, no authentication", ["-m", "cds", "serve", "--port"], body)
        (folder / "fresh.yaml").write_text("limits:\n  repeat seconds: 0\n", encoding="utf-8")
        serve_fresh = ["-m", "cds", "serve", "--config", str(folder / "fresh.yaml"), "--port"]
        fresh = started(servers, "(b) the same, and every call is worked out anew", serve_fresh, body)
        others = [guarded(servers, folder, body), theirs(servers, options.healthchain, body)]
        found = in_turns(
            [bare, ours, fresh, *(other for other in others if isinstance(other, Contender))], options.seconds
        )
        table(found, [other for other in others if isinstance(other, str)])
        half(fresh.target, found[fresh.name].rate(), options.seconds)
        overload(fresh, found[fresh.name].rate(), min(options.seconds, 4.0))


def in_turns(contenders: list[Contender], seconds: float) -> dict[str, Seen]:
    """Each as busy as it can be, one after another, several times: what else the machine does falls on all of them."""
    found = {contender.name: Seen() for contender in contenders}
    for _ in range(ROUNDS):
        for contender in contenders:
            before = processor_seconds(contender.process)
            seen = asyncio.run(closed_loop(contender.target, UNDER_WAY, seconds / ROUNDS))
            seen.busy = processor_seconds(contender.process) - before
            found[contender.name].add(seen)
    return found


def table(found: dict[str, Seen], skipped: list[str]) -> None:
    """Print what was measured, and why the rest was not."""
    print("| server | requests/s | of (a) | processor ms a request | p50 ms | p99 ms |\n|---|---|---|---|---|---|")
    bare = next(iter(found.values())).rate()
    for name, seen in found.items():
        assert set(seen.kinds) == {"right"}, f"{name}: {seen.kinds}"
        times = f"{seen.percentile(0.5):.1f} | {seen.percentile(0.99):.1f}"
        busy = f"{1000 * seen.busy / len(seen.times):.2f}"
        print(f"| {name} | {seen.rate():.0f} | {seen.rate() / bare:.2f} | {busy} | {times} |")
    for line in skipped:
        print(f"| {line} | | | | | |")


def request_body() -> bytes:
    """A patient-view call with the prefetch that our discovery asks for, as an EHR builds it, filled up to 30 KB."""
    service: dict[str, Any] = discovery(opened(None))["services"][0]
    call = ehr_request(service, ehr_record(orjson.loads(thirty_resources())), ()).body
    room = BYTES - len(orjson.dumps({**call, "extension": {"example.filling": ""}}))
    return orjson.dumps({**call, "extension": {"example.filling": "x" * max(0, room)}})


def head(port: int, path: str, body: bytes, token: str = "") -> bytes:
    """The head of a request on the wire."""
    lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "content-type: application/json",
             f"content-length: {len(body)}", *([f"authorization: Bearer {token}"] if token else [])]  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode()


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


def started(
    servers: ExitStack, name: str, command: list[str], body: bytes, path: str = PATH, python: str = sys.executable
) -> Contender:
    """A server that runs until the stack is closed."""
    port, process = servers.enter_context(serving(command, python))
    return Contender(name, process, Target(port, repeat(head(port, path, body)), body, right_answer(port, path, body)))


def guarded(servers: ExitStack, folder: Path, body: bytes) -> Contender | str:
    """Our service with authentication and the decision log; why not, where it cannot have them.

    A token is good for one call: the client signs the next one before the time of its request begins.
    """
    name = "(c) ours, authentication and decision log"
    key = ECKey.generate_key("P-384", {"kid": "load"})
    (folder / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
    settings = folder / "serve.yaml"
    settings.write_text(CONFIGURATION.format(issuer=ISSUER, log=folder / "decisions.sqlite"), encoding="utf-8")
    try:
        port, process = servers.enter_context(serving(["-m", "cds", "serve", "--config", str(settings), "--port"]))
    except AssertionError as error:
        return f"{name}: not measured, {error}"
    tokens = (signed_token(key, ISSUER, f"http://127.0.0.1:{port}{PATH}", int(time.time())) for _ in repeat(None))
    right = right_answer(port, PATH, body, next(tokens))
    return Contender(name, process, Target(port, (head(port, PATH, body, token) for token in tokens), body, right))


CONFIGURATION = """\
issuers:
  - issuer: {issuer}
    keys file: keys.json
records: {log}
pseudonym key: pseudonyms
"""


def theirs(servers: ExitStack, python: str | None, body: bytes) -> Contender | str:
    """HealthChain; it refuses requests with an extension, so the filling is elsewhere."""
    name = "(d) HealthChain 0.16.1, one line and no engine"
    if python is None:
        return f"{name}: not measured, name a Python that has it with --healthchain"
    call = {key: value for key, value in orjson.loads(body).items() if key != "extension"}
    room = len(body) - len(orjson.dumps({**call, "filling": ""}))
    filled = orjson.dumps({**call, "filling": "x" * room})
    return started(servers, name, [str(HERE / "load_healthchain.py")], filled, f"/cds{PATH}", python)


def half(target: Target, rate: float, seconds: float) -> None:
    """Print the times at half of the saturation load."""
    seen = asyncio.run(open_loop(target, rate / 2, seconds))
    median, late = seen.percentile(0.5), seen.percentile(0.99)
    print(f"\n(b) at half of its saturation load, {rate / 2:.0f} requests/s: p50 {median:.1f} ms, p99 {late:.1f} ms, "
          f"p99/p50 {late / median:.1f}; answers: {dict(seen.kinds)}.", flush=True)  # fmt: skip


def overload(ours: Contender, rate: float, seconds: float) -> None:
    """Print what becomes of ten times the saturation load, and of the memory of the server."""
    before = memory(ours.process, "VmRSS")
    seen = asyncio.run(open_loop(ours.target, 10 * rate, seconds))
    bad = {kind: count for kind, count in seen.kinds.items() if kind not in ("right", "429", "503")}
    print(
        f"(b) at ten times of it, {10 * rate:.0f} requests/s for {seconds:g} s: {dict(seen.kinds)}; neither right nor "
        f"429 or 503: {bad or 'none'}; memory {before:.0f} MB before, at most {memory(ours.process, 'VmHWM'):.0f} MB.",
        flush=True,
    )
    again = asyncio.run(closed_loop(ours.target, UNDER_WAY, 2.0))
    print(f"Afterwards: {again.rate():.0f} requests/s, {dict(again.kinds)}.")


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """What a process has used of the processors, as Linux counts it; what else the machine does is not in it."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: subprocess.Popen[bytes], name: str) -> float:
    """Memory of a process in MB, as Linux counts it."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


if __name__ == "__main__":
    main()
