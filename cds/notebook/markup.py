"""HTML whose text is escaped and whose styles are attributes; colours that do on light and on dark ground."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

LINE = "1px solid rgba(128,128,128,.4)"
MUTED = "opacity:.78;font-size:.88em"
BLUE, AMBER, RED, GREEN, GREY = "#1f5fa8", "#8a5200", "#a8201a", "#1b6b3a", "#56646e"
"""Grounds on which white text can be read."""
EDGES = {BLUE: "#3d85d8", AMBER: "#e09a00", RED: "#d9362c", GREEN: "#2f9e5b", GREY: "#8a979f"}
"""The bar at the edge of what has a colour: it is seen on white and on black."""
INDICATORS = {"info": BLUE, "warning": AMBER, "critical": RED}
ROLES = {"go on": GREEN, "pause": AMBER, "stop now": RED, "no answer": GREY, "outside the scope": GREY}
CELL = f"border:{LINE};padding:.15em .5em;text-align:left;vertical-align:top"
STYLES = {
    "p": "margin:.45em 0",
    "ul": "margin:.3em 0;padding-left:1.3em",
    "ol": "margin:.3em 0;padding-left:1.5em",
    "li": "margin:.1em 0",
    "h4": "margin:.7em 0 .2em;font-size:1em",
    "blockquote": f"margin:.4em 0;padding-left:.8em;border-left:3px solid {EDGES[GREY]}",
    "table": "table-layout:auto;border-collapse:collapse;margin:.4em 0;font-size:.92em",
    "td": CELL,
    "th": f"{CELL};font-weight:600",
    "summary": "cursor:pointer;font-weight:600;font-size:.9em",
}
FRAME = "font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;max-width:60em;color:inherit"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: Any, style: str = "", **attributes: str) -> Html:
    """An element with its children: HTML as it is, other text escaped; what is nothing is left out."""
    styled = ";".join(filter(None, (STYLES.get(tag, ""), style)))
    written = {**({"style": styled} if styled else {}), **attributes}
    told = "".join(f' {name}="{escape(value)}"' for name, value in written.items())
    return Html(f"<{tag}{told}>" if tag == "br" else f"<{tag}{told}>{joined(children)}</{tag}>")


def joined(children: Iterable[Any]) -> Html:
    """Children one after another, lists among them too."""
    return Html("".join(_written(child) for child in children if child))


def _written(child: Any) -> str:
    if isinstance(child, Html):
        return child
    return escape(child) if isinstance(child, str) else joined(child)


def tag(text: str, colour: str) -> Html:
    """A word on a coloured ground."""
    style = f"background:{colour};color:#fff;border-radius:4px;padding:.05em .5em;font-size:.8em;font-weight:600"
    return element("span", text, style=f"display:inline-block;white-space:nowrap;margin-right:.4em;{style}")


def boxed(colour: str, *children: Any) -> Html:
    """A box with a bar of a colour at its left edge."""
    bar = f"border-left:6px solid {EDGES[colour]};border-radius:6px"
    return element("div", *children, style=f"border:{LINE};{bar};padding:.6em .9em;margin:.6em 0")


def opening(title: str, *children: Any, is_open: bool = False) -> Html:
    """A part that can be opened and closed."""
    start = {"open": "open"} if is_open else {}
    return element("details", element("summary", title), *children, style="margin:.35em 0", **start)


def linked(label: str, url: str) -> Html:
    """A link to a page of the web; anything else is text."""
    if not url.startswith(("https://", "http://")):
        return Html(escape(label))
    return element("a", label, href=url, target="_blank", rel="noopener noreferrer")


def unbroken(text: str) -> Html:
    """A name that stays in one line, as the id of a rule does."""
    return element("span", text, style="white-space:nowrap")


def rows(heads: Iterable[Any], lines: Iterable[Iterable[Any]]) -> Html:
    """A table."""
    names = [element("th", name) for name in heads]
    body = [element("tr", [element("td", cell) for cell in line]) for line in lines]
    return element("table", element("thead", element("tr", names)) if names else "", element("tbody", body))
