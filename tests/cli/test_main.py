from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.cli.output import print_rows
from kamengine.errors import LogError
from kamengine.plugins import Registry
from tests.cli.conftest import Run

HEAVY = ("duckdb", "pyarrow", "adbc_driver_sqlite")


@pytest.mark.parametrize("arguments", [["--help"], ["events", "list"]])
def test_starting_up_loads_no_heavy_library(
    environment: dict[str, str], arguments: list[str]
) -> None:
    """A command waits only for the libraries that it needs."""
    script = (
        "import sys\n"
        "from kamengine.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=environment, check=True
    )
    assert done.stderr.decode().splitlines()[-1] == "[]"


def test_every_command_has_its_line_of_help() -> None:
    """The table of commands says what each command says of itself."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
    help_text = CliRunner().invoke(main, ["--help"]).output
    assert "Append events, read them, check the log." in help_text


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    """`--version` answers without a workspace."""
    done = run("--version")
    assert done.returncode == 0
    assert "0.1.0" in done.stdout


def test_a_misspelt_command_is_misuse(run: Run) -> None:
    """Exit code 2."""
    done = run("evnts")
    assert done.returncode == 2
    assert "No such command 'evnts'" in done.stderr


class Broken(Registry):
    """Packs that can't even be asked for."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __getattribute__(self, name: str) -> object:
        if name == "packs":
            raise self.error
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (LogError("It broke", value=3), 2, "Error: It broke: 3.\n"),
        (
            RuntimeError("oh"),
            2,
            "Error: Something unexpected failed (RuntimeError: oh); "
            "run it again with --debug to see where, and please report it.\n",
        ),
        (KeyboardInterrupt(), 130, "Interrupted: what was acknowledged before stands.\n"),
    ],
)
def test_every_failure_is_a_sentence(error: BaseException, code: int, sentence: str) -> None:
    """No traceback reaches a user."""
    app = App(Path(), Broken(error))
    result = CliRunner().invoke(main, ["plugins", "list"], obj=app)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", sentence)


def test_debug_shows_the_traceback() -> None:
    """With --debug the error itself comes out."""
    app = App(Path(), Broken(RuntimeError("oh")))
    result = CliRunner().invoke(main, ["--debug", "plugins", "list"], obj=app)
    assert isinstance(result.exception, RuntimeError)


def test_packs_are_listed_with_what_they_provide(run: Run) -> None:
    """A loaded pack with its numbers, in every form."""
    packs = {p["pack"]: p for p in json.loads(run("plugins", "list", "--format", "json").stdout)}
    assert packs["visits"]["status"] == "loaded"
    assert packs["visits"]["version"] == "1.2"
    assert packs["visits"]["provides"] == {"event types": 3}
    assert "3 event types" in run("plugins", "list").stdout


def test_a_quarantined_pack_is_listed_with_the_reason() -> None:
    """What is wrong with it stands beside its name."""
    registry = Registry()
    registry.add("empty", object())
    command = ["plugins", "list", "--format", "json"]
    result = CliRunner().invoke(main, command, obj=App(Path(), registry))
    (pack,) = json.loads(result.output)
    assert (pack["pack"], pack["status"]) == ("empty", "quarantined")
    assert pack["reason"].startswith("It registers nothing")


def test_json_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    """Decimals are numbers in JSON, exact ones."""
    numbers = [Decimal("12345678901234567890.123456"), Decimal("1.50")]
    print_rows([{"n": n, "nothing": None} for n in numbers], ("n",), "json")
    text = capsys.readouterr().out
    assert '"n":12345678901234567890.123456' in text
    assert [row["n"] for row in json.loads(text, parse_float=Decimal)] == numbers


def test_no_rows_are_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    """A program can read the answer in any case."""
    print_rows([], ("n",), "json")
    assert json.loads(capsys.readouterr().out) == []
