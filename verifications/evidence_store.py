"""Pictures on disk (or wherever the `evidence` storage is), encrypted, one file each.

A file is written before its row, so a crash leaves a file without a row, never the reverse;
`purge_orphans` removes such files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.timezone import now

from common.ids import new_id
from common.images import ImageFacts
from common.sealing import SealBroken, is_sealed_with_newest_key, seal_bytes, unseal_bytes
from providers.types import Image, ImageRole
from verifications.models import Evidence, Verification

log = structlog.get_logger("verifications.evidence_store")

SUFFIX = ".sealed"
# Nobody takes this long from a file to its row.
ORPHAN_AFTER = timedelta(hours=1)
ORPHAN_DAYS = 3
WEEK_HOURS = 7 * 24


class EvidenceUnreadable(Exception):
    """A picture's file is not there, was altered, or was sealed with a key we don't have.

    It may be readable again: once a volume is mounted, or a key is back in the settings.
    """

    code = "evidence_unreadable"
    message = "A picture of this verification cannot be read"
    suggested_action = "Send the request again, with its pictures; the operator must look"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that passed `inspect_image`."""

    data: bytes = field(repr=False)
    facts: ImageFacts


def write(verification: Verification, pictures: Mapping[ImageRole, Picture]) -> list[Evidence]:
    """Store the files, all or none; the rows are returned unsaved."""
    rows: list[Evidence] = []
    try:
        for role, picture in pictures.items():
            rows.append(_written(verification, role, picture))
    except BaseException:
        discard(rows)
        raise
    return rows


def _written(verification: Verification, role: ImageRole, picture: Picture) -> Evidence:
    evidence_id = new_id()
    name = _storage().save(
        f"{_folder(now())}/{evidence_id}{SUFFIX}",
        ContentFile(seal_bytes(picture.data, _place(evidence_id))),
    )
    return Evidence(
        id=evidence_id,
        verification=verification,
        role=role.value,
        file_name=name,
        mime_type=picture.facts.mime_type,
        sha256=hashlib.sha256(picture.data).hexdigest(),
        size_bytes=len(picture.data),
        width=picture.facts.width,
        height=picture.facts.height,
        purge_at=_purge_at(),
    )


def discard(rows: Iterable[Evidence]) -> None:
    """Remove files whose rows will not be saved."""
    for row in rows:
        _storage().delete(row.file_name)


def read(row: Evidence) -> Image:
    """Raises EvidenceUnreadable, or another OSError if the storage fails, which may pass."""
    try:
        return Image(unseal_bytes(_content(row), _place(row.pk)), row.mime_type)
    except (FileNotFoundError, SealBroken, Evidence.DoesNotExist) as error:
        log.exception("evidence_unreadable")
        raise EvidenceUnreadable from error


def _content(row: Evidence) -> bytes:
    """What is in the file; in the one that `reseal` has put in its place since the row was read."""
    known = row.file_name
    try:
        with _storage().open(known) as file:
            return bytes(file.read())
    except FileNotFoundError:
        row.refresh_from_db(fields=["file_name"])
        if row.file_name == known:
            raise
    with _storage().open(row.file_name) as file:
        return bytes(file.read())


def _purge_at() -> datetime | None:
    days = settings.EVIDENCE_RETENTION_DAYS
    return now() + timedelta(days=days) if days else None


def _place(evidence_id: UUID) -> str:
    return f"evidence.file:{evidence_id}"


def _folder(moment: datetime) -> str:
    return f"{moment:%Y/%m/%d}"


def _storage() -> Storage:
    return storages["evidence"]


def reseal(row: Evidence) -> bool:
    """Encrypt a picture's file with the newest key; whether it was an older one.

    The new file stands beside the old one until the row names it, so that a crash loses nothing.
    A picture that is gone, or was purged meanwhile, is left so.
    """
    try:
        with _storage().open(row.file_name) as file:
            sealed = file.read()
    except FileNotFoundError:
        log.warning("evidence_missing", verification_id=str(row.verification_id))
        return False
    if is_sealed_with_newest_key(sealed):
        return False
    place = _place(row.pk)
    renewed = _storage().save(
        row.file_name, ContentFile(seal_bytes(unseal_bytes(sealed, place), place))
    )
    same = Evidence.objects.filter(pk=row.pk, file_name=row.file_name)
    is_named = bool(same.update(file_name=renewed))
    _storage().delete(row.file_name if is_named else renewed)
    return is_named


def purge(limit: int = 500) -> int:
    """Delete pictures whose retention is over, file first; how many."""
    due = list(Evidence.objects.filter(purge_at__lte=now()).order_by("purge_at")[:limit])
    discard(due)
    Evidence.objects.filter(pk__in=[row.pk for row in due]).delete()
    return len(due)


def purge_orphans() -> int:
    """Delete files that no row names, left by a crash; how many.

    Called every hour, it looks at the last days, where files are written, and at a share of the
    older ones, where `reseal` may leave one: at each of them once a week.
    """
    last_days = {_folder(now() - timedelta(days=back)) for back in range(ORPHAN_DAYS)}
    hour = int(now().timestamp()) // 3600
    their_turn = {day for day in _days() if (int(day.replace("/", "")) - hour) % WEEK_HOURS == 0}
    names = [name for day in last_days | their_turn for name in _files_in(day)]
    purged = 0
    for start in range(0, len(names), 500):
        for name in _without_row(names[start : start + 500]):
            if _storage().get_modified_time(name) < now() - ORPHAN_AFTER:
                _storage().delete(name)
                purged += 1
    return purged


def _without_row(names: Sequence[str]) -> set[str]:
    rows = Evidence.objects.filter(pk__in={_id_of(name) for name in names})
    return set(names).difference(rows.values_list("file_name", flat=True))


def _days() -> list[str]:
    """Every folder there is."""
    years = _folders_in("")
    months = [month for year in years for month in _folders_in(year)]
    return [day for month in months for day in _folders_in(month)]


def _folders_in(folder: str) -> list[str]:
    names = _listed(folder)[0]
    return [f"{folder}/{name}".lstrip("/") for name in names if name.isdecimal()]


def _files_in(folder: str) -> list[str]:
    names = _listed(folder)[1]
    return [f"{folder}/{name}" for name in names if name.endswith(SUFFIX)]


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """The folders and the files in a folder; nothing if it is not there."""
    try:
        return _storage().listdir(folder)
    except FileNotFoundError:
        return [], []


def _id_of(name: str) -> UUID:
    """The evidence a file belongs to; a resealed one has something after `_` besides."""
    return UUID(name.rpartition("/")[2].removesuffix(SUFFIX).partition("_")[0])
