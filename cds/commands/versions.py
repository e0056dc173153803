"""What the commands share that look at another version of the rules, or write into a folder of rules."""

from __future__ import annotations

from pathlib import Path

from cds.bookshelf import is_installed, open_rulebook
from cds.commands.common import chosen_overlay, say_what_was_read, wrong_use
from cds.review.revisions import rules_at
from cds.rulebook.model import RuleBook


def version_at(reference: str, folder: Path, title: str) -> RuleBook:
    """The rulebook of a git revision of a folder of rules, or of another folder; ``title`` begins the line about it.

    Raises:
        CdsError: the reference is neither.
        RulebookError: with every problem of every file.

    """
    overlay = chosen_overlay()
    with rules_at(reference, folder) as place:
        book = open_rulebook(place, overlay)
    named = Path(reference)
    say_what_was_read(title, named if named.is_dir() else folder, overlay, book, "" if named.is_dir() else reference)
    return book


def check_writable(folder: Path) -> None:
    """Wrong use when a folder of rules is part of an installation: what is written there does not last."""
    if is_installed(folder):
        wrong_use(
            f"'{folder.resolve()}' belongs to the installation, and nothing is written there. Run the command in the "
            f"directory that holds your folder 'rules', or name the folder with --rules; a copy of these rules is "
            f"made by: cp -r '{folder.resolve()}' rules"
        )
