"""The options of commands that list what was given up, and have it done again."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandParser


def add_retry_options(parser: CommandParser, *, again: str) -> None:
    """--retry ID (repeated) or --all, and --json. again: the verb, such as `run`."""
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "--retry",
        type=UUID,
        action="append",
        metavar="ID",
        help=f"{again} this one again; may be repeated",
    )
    wanted.add_argument("--all", action="store_true", help=f"{again} all of them again")
    parser.add_argument("--json", action="store_true", help="print objects instead of a table")
