"""Do the documents keep step with the code? Exit code 1, with a list, if not.

Looks at links, at settings (`.env.example`, operations guide, compose file), at reason codes and
at error codes.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
READERS = {
    "text", "number", "whole", "boolean", "words", "numbers", "choice", "origins", "address",
    "database",
}  # fmt: skip
PACKAGES_WITH_ERRORS = (
    "common",
    "kyc_adapter",
    "providers",
    "templates_sync",
    "tenants",
    "verifications",
    "webhooks",
)
# Which argument holds the code, where it has no name.
PLACE_OF_ERROR_CODE = {"RequestNotPossible": 0, "Problem": 1, "error_body": 99}
PACKAGES_WITH_REASONS = ("providers/adapters", "verifications")


def main(root: Path = ROOT) -> int:
    problems = [
        *broken_links(root),
        *missing_settings(root),
        *missing_reasons(root),
        *missing_errors(root),
    ]
    for problem in problems:
        print(problem)
    print(f"Documents: {len(problems)} problems")
    return 1 if problems else 0


def broken_links(root: Path) -> Iterator[str]:
    """Relative links whose file, or heading, does not exist."""
    for document in documents(root):
        for target in LINK.findall(CODE_BLOCK.sub("", document.read_text())):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = target.partition("#")
            linked = (document.parent / path).resolve() if path else document
            where = f"{document.relative_to(root)}: link {target}"
            if not linked.exists():
                yield f"{where} leads nowhere"
            elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
                yield f"{where} names a heading that is not there"


def documents(root: Path) -> list[Path]:
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def anchors(document: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(CODE_BLOCK.sub("", document.read_text()))
    }


def missing_settings(root: Path) -> Iterator[str]:
    """Settings read from the environment that a document lacks, or gives another default."""
    read = settings_read(root / "kyc_adapter" / "settings.py")
    example = dict(
        re.findall(r"^([A-Z_]+)=(.*)$", (root / ".env.example").read_text(), re.MULTILINE)
    )
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*)\|", operations(root), re.MULTILINE)
    guide = {name: shown.strip().strip("`") for name, shown in rows}
    passed_on = set(re.findall(r"^ +([A-Z_]+):", compose(root), re.MULTILINE))
    for name, default in sorted(read.items()):
        yield from (
            f"{where}: {name} is missing"
            for where, names in (
                (".env.example", example),
                ("docs/operations.md", guide),
                ("docker-compose.yml", passed_on),
            )
            if name not in names
        )
        for where, given in ((".env.example", example), ("docs/operations.md", guide)):
            if default is not None and given.get(name, default) != default:
                yield f"{where}: {name} has the default {default!r}, not {given[name]!r}"
        if default is None and example.get(name):
            # Whoever copies the file to a production machine would take a local default there.
            yield f".env.example: {name} must be empty, its default depends on where it runs"
    for name in sorted(set(example) - set(read)):
        yield f".env.example: {name} is not a setting"


def operations(root: Path) -> str:
    return (root / "docs" / "operations.md").read_text()


def compose(root: Path) -> str:
    return (root / "docker-compose.yml").read_text()


def settings_read(path: Path) -> dict[str, str | None]:
    """What settings.py reads from the environment; default None if it is not a plain value."""
    return {
        call.args[0].value: default_of(call)
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and name_of(call.func) in READERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def default_of(call: ast.Call) -> str | None:
    """As it is written in an environment: `false`, not `False`."""
    if len(call.args) == 1 or name_of(call.func) == "address":
        return ""
    default = call.args[1]
    if not isinstance(default, ast.Constant):
        return None
    return str(default.value).lower() if isinstance(default.value, bool) else str(default.value)


def missing_reasons(root: Path) -> Iterator[str]:
    """Reason codes in the code that docs/reason-codes.md does not explain, and the reverse."""
    documented = set(
        re.findall(r"^\| `(\w+)`", (root / "docs" / "reason-codes.md").read_text(), re.MULTILINE)
    )
    used = {code for package in PACKAGES_WITH_REASONS for code in reasons_in(root / package)}
    for code in sorted(used - documented):
        yield f"docs/reason-codes.md: {code} is missing"
    for code in sorted(documented - used):
        yield f"docs/reason-codes.md: {code} is not raised anywhere"


def reasons_in(package: Path) -> Iterator[str]:
    """First arguments of calls that make a reason: `Reason(...)` and small functions around it."""
    for path in package.rglob("*.py"):
        yield from reasons_in_source(path.read_text())


@cache
def reasons_in_source(source: str) -> set[str]:
    tree = ast.parse(source)
    makers = {"Reason", *reason_makers(tree)}
    return {
        word
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and name_of(call.func) in makers and call.args
        for word in words_in(call.args[0])
    }


def reason_makers(tree: ast.Module) -> set[str]:
    """What hands its first parameter, or its first field, on to `Reason`."""
    makers = set()
    for maker in ast.walk(tree):
        if isinstance(maker, ast.FunctionDef | ast.ClassDef):
            first = first_input(maker)
            if first and any(first == passed for passed in passed_to_reason(maker)):
                makers.add(maker.name)
    return makers


def first_input(maker: ast.FunctionDef | ast.ClassDef) -> str | None:
    if isinstance(maker, ast.FunctionDef):
        return maker.args.args[0].arg if maker.args.args else None
    fields = [line.target for line in maker.body if isinstance(line, ast.AnnAssign)]
    return f"self.{fields[0].id}" if fields and isinstance(fields[0], ast.Name) else None


def passed_to_reason(maker: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    for call in ast.walk(maker):
        if isinstance(call, ast.Call) and name_of(call.func) == "Reason" and call.args:
            yield ast.unparse(call.args[0])


def missing_errors(root: Path) -> Iterator[str]:
    """Error codes a client may get that docs/api.md does not name."""
    guide = (root / "docs" / "api.md").read_text()
    packages = [root / package for package in PACKAGES_WITH_ERRORS]
    codes = {code for package in packages for code in errors_in(package)}
    for code in sorted(codes):
        if f"`{code}`" not in guide:
            yield f"docs/api.md: the error code {code} is missing"


def errors_in(package: Path) -> Iterator[str]:
    """Codes given to what raises or writes an error, and `code = ...` of exception classes."""
    for path in package.rglob("*.py"):
        if "sandbox" in path.parts or "management" in path.parts:
            continue
        yield from errors_in_source(path.read_text())


@cache
def errors_in_source(source: str) -> set[str]:
    codes: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name_of(node.func) in PLACE_OF_ERROR_CODE:
            place = PLACE_OF_ERROR_CODE[name_of(node.func)]
            given = [word.value for word in node.keywords if word.arg == "code"]
            for argument in [*node.args[place : place + 1], *given]:
                codes.update(words_in(argument))
        elif isinstance(node, ast.ClassDef):
            codes.update(class_codes(node))
    return codes


def class_codes(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        targets = line.targets if isinstance(line, ast.Assign) else []
        targets = [line.target] if isinstance(line, ast.AnnAssign) else targets
        value = line.value if isinstance(line, ast.Assign | ast.AnnAssign) else None
        if value is not None and [ast.unparse(target) for target in targets] == ["code"]:
            yield from words_in(value)


def words_in(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


if __name__ == "__main__":
    sys.exit(main())
