"""The documents' own check finds what it should."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from providers.adapters.idmeta.id_types import ID_TYPES
from providers.registry import ADAPTERS

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("check_docs", ROOT / "scripts" / "check_docs.py")
check_docs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_docs)


@pytest.fixture
def project(tmp_path):
    """A copy of what the check reads."""
    for name in ("docs", "kyc_adapter", "verifications", "providers/adapters"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc", "*.jpg")
        )
    for name in (".env.example", "docker-compose.yml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for path in ROOT.glob("*.md"):
        shutil.copy(path, tmp_path)
    return tmp_path


def append(path, text):
    path.write_text(path.read_text() + text)


def test_project_itself_is_in_step():
    assert check_docs.main() == 0


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("README.md", "[x](docs/nowhere.md)", "README.md: link docs/nowhere.md leads nowhere"),
        ("README.md", "[x](docs/api.md#no)", "names a heading that is not there"),
        (
            "kyc_adapter/settings.py",
            '\nX = text("BRAND_NEW")',
            ".env.example: BRAND_NEW is missing",
        ),
        (
            "kyc_adapter/settings.py",
            '\nX = whole("BRAND_NEW", 5)',
            "docs/operations.md: BRAND_NEW is missing",
        ),
        (
            "kyc_adapter/settings.py",
            '\nX = words("BRAND_NEW")',
            "docker-compose.yml: BRAND_NEW is missing",
        ),
        (
            ".env.example",
            "\nSTEP_TRIES=4",
            ".env.example: STEP_TRIES has the default '3', not '4'",
        ),
        (
            "docs/operations.md",
            "\n| `TRUST_PROXY` | `true` | |",
            "docs/operations.md: TRUST_PROXY has the default 'false', not 'true'",
        ),
        (
            "verifications/services.py",
            '\nX = Problem(HTTPStatus.CONFLICT, "brand_new", "")',
            "docs/api.md: the error code brand_new is missing",
        ),
        (
            "verifications/services.py",
            '\nclass Gone(Exception):\n    code: str = "brand_new"',
            "docs/api.md: the error code brand_new is missing",
        ),
        (
            ".env.example",
            "\nCORS_ORIGINS=http://localhost:3000",
            ".env.example: CORS_ORIGINS must be empty",
        ),
        (
            "kyc_adapter/settings.py",
            '\nX = env.choice("BRAND_NEW", "a", "a", "b")',
            ".env.example: BRAND_NEW is missing",
        ),
        (".env.example", "\nOLD_ONE=1", ".env.example: OLD_ONE is not a setting"),
        (
            "verifications/workflow.py",
            '\nX = Reason("brand_new", RiskLevel.LOW, "")',
            "docs/reason-codes.md: brand_new is missing",
        ),
        ("docs/reason-codes.md", "\n| `old_one` | low | | |", "old_one is not raised anywhere"),
    ],
)
def test_each_gap_is_found(project, capsys, file, text, problem):
    append(project / file, text)

    assert check_docs.main(project) == 1
    assert problem in capsys.readouterr().out


@pytest.mark.parametrize("slug", ADAPTERS)
def test_every_setting_of_a_provider_is_explained(slug):
    guide = (ROOT / "docs" / "providers" / f"{slug}.md").read_text()
    rows = {row(setting) for setting in ADAPTERS[slug].settings}

    assert sorted(start for start in rows if start not in guide) == []


def row(setting):
    """How the guide's table begins it; the settings named after an ID type share a row."""
    for id_type in ID_TYPES:
        if setting.name == f"default_template_id_{id_type.code}":
            return "| `default_template_id_<ID type>` | tenant | |"
    start = f"| `{setting.name}` | {setting.scope.value} |"
    if setting.is_required:
        return f"{start} **required** |"
    if setting.default is None:
        return f"{start} |"
    plain = json.dumps(setting.default).strip('"')
    return f"{start} `{plain}` |"
