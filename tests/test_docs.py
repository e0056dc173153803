"""Every command of docs/ runs in a fresh copy of the checkout and prints what the page says; the site is built."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT, copied, run
from documents import CHANGE, DOCS, PAGES, PRINTS, RUN, WRITE, change, matches, steps

TOOLS = {"python": "", "cds": "-m cds", "pytest": "-m pytest", "ruff": "-m ruff", "mypy": "-m mypy"}
WITH_COMMANDS = [page for page in PAGES if any(step.kind == RUN for step in steps(page.read_text(encoding="utf-8")))]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The commands of an activated environment, for the code of a copy."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, module in TOOLS.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return folder


def after(session: str, more: str) -> str:
    """A piece of Python in the session of the pieces before it, which print nothing now."""
    return f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    exec({session!r})\n{more}"


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=[page.stem for page in WITH_COMMANDS])
def test_the_commands_of_a_page_do_what_it_says(page: Path, tools: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if "-m sphinx" in text:
        pytest.importorskip("myst_parser", reason="the extra docs is not installed")
    folder = copied(tmp_path / "checkout")
    around = {"PATH": f"{tools}:/usr/bin:/bin", "PYTHONPATH": str(folder), "HOME": str(tmp_path)}
    printed, session = "", ""
    for step in steps(text):
        if step.kind == WRITE:
            (folder / step.about).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.about).write_text(step.text, encoding="utf-8")
        elif step.kind == CHANGE:
            change(folder, step.text)
        elif step.kind == RUN:
            command = f"set -e\n{step.text}"
            if step.about == "python":
                command, session = f"python -c {shlex.quote(after(session, step.text))}", session + step.text
            done = run(command, folder, **around)
            assert done.returncode == 0, f"{step.text}\n{done.stdout}{done.stderr}"
            printed = done.stdout
        elif step.kind == PRINTS:
            assert matches(step.text, printed), f"{page.name} says\n{step.text}\nbut this was printed:\n{printed}"


def test_the_site_is_built_without_a_warning_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    pytest.importorskip("myst_parser", reason="the extra docs is not installed")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-d", str(tmp_path / "trees")]
    done = subprocess.run([*command, str(DOCS), str(tmp_path / "site")], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "site").glob("*.html")}
    assert {page.stem for page in PAGES} <= pages.keys()
    fetched = [r'<(?:script|img|iframe)[^>]+src="https?:', r'<link[^>]+rel="(?:stylesheet|icon)"[^>]+href="https?:']
    assert [name for name, text in pages.items() if any(re.search(pattern, text) for pattern in fetched)] == []
    styles = [path.read_text(encoding="utf-8") for path in (tmp_path / "site" / "_static").glob("*.css")]
    assert [style for style in styles if re.search(r"url\(.?https?:|@import .*https?:", style)] == []
