"""The image holds everything that the service imports."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copied_into_the_image():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    words = (line.split() for line in lines if line.startswith("COPY "))
    return [source for _, source, *_ in words if not source.startswith("--from")]


def test_the_service_starts_from_what_is_copied(tmp_path):
    for name in copied_into_the_image():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "production",
            "SECRET_KEY": "k" * 50,
            "ALLOWED_HOSTS": "kyc.example.com",
            "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(bytes(32)).decode(),
            "EVIDENCE_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
