"""A service as an operator runs it: a folder with all that it needs, and somebody who starts it again."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callers import ISSUER, Signer
from places import Place

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
CONFIGURATION = """\
issuers:
  - issuer: {issuer}
    {keys}
    {servers}
records: {records}
pseudonym key: {folder}/pseudonym.key
switches: {folder}/switches.yaml
rules: {folder}/rules
fetch from loopback: yes
{more}
"""


@dataclass
class Setting:
    """What a trial wants to be otherwise: lines of the configuration, arguments, environment, a command before it."""

    more: str = ""
    keys_url: str = ""
    fhir: str = ""
    arguments: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Deployment:
    """``process`` is the running service; while ``watched``, one that ended is started again and counted."""

    def __init__(self, folder: Path, place: Place, signer: Signer, setting: Setting) -> None:
        self.folder, self.setting = folder, setting
        self.port = _free_port()
        self.restarts = 0
        self.watched = True
        shutil.copytree(ROOT / "rules", folder / "rules")
        shutil.copytree(ROOT / "fhir_samples", folder / "fhir_samples")
        (folder / "switches.yaml").touch()
        (folder / "keys.json").write_bytes(signer.key_set())
        keys = f"keys url: {setting.keys_url}" if setting.keys_url else f"keys file: {folder}/keys.json"
        servers = f"fhir servers:\n      - {setting.fhir}" if setting.fhir else ""
        text = CONFIGURATION.format(
            issuer=ISSUER, keys=keys, servers=servers, records=place.records, folder=folder, more=setting.more
        )
        (folder / "service.yaml").write_text(text, encoding="utf-8")
        self.journal = folder / "journal"

    def start(self) -> None:
        """Start the service; it is not waited for."""
        command = [*self.setting.before, sys.executable, "-m", "cds", "serve", "--config",
                   str(self.folder / "service.yaml"), "--port", str(self.port), *self.setting.arguments]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.setting.environment}
        with self.journal.open("ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said, cwd=self.folder, env=environment)

    async def ready(self) -> None:
        """Wait until it accepts connections."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(f"it did not start: {self.journal.read_text(encoding='utf-8')[-600:]}")

    async def keep_until(self, over: asyncio.Event) -> None:
        """Start the service again whenever it has ended by itself, as systemd or Kubernetes do."""
        while not over.is_set():
            if self.watched and self.process.poll() is not None:
                self.restarts += 1
                self.start()
            await asyncio.sleep(0.1)

    def stop(self) -> None:
        """End it as an operator does."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def memory(self) -> float:
        """Resident memory of the process in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
