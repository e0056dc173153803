"""How the documentation becomes a site: ``python -m sphinx -W docs docs/_build``. Nothing in it needs a network."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
PAGES_OF = {
    "readme": "README.md",
    "service": "SERVICE.md",
    "deployment": "deploy/README.md",
    "security": "SECURITY.md",
    "rules": "rules/README.md",
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
}
"""Pages that stand elsewhere in the checkout, by the page of the site that shows them."""

project = "calcium-cds"
author = "the authors of calcium-cds"
project_copyright = author
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Clinical decision support for calcium supplements",
    "fixed_sidebar": True,
    "page_width": "1180px",
    "sidebar_width": "230px",
    "show_relbars": True,
}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s:#]+)(#[^)]*)?\)")


def shown(text: str, home: Path) -> str:
    """The text of a page that stands elsewhere, its links as those of the page of the site."""
    pages = {(ROOT / path).resolve(): name for name, path in PAGES_OF.items()}

    def link(found: re.Match[str]) -> str:
        words, target, place = found[1], (home / found[2]).resolve(), found[3] or ""
        if target in pages:
            return f"[{words}]({pages[target]}.md{place})"
        if target.parent == ROOT / "docs":
            return f"[{words}]({target.name}{place})"
        if target.is_file():
            return f"[{words}](../{target.relative_to(ROOT)})"
        return f"{words} (`{target.relative_to(ROOT)}`)" if f"`{target.name}" not in words else words

    return LINK.sub(link, text)


def _read(_: Sphinx, name: str, source: list[str]) -> None:
    path = ROOT / PAGES_OF.get(name, f"docs/{name}.md")
    source[0] = shown(path.read_text(encoding="utf-8"), path.parent)


def setup(app: Sphinx) -> None:
    """Let pages of the site show pages that stand elsewhere."""
    app.connect("source-read", _read)
