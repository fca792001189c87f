"""Encryption at rest: AES-256-GCM, bound to the place a value is stored in.

A sealed value is `version (1 byte) | key id (4) | nonce (12) | ciphertext and tag`. Table, column
and row are authenticated with it, so a ciphertext copied to another row or column does not open.
Keys come from FIELD_ENCRYPTION_KEYS, newest first: the first one seals, every one opens.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.crypto import salted_hmac

VERSION = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES


class SealBroken(Exception):
    """A sealed value cannot be opened: no configured key fits, or it was altered or moved.

    The text names the table, the column and the row: it is for operators. The rest is for callers.
    """

    code = "stored_data_unreadable"
    message = "What is stored here cannot be read with the keys of this installation"
    suggested_action = "Ask the operator to look: the log names FIELD_ENCRYPTION_KEYS and the place"


class SealedJSON(property):
    """A JSON value of a model, kept encrypted in one of its binary fields.

    `result = SealedJSON("sealed_result")` decrypts when read and encrypts when set. The row's
    primary key must be set, which UUID keys are from the start. It is a `property`, because
    Django takes properties as constructor arguments.
    """

    def __init__(self, field_name: str) -> None:
        self.field_name = field_name
        super().__init__(self._get, self._set)

    def _get(self, instance: models.Model) -> Any:
        sealed = getattr(instance, self.field_name)
        return None if sealed is None else unseal(instance, self.field_name, sealed)

    def _set(self, instance: models.Model, value: Any) -> None:
        sealed = None if value is None else seal(instance, self.field_name, value)
        setattr(instance, self.field_name, sealed)


def sealed_field() -> models.BinaryField[Any, Any]:
    """The column behind a `SealedJSON`."""
    return models.BinaryField(null=True, default=None, editable=False)


def seal(instance: models.Model, column: str, value: Any) -> bytes:
    """Encrypt a JSON value for this column of this row."""
    plain = json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":")).encode()
    return seal_bytes(plain, _place(instance, column))


def unseal(instance: models.Model, column: str, sealed: bytes | memoryview) -> Any:
    """The JSON value sealed for this column of this row. Raises SealBroken."""
    return json.loads(unseal_bytes(bytes(sealed), _place(instance, column)))


def seal_bytes(plain: bytes, place: str) -> bytes:
    """Encrypt bytes for `place`, a name that is unique to where they are stored."""
    key_id, cipher = next(iter(_ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS)).items()))
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + key_id + nonce + cipher.encrypt(nonce, plain, place.encode())


def unseal_bytes(sealed: bytes, place: str) -> bytes:
    """Raises SealBroken."""
    key_id = sealed[len(VERSION) : len(VERSION) + KEY_ID_BYTES]
    cipher = _ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS)).get(key_id)
    if sealed[: len(VERSION)] != VERSION or cipher is None:
        raise SealBroken(
            f"{place} was sealed with a key that FIELD_ENCRYPTION_KEYS does not hold (any more)"
        )
    nonce = sealed[HEADER_BYTES - NONCE_BYTES : HEADER_BYTES]
    try:
        return cipher.decrypt(nonce, sealed[HEADER_BYTES:], place.encode())
    except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
        raise SealBroken(f"{place} was altered, or sealed for another place") from None


def is_sealed_with_newest_key(sealed: bytes | memoryview) -> bool:
    newest = next(iter(_ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS))))
    return bytes(sealed[len(VERSION) : len(VERSION) + KEY_ID_BYTES]) == newest


def fingerprint(value: str, purpose: str) -> str:
    """A keyed hash (64 hex) to find or compare a secret value without storing it."""
    return salted_hmac(f"kyc_adapter.{purpose}", value, algorithm="sha256").hexdigest()


def _place(instance: models.Model, column: str) -> str:
    return f"{instance._meta.db_table}.{column}:{instance.pk}"


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[bytes, ...]) -> dict[bytes, AESGCM]:
    return {hashlib.sha256(key).digest()[:KEY_ID_BYTES]: AESGCM(key) for key in keys}
