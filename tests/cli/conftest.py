from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.log import visits

ORGANISATION = "name: Acme\nreporting_currency: USD\ntime_zone: UTC\n"

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder that counts as a workspace."""
    return workspace_in(tmp_path)


@pytest.fixture
def environment(tmp_path: Path, workspace: Path) -> dict[str, str]:
    """Variables under which a process finds the tests' own pack, installed like any other."""
    return environment_in(tmp_path, workspace)


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command line as a process, in a folder beside the workspace."""
    return runner(environment, tmp_path)


def workspace_in(folder: Path) -> Path:
    """Make a workspace in a folder."""
    root = folder / "workspace"
    (root / "config").mkdir(parents=True)
    (root / "config" / "organisation.yaml").write_text(ORGANISATION)
    return root


def environment_in(folder: Path, workspace: Path) -> dict[str, str]:
    """Install the tests' own pack in a folder; return the variables that let it be found."""
    packs = folder / "packs"
    info = packs / "visits-1.2.dist-info"
    info.mkdir(parents=True)
    shutil.copy(visits.__file__, packs / "visits.py")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: visits\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[kamengine]\nvisits = visits\n")
    return {
        **os.environ,
        "PYTHONPATH": str(packs),
        "KAMENGINE_WORKSPACE": str(workspace),
        "COLUMNS": "200",
    }


def runner(environment: dict[str, str], folder: Path) -> Run:
    """Return what runs the command line as a process, in a folder."""

    def kamengine(
        *arguments: object, stdin: bytes = b"", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "kamengine", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=folder,
            env={**environment, **variables},
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return kamengine
