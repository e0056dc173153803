"""The help of every command says what its exit statuses mean, and shows a command that can be typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from cds.cli import app
from cds.commands.endings import ENDINGS


def commands(command: click.Command, context: click.Context, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and every group, by the words that are typed after ``cds``."""
    yield path
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, click.Context(inner, info_name=name, parent=context), (*path, name))


ALL = list(commands(app, click.Context(app, info_name="cds")))
each_command = pytest.mark.parametrize("path", ALL, ids=" ".join)


def found(path: tuple[str, ...]) -> tuple[click.Command, click.Context]:
    command: click.Command = app
    context = click.Context(app, info_name="cds")
    for name in path:
        assert isinstance(command, click.Group)
        inner = command.get_command(context, name)
        assert inner is not None
        command, context = inner, click.Context(inner, info_name=name, parent=context)
    return command, context


def help_of(path: tuple[str, ...]) -> str:
    done = CliRunner().invoke(app, [*path, "--help"])
    assert done.exit_code == 0
    return done.stdout


@each_command
def test_the_help_says_the_exit_statuses_and_shows_an_example(path: tuple[str, ...]) -> None:
    text = help_of(path)
    status = " ".join(text.partition("Exit status: ")[2].split())
    assert re.match(r"0 .+; 2 .+\. Example: cds", status), text
    examples = text.partition("Example:\n")[2].splitlines()
    assert examples
    # Each is one line that can be copied, and is about this command.
    assert all(line.startswith(" ".join(["    cds", *path])) for line in examples)


@each_command
def test_an_example_can_be_typed(path: tuple[str, ...]) -> None:
    for example in ENDINGS[" ".join(path)].examples:
        words = shlex.split(re.split(r" [<>|] ", example)[0])[1:]
        command, context = found(())
        while isinstance(command, click.Group):
            name = words.pop(0)
            inner = command.get_command(context, name)
            assert inner is not None
            command, context = inner, click.Context(inner, info_name=name, parent=context)
        assert command.make_context(command.name, words, parent=context.parent) is not None


@each_command
def test_every_option_says_what_it_does(path: tuple[str, ...]) -> None:
    command, _ = found(path)
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [
        option.opts for option in options if not option.help or not option.help.strip().endswith((".", "?", ".)"))
    ] == []


@pytest.mark.parametrize("name", ["rules", "as_of", "database", "places"])
def test_the_same_option_is_explained_in_the_same_words_everywhere(name: str) -> None:
    options = [option for path in ALL for option in found(path)[0].params if isinstance(option, click.Option)]
    texts = {(option.help or "").removesuffix(" May be repeated.") for option in options if option.name == name}
    assert len(texts - {"An empty database: a new SQLite file, or a URL."}) == 1


def test_no_ending_is_about_a_command_that_is_not_there() -> None:
    assert ENDINGS.keys() == {" ".join(path) for path in ALL}


def test_the_list_of_commands_loads_none_of_them() -> None:
    code = "import sys; from cds.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    heavy = {"rich", "orjson", "pydantic", "starlette", "jinja2", "cds.rulebook", "cds.intake", "cds.evaluation"}
    assert heavy & loaded == set()
