"""Runs the steps of deploy/Containerfile in bare roots, and then what it builds, as a container engine would.

    sudo python tests/trials/container.py [--keep FOLDER]

Needs root, debootstrap and about 1 GB. It is a stand-in for an engine: debootstrap's Debian with its own Python is the
base image, each stage is a layer of its own over it (overlayfs), a COPY takes from the checkout or from a stage. What
was built then runs as its user without any right, its root read-only but for /tmp and the data folder, in a network of
its own; it has to answer, `cds healthcheck` of HEALTHCHECK has to pass, nothing may be written anywhere else, and it
has to end within seconds of its signal.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from checkout import copied
from containerfile import Instruction, Stage, stages

SUITE = "trixie"
PACKAGES = "python3,python3-venv,python3-dev,ca-certificates"
"""The image of Python has its headers and no compiler, as this has."""
CONFIGURATION = """listen:
  host: 0.0.0.0
  port: 8080
public url: http://127.0.0.1:8080
authentication: off, and I know that whoever reaches this address can call it
records: records.sqlite
pseudonym key: pseudonym.key
page: no
"""
"""For the trial; paths are taken from the folder of the file, and there nothing may be written."""
PATIENCE = 60.0


def run(*command: object, **more: object) -> str:
    """What a command prints; ends the trial when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"{shlex.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return str(done.stdout)


def base_image(folder: Path) -> Path:
    """A bare Debian with Python, as debootstrap makes it; made once."""
    root = folder / SUITE
    if not (root / "usr/bin/python3").exists():
        sources = Path("/etc/apt/sources.list.d/debian.sources").read_text(encoding="utf-8").splitlines()
        mirror = next(line.split()[1] for line in sources if line.startswith("URIs"))
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root, mirror)
    (root / "usr/local/bin/python3").unlink(missing_ok=True)
    (root / "usr/local/bin/python3").symlink_to("/usr/bin/python3")
    return root


def as_this_machine_reaches_the_network(root: Path) -> None:
    """Give a root the resolver, the certificates and pip's settings of this machine: an engine would too."""
    certificates = [os.environ[name] for name in ("SSL_CERT_FILE", "PIP_CERT") if name in os.environ]
    for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", *certificates):
        if Path(name).is_file():
            (root / name[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, root / name[1:])


class Layers:
    """The roots of the stages, each an overlay over the base image."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder, self.base = folder, base
        self.mounted: list[Path] = []

    def root(self, name: str) -> Path:
        """The root of a stage, mounted."""
        root = self.folder / name / "root"
        if root not in self.mounted:
            upper, work = self.folder / name / "upper", self.folder / name / "work"
            for each in (root, upper, work):
                each.mkdir(parents=True)
            run(
                "mount", "-t", "overlay", "overlay", "-o", f"lowerdir={self.base},upperdir={upper},workdir={work}", root
            )
            self.mounted.append(root)
            for kind, place in (("proc", "proc"), ("devtmpfs", "dev")):
                run("mount", "-t", kind, kind, root / place)
                self.mounted.append(root / place)
        return root

    def away(self) -> None:
        """Unmount all of them."""
        for place in reversed(self.mounted):
            subprocess.run(["umount", "--lazy", str(place)], check=False)


class Build:
    """The steps of one stage, done one after the other; ``context`` is the checkout."""

    def __init__(self, stage: Stage, layers: Layers, context: Path) -> None:
        self.stage, self.layers, self.context = stage, layers, context
        self.root = layers.root(stage.name or "final")
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        self.folder, self.user, self.said = "/", "0:0", dict[str, Instruction]()

    def all(self) -> Build:
        """Do every step."""
        for step in self.stage.steps:
            began = time.monotonic()
            getattr(self, f"do_{step.name.lower()}", self.keep)(step)
            print(
                f"{self.stage.name or 'final'}: {step.name} {step.rest[:90]} ({time.monotonic() - began:.1f} s)",
                flush=True,
            )
        return self

    def keep(self, step: Instruction) -> None:
        """What says how the image runs."""
        self.said[step.name] = step

    def do_run(self, step: Instruction) -> None:
        """A command inside the root, by its shell unless it is in the JSON form."""
        words = step.plain or ["/bin/sh", "-c", step.rest]
        as_this_machine_reaches_the_network(self.root)
        run("chroot", self.root, "env", "-i", *self.variables(), "sh", "-c", 'cd "$1" && shift && exec "$@"', "-",
            self.folder, *words)  # fmt: skip

    def do_copy(self, step: Instruction) -> None:
        """Files of the checkout or of another stage; the contents of a folder, as COPY does."""
        *sources, target = step.words
        home = self.layers.root(step.options["from"]) if "from" in step.options else self.context
        to = self.root / (Path(self.folder) / target).as_posix().lstrip("/")
        for source in sources:
            here = home / source.lstrip("/")
            if here.is_dir():
                to.mkdir(parents=True, exist_ok=True)
                run("cp", "-a", f"{here}/.", to)
            else:
                (to if target.endswith("/") else to.parent).mkdir(parents=True, exist_ok=True)
                run("cp", "-a", here, to)
        if owner := step.options.get("chown"):
            run("chown", "-R", owner, to)

    def do_workdir(self, step: Instruction) -> None:
        """The folder of the steps that follow."""
        self.folder = step.rest
        (self.root / step.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def do_env(self, step: Instruction) -> None:
        """Variables."""
        self.environment |= dict(word.split("=", 1) for word in shlex.split(step.rest))

    def do_user(self, step: Instruction) -> None:
        """Who runs it."""
        self.user = step.rest

    def variables(self) -> list[str]:
        """The environment as ``env`` takes it."""
        kept = {name: value for name, value in os.environ.items() if name in ("SSL_CERT_FILE", "PIP_CERT")}
        return [f"{name}={value}" for name, value in {**kept, **self.environment}.items()]


class Container:
    """What was built, as it runs: no rights, a root that is read-only, only loopback."""

    def __init__(self, build: Build) -> None:
        self.build, self.root = build, build.root
        self.data = self.root / build.said["VOLUME"].rest.lstrip("/")

    def command(self, words: list[str]) -> list[str]:
        """A command inside, as the user of the image and with its environment."""
        user, group = self.build.user.split(":")
        variables = [f"{name}={value}" for name, value in self.build.environment.items()]
        drop = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        changed = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "-", self.build.folder]
        return ["chroot", str(self.root), "env", "-i", *variables,
                "setpriv", f"--reuid={user}", f"--regid={group}", *drop, *changed, *words]  # fmt: skip

    @contextmanager
    def running(self, words: list[str]) -> Iterator[subprocess.Popen[str]]:
        """The command of the image; its root read-only by a remount, /tmp and the data folder writable."""
        steps = [
            f"mount --bind {self.root} {self.root}",
            f"mount -o remount,bind,ro {self.root}",
            f"mount -t tmpfs -o mode=1777 tmpfs {self.root}/tmp",  # noqa: S108 - that of the container
            f"mount -t tmpfs -o mode=0700 tmpfs {self.data}",
            f"chown {self.build.user} {self.data}",
            f"mount -t proc proc {self.root}/proc",
            f"mount --rbind /dev {self.root}/dev",
            "ip link set lo up",
            f"exec {shlex.join(self.command(words))}",
        ]
        command = ["unshare", "--mount", "--net", "sh", "-c", " && ".join(steps)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def inside(self, process: subprocess.Popen[str], words: list[str]) -> subprocess.CompletedProcess[str]:
        """Another command in the running container."""
        enter = ["nsenter", "--target", str(process.pid), "--mount", "--net"]
        return subprocess.run([*enter, *self.command(words)], capture_output=True, text=True)


LOOK = """
import os
for place in ("/", "/etc/calcium-cds", "/opt/calcium-cds", "/usr/local", "/home"):
    try:
        open(os.path.join(place, "written"), "w")
    except OSError:
        continue
    raise SystemExit(place + " can be written")
open("/tmp/written", "w"), open("/var/lib/calcium-cds/written", "w")
capabilities = [line for line in open("/proc/self/status") if line.startswith("CapEff")][0].split()[1]
print(os.getuid(), os.getgid(), os.getgroups(), capabilities)
"""


def tried(container: Container) -> None:
    """Run it, ask it, look at it, end it; ends the trial at the first thing that is not as it should be."""
    said = container.build.said
    start = [*(said["ENTRYPOINT"].plain or ()), *(said["CMD"].plain or ())]
    health = json.loads(said["HEALTHCHECK"].rest.partition("CMD ")[2])
    samples = run("find", container.root / "opt", "-path", "*fhir_samples/high-calcium/bundle.json").split()
    sample = f"/{Path(samples[0]).relative_to(container.root)}"
    with container.running(start) as process:
        began = time.monotonic()
        expect(container, process, "HEALTHCHECK", health)
        expect(container, process, "ready", [*health, "--ready"])
        print(f"ready {time.monotonic() - began:.1f} s after the start")
        expect(container, process, "a call", [start[0], "invoke", "http://127.0.0.1:8080", sample])
        expect(container, process, "user, group, groups, capabilities", ["/opt/calcium-cds/bin/python", "-c", LOOK])
        began = time.monotonic()
        process.terminate()
        process.wait(30)
        print(f"it ended {time.monotonic() - began:.1f} s after SIGTERM, with status {process.returncode}")


def expect(container: Container, process: subprocess.Popen[str], what: str, words: list[str]) -> None:
    """Try a command inside until it succeeds, for a while; ends the trial when it does not."""
    end = time.monotonic() + PATIENCE
    while (done := container.inside(process, words)).returncode:
        if time.monotonic() > end or process.poll() is not None:
            process.kill()
            sys.exit(f"{what}: {done.stdout}{done.stderr}\n{process.stderr.read() if process.stderr else ''}")
        time.sleep(0.5)
    print(f"{what}: {next(filter(None, done.stdout.splitlines()), '')}")


def main() -> None:
    """Build and try."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", type=Path, help="where the bare Debian is kept for the next time")
    asked = options.parse_args()
    kept = asked.keep or Path(mkdtemp())
    work = Path(mkdtemp(dir=kept))
    context = copied(work / "context")
    layers = Layers(work, base_image(kept))
    try:
        builds = [Build(stage, layers, context).all() for stage in stages()]
        final = builds[-1]
        config = final.root / "etc/calcium-cds/service.yaml"
        data = "/" + final.said["VOLUME"].rest.lstrip("/")
        config.write_text(
            CONFIGURATION.replace(": records.", f": {data}/records.").replace(": pseudonym.", f": {data}/pseudonym.")
        )
        size = run("du", "-sm", final.root / "opt").split()[0]
        print(f"/opt takes {size} MB")
        tried(Container(final))
        print("The steps of the Containerfile were done, and what they build runs as it should.")
    finally:
        layers.away()
        shutil.rmtree(work if asked.keep else kept, ignore_errors=True)


if __name__ == "__main__":
    main()
