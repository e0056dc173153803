"""A small WebDriver client for headless Chromium, and a server thread, for tests of the page.

WebDriver is a W3C recommendation (https://www.w3.org/TR/webdriver2/); only what the tests need is here.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

Json = dict[str, Any]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver names an element."""
SELECT_ALL = "\ue009a\ue000"
"""Control and A, and control released."""
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,1500",
]  # fmt: skip
PATIENCE = 20.0


def missing_browser() -> str:
    """Why there is no browser to test with; empty when there is one."""
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(absent)} not installed (Debian: chromium, chromium-driver)" if absent else ""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def served(app: Any, port: int = 0) -> Iterator[str]:
    """The base URL of an ASGI application that is served on the loopback address, at a port or at any."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def until(ready: Callable[[], object]) -> Any:
    """The first true answer within some seconds."""
    end = time.monotonic() + PATIENCE
    while not (found := ready()):
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)
    return found


class Browser:
    """One session of headless Chromium."""

    def __init__(self, driver: str, session: str) -> None:
        self.calls = httpx2.Client(base_url=f"{driver}/session/{session}/", timeout=60, trust_env=False)

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = self.calls.request(method, path, json=body if method == "POST" else None).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def open(self, url: str) -> None:
        self.call("POST", "url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function body returns in the page."""
        return self.call("POST", "execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector: str) -> str:
        """The text of the first element, as it is seen; empty without one."""
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def texts(self, selector: str) -> list[str]:
        found = self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", selector)
        return [str(text) for text in found]

    def sees(self, selector: str, text: str) -> str:
        """The text of an element once it holds the words."""
        return str(until(lambda: (own := self.text(selector)) and text in own and own))

    def find(self, selector: str) -> str:
        found = self.call("POST", "element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    def click(self, selector: str) -> None:
        self.call("POST", f"element/{self.find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Put a text in place of what stands in a field, by the keyboard, and leave the field."""
        element = self.find(selector)
        is_file = self.run("return arguments[0].type === 'file'", {ELEMENT: element})
        self.call("POST", f"element/{element}/value", {"text": text if is_file else f"{SELECT_ALL}{text}"})
        self.run("document.activeElement.blur()")

    def press(self, key: str) -> None:
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.call("POST", "actions", {"actions": [{"type": "key", "id": "keyboard", "actions": keys}]})

    def devtools(self, command: str, **parameters: Any) -> Any:
        """What Chromium's own protocol answers: media, sizes and scripts are set there."""
        return self.call("POST", "goog/cdp/execute", {"cmd": command, "params": parameters})

    def looks(self, width: int = 1280, scheme: str = "light", media: str = "") -> None:
        """Set the width of the window in pixels, light or dark, and the medium (``print``; empty: the screen)."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def log(self, kind: str) -> list[Json]:
        """What was logged since it was asked for last: ``browser`` (the console) or ``performance``."""
        entries: list[Json] = self.call("POST", "se/log", {"type": kind})
        return entries

    def requested(self) -> set[str]:
        """The URLs outside the browser itself that were requested since this was asked for last."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
        urls = {str(params["request"]["url"]) for params in sent}
        return {url for url in urls if not url.startswith(("chrome:", "data:"))}


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Headless Chromium with a new profile."""
    port = free_port()
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _ready(base))
        options = {
            "goog:chromeOptions": {"args": [*FLAGS, f"--user-data-dir={profile}"]},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        body = {"capabilities": {"alwaysMatch": options}}
        answer = httpx2.post(f"{base}/session", json=body, timeout=60, trust_env=False).json()["value"]
        assert "sessionId" in answer, answer
        session = Browser(base, answer["sessionId"])
        try:
            yield session
        finally:
            session.calls.delete(f"{base}/session/{answer['sessionId']}")
            session.calls.close()
    finally:
        driver.terminate()
        driver.wait(PATIENCE)


def _ready(base: str) -> bool:
    try:
        return bool(httpx2.get(f"{base}/status", timeout=5, trust_env=False).json()["value"]["ready"])
    except httpx2.HTTPError:
        return False
