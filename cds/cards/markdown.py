"""Markdown -> a tree of a few harmless elements, or HTML: the only door to markdown-it.

The page builds elements from the tree and sets their text; nothing of a record is handed to a browser as HTML.
The audit book takes the HTML of our own texts. HTML inside a text stays text in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Node: TypeAlias = "str | dict[str, Any]"
TAGS = {tag: tag for tag in ("strong", "em", "blockquote", "table", "thead", "tbody", "tr", "th", "td")} | {
    "paragraph": "p",
    "heading": "h4",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "hardbreak": "br",
}
"""What becomes an element; everything else (links, images, HTML) becomes the text of what it holds."""


def blocks(text: str) -> list[Node]:
    """The elements of a Markdown text: ``{"tag": ..., "children": [...]}`` or plain text."""
    return [node for child in SyntaxTreeNode(_parser().parse(text)).children for node in _nodes(child)]


def html(text: str) -> str:
    """A Markdown text as HTML: no HTML of its own, and no pictures, so that nothing is fetched."""
    rendered: str = _parser("image").render(text)
    return rendered


@lru_cache(maxsize=2)
def _parser(*off: str) -> MarkdownIt:
    """GitHub's tables, HTML as the text that it is, and without the forms that are off."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable([*off])


def _nodes(node: SyntaxTreeNode) -> Iterator[Node]:
    tag = TAGS.get(node.type)
    children = [inner for child in node.children for inner in _nodes(child)]
    if tag and not node.hidden:
        yield {"tag": tag, "children": children}
    elif node.type == "softbreak":
        yield " "
    elif children:
        yield from children
    elif node.content:
        yield node.content
