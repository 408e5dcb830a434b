from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.docs.blocks import ROOT

PINNED = {**os.environ, "PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "PYTHONPATH": ""}

Once: TypeAlias = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a folder by a name, once for all the processes that share a run of the tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def wheel(once: Once) -> Path:
    """The wheel, built in isolation as anybody would build it."""
    (built,) = once("wheel", lambda folder: build([ROOT], folder)).glob("*.whl")
    return built


@pytest.fixture(scope="session")
def fresh(wheel: Path, once: Once) -> Path:
    """The scripts folder of a new environment into which only the wheel was installed.

    Nothing else is ever installed into it: see `layer`.
    """

    def make(folder: Path) -> None:
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(folder / "bin" / "pip"), "install", "--quiet", str(wheel)])

    return once("fresh", make) / "bin"


def layer(fresh: Path, folder: Path) -> Path:
    """Make an environment that has all that another one has, to install more into.

    Returns:
        Its scripts folder. kamengine's own script isn't there: run it as a module.
    """
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (below,) = fresh.parent.glob("lib/python*/site-packages")
    (site / "below.pth").write_text(f"{below}\n")
    return folder / "bin"


def install(fresh: Path, scripts: Path, *what: object) -> None:
    """Install by the pip of one environment into another."""
    pip = [str(fresh / "python"), "-m", "pip", "--python", str(scripts / "python")]
    run([*pip, "install", "--quiet", *map(str, what)])


def build(projects: Iterable[Path], folder: Path) -> None:
    """Build the wheels of projects, each in isolation."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder)]
    with ThreadPoolExecutor() as builders:
        list(builders.map(lambda project: run([*command, str(project)]), projects))


def run(command: list[str], folder: Path | None = None) -> str:
    """Run a command outside of the checkout; return what it printed, or fail with what it said."""
    done = subprocess.run(
        command, cwd=folder, env=PINNED, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
