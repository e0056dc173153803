"""Counts the house: modules, lines, share of imports and lines that are not formatted; prints a table."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

CDS = Path(__file__).resolve().parent.parent / "cds"


def imports_in(text: str) -> int:
    """How many lines of a module are imports."""
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes)


def main() -> None:
    """Print the figures of each room and of the whole."""
    rooms: dict[str, list[str]] = {}
    for path in sorted(CDS.rglob("*.py")):
        parts = path.relative_to(CDS).parts
        rooms.setdefault(parts[0] if len(parts) > 1 else ".", []).append(path.read_text(encoding="utf-8"))
    rooms["all"] = [text for texts in rooms.values() for text in texts]
    print(f"{'room':12}{'modules':>8}{'lines':>8}{'median':>8}{'imports':>9}{'fmt: skip':>11}")
    for room, texts in rooms.items():
        lines = [len(text.splitlines()) for text in texts]
        imports = sum(map(imports_in, texts)) / max(1, sum(lines))
        skipped = sum(text.count("# fmt: skip") for text in texts)
        print(f"{room:12}{len(texts):8}{sum(lines):8}{statistics.median(lines):8g}{imports:9.1%}{skipped:11}")


if __name__ == "__main__":
    main()
