"""The few shapes of SVG that pictures on pages need; every text in them is escaped."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

WIDTH = 880.0
"""The width of every picture of the audit book."""


def coordinate(value: float) -> str:
    """A coordinate with one decimal, without trailing zeros."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, inner: str = "", /, **attributes: float | str) -> str:
    """An element; ``_`` in the name of an attribute stands for ``-``, and ``class_`` for ``class``."""
    texts = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(value if isinstance(value, str) else coordinate(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{''.join(texts)}>{inner}</{name}>"


def text(x: float, y: float, words: str, **attributes: float | str) -> str:
    """A line of text."""
    return element("text", escape(words), x=x, y=y, **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: float | str) -> str:
    """A rectangle."""
    return element("rect", x=x, y=y, width=max(0.0, width), height=height, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: float | str) -> str:
    """A line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def circle(x: float, y: float, radius: float, **attributes: float | str) -> str:
    """A circle."""
    return element("circle", cx=x, cy=y, r=radius, **attributes)


def picture(height: float, title: str, description: str, inner: str, width: float = WIDTH, **attributes: str) -> Markup:
    """A picture with a title and a description for those who do not see it; attributes as of ``element``."""
    named = element("title", escape(title)) + element("desc", escape(description))
    box = f"0 0 {coordinate(width)} {coordinate(height)}"
    return Markup(element("svg", named + inner, viewBox=box, role="img", class_="picture", **attributes))  # noqa: S704 - all is escaped


def wrapped(words: str, most: int) -> list[str]:
    """A text in lines of at most so many characters, broken at spaces."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > most and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
