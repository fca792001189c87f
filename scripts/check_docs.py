"""Do documents keep step with the code? Links, settings, reason codes; exit code 1 if not."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
READERS = {"text", "number", "whole", "boolean", "words", "numbers"}
PACKAGES_WITH_REASONS = ("providers/adapters", "verifications")


def main(root: Path = ROOT) -> int:
    problems = [*broken_links(root), *missing_settings(root), *missing_reasons(root)]
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
    """Settings read from the environment that .env.example or the operations guide don't name."""
    read = settings_read(root / "kyc_adapter" / "settings.py")
    example = set(re.findall(r"^([A-Z_]+)=", (root / ".env.example").read_text(), re.MULTILINE))
    guide = (root / "docs" / "operations.md").read_text()
    for name in sorted(read):
        if name not in example:
            yield f".env.example: {name} is missing"
        if f"`{name}`" not in guide:
            yield f"docs/operations.md: {name} is missing"
    for name in sorted(example - read):
        yield f".env.example: {name} is not a setting"


def settings_read(path: Path) -> set[str]:
    """First arguments of the functions in settings.py that read the environment."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in READERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


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
        tree = ast.parse(path.read_text())
        makers = {"Reason", *reason_makers(tree)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and name_of(call.func) in makers and call.args:
                yield from words_in(call.args[0])


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


def words_in(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


if __name__ == "__main__":
    sys.exit(main())
