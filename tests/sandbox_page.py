"""Cards as the public CDS Hooks sandbox shows them, as a page for the browser tests.

What its card list was seen to do (github.com/cds-hooks/sandbox, ``src/components/CardList``): the most urgent first;
the summary in bold, 18 px; the source in small italics; the detail as GitHub-flavoured Markdown in which a line break
stays one and HTML is HTML; a button for each suggestion, and for each link; the reasons to override in a list to
choose from. Sizes are those of its style sheet.
"""

from __future__ import annotations

import html
from typing import Any

from markdown_it import MarkdownIt

Json = dict[str, Any]
INDICATORS = ("critical", "warning", "info")
COLUMN = 450
"""The width of its column of cards in pixels, on a usual screen."""
STYLE = """
body { margin: 0; font: 14px/1.43 "Helvetica Neue", Helvetica, Arial, sans-serif; color: #1c1f21; }
#cards { overflow-wrap: anywhere; }
.card { padding: 15px; margin: 10px; background: #fcfcfc; border: 2px solid #ddd; border-left-width: 3px;
  border-radius: 4px; box-sizing: border-box; }
.info { border-left-color: #0079be; } .info .summary { color: #0079be; }
.warning { border-left-color: #ffae42; } .warning .summary { color: #ffae42; }
.critical { border-left-color: #c00; } .critical .summary { color: #c00; }
.summary { font-size: 18px; font-weight: 700; } .source { font-size: .85em; font-style: italic; margin: 0 0 5px; }
p, ul, h3 { margin: 0 0 10px; } ul { padding-left: 20px; }
button { font: inherit; border: 1px solid #007cc3; border-radius: 3px; padding: 6px 10px; margin: 0 5px 5px 0;
  max-width: 100%; text-align: left; background: #007cc3; color: #fff; }
.links button { background: #fff; color: #007cc3; }
select { max-width: 100%; font: inherit; }
"""
_MARKDOWN = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])


def page_of(cards: list[Json], width: int = COLUMN) -> str:
    """A page with the cards in a column of so many pixels."""
    shown = "".join(map(_card, sorted(cards, key=lambda card: INDICATORS.index(card["indicator"]))))
    body = f'<div id="cards" style="width: {width}px">{shown}</div>'
    return f"<!doctype html><meta charset='utf-8'><title>cards</title><style>{STYLE}</style>{body}"


def _card(card: Json) -> str:
    source = html.escape(card["source"]["label"])
    suggestions = "".join(f"<button>{html.escape(one['label'])}</button>" for one in card.get("suggestions", ()))
    links = "".join(f"<button>{html.escape(one['label'])}</button>" for one in card.get("links", ()))
    reasons = "".join(f"<option>{html.escape(one['display'])}</option>" for one in card["overrideReasons"])
    parts = (
        f'<div class="summary">{html.escape(card["summary"])}</div><div class="source">Source: <a>{source}</a></div>',
        f'<div class="detail">{_MARKDOWN.render(card["detail"])}</div>',
        f'<div class="suggestions">{suggestions}</div><div class="links">{links}</div>',
        f"<select><option>Reason to override</option>{reasons}</select>",
    )
    return f'<div class="card {card["indicator"]}">{"".join(parts)}</div>'
