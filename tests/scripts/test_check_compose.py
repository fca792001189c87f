"""The check of the compose file is done with whatever there is, and never left out in silence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_compose.sh"
NO_PLUGIN = 'echo "unknown command: docker compose" >&2; exit 1'
RECORDS = 'echo "$0 $*" >> "$(dirname "$0")/calls"'
REFUSES = "echo refused >&2; exit 15"


@pytest.fixture
def machine(tmp_path):
    """A machine with only what the script may take for granted."""
    for name in ("bash", "dirname", "id", "mktemp", "rm"):
        (tmp_path / name).symlink_to(shutil.which(name))
    return tmp_path


def install(machine, **programs):
    for name, body in programs.items():
        path = machine / name.replace("_", "-")
        path.write_text(f"#!{machine}/bash\n{body}\n")
        path.chmod(0o755)


def check(machine):
    return subprocess.run(
        [SCRIPT], env={"PATH": str(machine)}, capture_output=True, text=True, check=False
    )


def calls(machine):
    return (machine / "calls").read_text() if (machine / "calls").exists() else ""


def test_plugin_of_docker(machine):
    install(machine, docker=RECORDS)

    assert check(machine).returncode == 0
    assert "docker compose --env-file" in calls(machine)


def test_package_of_debian_where_docker_has_no_plugin(machine):
    install(machine, docker=NO_PLUGIN, docker_compose=RECORDS)

    assert check(machine).returncode == 0
    assert "docker-compose --env-file" in calls(machine)
    assert "config --quiet" in calls(machine)


def test_neither_can_be_had(machine):
    install(machine, docker=NO_PLUGIN, apt_get=REFUSES)

    done = check(machine)

    assert done.returncode == 1
    assert "Cannot check docker-compose.yml" in done.stderr


def test_file_that_is_refused(machine):
    install(machine, docker_compose=REFUSES)

    assert check(machine).returncode == 15
