"""The fenced blocks of a Markdown page, and playing those that can be played."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w./-]+\.(?:py|toml|jsonl|yaml|csv))`")


class Block(msgspec.Struct, frozen=True):
    """A fenced block.

    Attributes:
        language: What stands behind the opening fence.
        text: What stands between the fences.
        file: The last file that the paragraph before it names: the block is its content.
    """

    language: str
    text: str
    file: str | None


def blocks(page: Path) -> list[Block]:
    """Return a page's fenced blocks, in order."""
    parts = FENCE.split(page.read_text("utf-8"))
    return [Block(parts[i + 1], parts[i + 2], _file(parts[i])) for i in range(0, len(parts) - 1, 3)]


def _file(before: str) -> str | None:
    """Return the file that a block is the content of, as the words before it say."""
    paragraph = before.strip().split("\n\n")[-1]
    found = FILE.findall(paragraph)
    return found[-1] if found else None


class Player:
    """Plays a page as its reader would, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packs = folder / ".packs"
        scripts = str(Path(sys.executable).parent)
        self.environment = {
            **{k: v for k, v in os.environ.items() if k != "COLUMNS"},
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.packs),
        }

    def play(self, block: Block) -> None:
        """Write a file, or run commands and compare what they print."""
        if block.file is not None:
            file = self.folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
                command, _, expected = part.partition("\n")
                assert_same(self.run(command), expected, command)

    def run(self, command: str) -> str:
        """Run one command of a session; return what it printed."""
        if assignment := re.fullmatch(r"export (\w+)=(\S+)", command):
            self.environment[assignment[1]] = assignment[2]
            return ""
        if pack := re.fullmatch(r"pip install (-e )?'?([\w./-]+)(?:\[\w+\]')?", command):
            return self.install(self.folder / pack[2], editable=bool(pack[1]))
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr.decode()}"
        return done.stdout.decode()

    def install(self, project: Path, *, editable: bool = False) -> str:
        """Do what pip would: put the modules, and the entry points, where Python looks.

        Modules of an editable project stay where they are, and Python looks there.
        """
        declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
        info = self.packs / f"{declared['name'].replace('-', '_')}-{declared['version']}.dist-info"
        info.mkdir(parents=True)
        if editable:
            self.environment["PYTHONPATH"] += f"{os.pathsep}{project}"
        else:
            self._copy(project)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {declared['name']}\nVersion: {declared['version']}\n"
        )
        points = declared["entry-points"]["kamengine"]
        lines = "".join(f"{name} = {module}\n" for name, module in points.items())
        (info / "entry_points.txt").write_text(f"[kamengine]\n{lines}")
        return ""

    def _copy(self, project: Path) -> None:
        for module in project.glob("*.py"):
            shutil.copy(module, self.packs)
        for package in project.glob("*/__init__.py"):
            shutil.copytree(package.parent, self.packs / package.parent.name)


def assert_same(printed: str, expected: str, command: str) -> None:
    """Compare output line by line, white space at the end aside; ``...`` stands for anything."""
    got = "\n".join(line.rstrip() for line in printed.splitlines() if line.strip())
    wanted = "\n".join(line.rstrip() for line in expected.splitlines() if line.strip())
    pattern = re.escape(wanted).replace(re.escape("..."), ".*")
    assert re.fullmatch(pattern, got, re.DOTALL), f"$ {command}\n{got}"
