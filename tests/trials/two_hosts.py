"""Two hosts of two workers each, a proxy and PostgreSQL, in network namespaces; one host is killed under load.

    python tests/trials/two_hosts.py [--seconds 20]

Hosts a (10.77.0.11) and b (10.77.0.12, with the database), nginx on the proxy (10.77.0.1), which clients call. After a
third of the time host a is cut off and everything on it killed. Told is what clients saw, and what is in the log. Then
every token that was answered is used again. It needs root, the program ip, nginx and a PostgreSQL server.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import recorded  # noqa: E402 - the tests' own
from tokens import EHR, key_set  # noqa: E402

GROUP = "https://cds.group.example"
HOSTS = {"proxy": "10.77.0.1", "a": "10.77.0.11", "b": "10.77.0.12"}
PORT = 8080
CONFIG = f"""\
public url: {GROUP}
listen:
  host: {{address}}
  port: {PORT}
workers: 2
issuers:
  - issuer: {EHR}
    keys file: keys.json
records: postgresql://calcium@{HOSTS["b"]}/postgres
pseudonym key: key
"""
NGINX = f"""\
worker_processes 1;
daemon off;
error_log stderr crit;
pid {{folder}}/nginx.pid;
events {{{{ worker_connections 1024; }}}}
http {{{{
    access_log off;
    client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/f;
    uwsgi_temp_path {{folder}}/u; scgi_temp_path {{folder}}/s;
    upstream cds {{{{
        server {HOSTS["a"]}:{PORT} max_fails=2 fail_timeout=5s;
        server {HOSTS["b"]}:{PORT} max_fails=2 fail_timeout=5s;
        keepalive 16;
        keepalive_timeout 4s;
    }}}}
    server {{{{
        listen {HOSTS["proxy"]}:{PORT};
        location / {{{{
            proxy_pass http://cds;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout 2s;
            proxy_read_timeout 10s;
            proxy_next_upstream error timeout;
            add_header x-host $upstream_addr always;
        }}}}
    }}}}
}}}}
"""


def name(host: str) -> str:
    """The namespace of a host, of this process alone."""
    return f"cds{os.getpid()}{host}"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@contextmanager
def network() -> Iterator[None]:
    """The hosts a and b, and the proxy, which is the switch between them."""
    try:
        for host in HOSTS:
            ip("netns", "add", name(host))
            ip("-n", name(host), "link", "set", "lo", "up")
        ip("-n", name("proxy"), "link", "add", "switch", "type", "bridge")
        ip("-n", name("proxy"), "address", "add", f"{HOSTS['proxy']}/24", "dev", "switch")
        ip("-n", name("proxy"), "link", "set", "switch", "up")
        for host in ("a", "b"):
            ip(
                "-n",
                name("proxy"),
                "link",
                "add",
                f"to-{host}",
                "type",
                "veth",
                "peer",
                "name",
                "e",
                "netns",
                name(host),
            )
            ip("-n", name("proxy"), "link", "set", f"to-{host}", "master", "switch", "up")
            ip("-n", name(host), "address", "add", f"{HOSTS[host]}/24", "dev", "e")
            ip("-n", name(host), "link", "set", "e", "up")
        yield
    finally:
        for host in HOSTS:
            kill(host)
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", name(host))


def kill(host: str) -> None:
    """End all that runs on a host."""
    found = subprocess.run(["ip", "netns", "pids", name(host)], capture_output=True, text=True, check=False, timeout=20)
    for process in map(int, found.stdout.split()):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def on(host: str, *words: str) -> list[str]:
    """A command as it is run on a host."""
    return ["ip", "netns", "exec", name(host), *words]


class Database(recorded.Server):
    """PostgreSQL on host b, which the others reach by its address."""

    def start(self) -> None:
        """Serve the private network."""
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 10.77.0.0/24 trust\n", encoding="utf-8"
        )
        binary = recorded.BINARIES[-1] / "postgres"
        options = [
            "-D",
            str(self.data),
            "-c",
            f"listen_addresses={HOSTS['b']}",
            "-c",
            f"unix_socket_directories={self.socket}",
        ]
        drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        self.running = subprocess.Popen(on("b", *drop, str(binary), *options), **quiet)
        recorded._run("pg_isready", "--host", str(self.socket), "--username", "calcium", patiently=True)


def serve(host: str, folder: Path) -> subprocess.Popen[bytes]:
    """The service on a host, with the files that all hosts have."""
    config = folder / f"{host}.yaml"
    config.write_text(CONFIG.format(address=HOSTS[host]), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / f"{host}.log").open("wb") as said:
        words = on(host, sys.executable, "-m", "cds", "serve", "--config", str(config))
        return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=said, stderr=said)


def from_proxy(*words: str) -> list[str]:
    """What the clients' program says, run on the proxy."""
    done = subprocess.run(on("proxy", sys.executable, __file__, *words), capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=600)  # fmt: skip
    return done.stdout.splitlines()


def clients(place: str, seconds: float) -> None:
    """Call through the proxy, four at a time; one line for each call: when, how it ended, and its token."""
    import threading

    import httpx2
    from calls import REVIEW, call
    from tokens import token

    restore(Path(place).read_text("utf-8"))
    print("begun", flush=True)
    begin = time.monotonic()

    def run() -> None:
        with httpx2.Client(base_url=f"http://{HOSTS['proxy']}:{PORT}", timeout=30, trust_env=False) as client:
            while time.monotonic() - begin < seconds:
                now = time.time()
                made = token(
                    aud=f"{GROUP}{REVIEW}", iat=now - 1, exp=now + 250, header={"jku": None}, jti=f"t{time.time_ns()}"
                )
                at = time.monotonic() - begin
                headers = {"authorization": f"Bearer {made}"}
                try:
                    answer = client.post(REVIEW, json=call(), headers=headers)
                    said, host = str(answer.status_code), answer.headers.get("x-host", "-").replace(" ", "")
                except httpx2.TransportError as error:
                    said, host = type(error).__name__, "-"
                sys.stdout.write(f"{at:.3f} {time.monotonic() - begin - at:.3f} {said} {made} {host}\n")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def replays(place: str) -> None:
    """Use tokens again, one of each line of a file, through the proxy; one line with the status of each."""
    import httpx2
    from calls import REVIEW, call

    with httpx2.Client(base_url=f"http://{HOSTS['proxy']}:{PORT}", timeout=30, trust_env=False) as client:
        for made in Path(place).read_text("utf-8").split():
            found = client.post(REVIEW, json=call(), headers={"authorization": f"Bearer {made}"})
            print(found.status_code)


def restore(text: str) -> None:
    """Sign with the key of the trial, not with a new one."""
    import tokens
    from joserfc.jwk import ECKey

    known = {"ES384": ECKey.import_key(json.loads(text))}
    tokens.keys = lambda: known  # type: ignore[assignment]


def main() -> None:
    """Run the trial and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--clients", metavar="KEY")
    parser.add_argument("--replays", metavar="TOKENS")
    options = parser.parse_args()
    if options.clients:
        clients(options.clients, options.seconds)
    elif options.replays:
        replays(options.replays)
    elif os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nginx", "setpriv"))) or not recorded.BINARIES:
        sys.exit("It needs root, and the programs ip, nginx, setpriv and postgres.")
    else:
        trial(options.seconds)


def trial(seconds: float) -> None:
    """The trial itself."""
    from tokens import keys

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        folder.chmod(0o755)
        stack.enter_context(network())
        database = Database(folder)
        (folder / "keys.json").write_text(json.dumps(key_set("ES384")), encoding="utf-8")
        (folder / "private.json").write_text(json.dumps(keys()["ES384"].as_dict(private=True)), encoding="utf-8")
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder), encoding="utf-8")
        for host in ("a", "b"):
            serve(host, folder)
            until_ready(host)
        subprocess.Popen(on("proxy", "nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)))
        loading = subprocess.Popen(
            on("proxy", sys.executable, __file__, "--clients", str(folder / "private.json"), "--seconds", str(seconds)),
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert loading.stdout is not None
        assert loading.stdout.readline() == "begun\n"
        time.sleep(seconds / 3)
        ip("-n", name("proxy"), "link", "set", "to-a", "down")
        kill("a")
        told = [line.split() for line in (loading.communicate(timeout=seconds + 120)[0]).splitlines()]
        tell(told, seconds / 3)
        good = [line[3] for line in told if line[2] == "200"]
        (folder / "used").write_text("\n".join(good[:: max(1, len(good) // 200)]), encoding="utf-8")
        print("used again:", dict(Counter(from_proxy("--replays", str(folder / "used")))))
        in_log = database_says(database)
        print(f"in the log: {in_log} decisions, {len(good)} were acknowledged; lost: {max(0, len(good) - in_log)}")
        database.stop()


def tell(told: list[list[str]], killed: float) -> None:
    """Print what clients saw."""
    print(f"calls: {len(told)}; answers: {dict(Counter(line[2] for line in told))}")
    print(f"before the cut by: {dict(Counter(line[4] for line in told if float(line[0]) < killed))}")
    bad = [line for line in told if line[2] != "200"]
    if bad:
        print(f"not 200: begun {float(bad[0][0]) - killed:+.1f} to {float(bad[-1][0]) - killed:+.1f} s after the cut")
    times = sorted(float(line[1]) for line in told)
    after = [float(line[1]) for line in told if float(line[0]) > killed + 6]
    print(f"longest call {times[-1]:.2f} s; from 6 s after the cut {max(after, default=0):.2f} s")


def until_ready(host: str) -> None:
    """Wait until a host says that it is ready."""
    probe = f"import httpx2; print(httpx2.get('http://{HOSTS[host]}:{PORT}/readyz', trust_env=False).status_code)"
    for _ in range(240):
        found = subprocess.run(on("proxy", sys.executable, "-c", probe), capture_output=True, text=True, check=False)
        if found.stdout.strip() == "200":
            return
        time.sleep(0.5)
    sys.exit(f"host {host} does not become ready")


def database_says(database: Database) -> int:
    """How many decisions are in the log, all of which are good."""
    from cds.records.chain import verify
    from cds.records.database import open_existing

    engine = open_existing(database.url)
    found = verify(engine)
    engine.dispose()
    assert found.problem == "", found.problem
    return found.good


if __name__ == "__main__":
    main()
