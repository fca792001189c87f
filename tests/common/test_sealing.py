"""Encryption at rest: a value opens only in the place, and with a key, it was sealed for."""

from __future__ import annotations

import base64
import os

import pytest

from common.sealing import (
    SealBroken,
    fingerprint,
    is_sealed_with_newest_key,
    seal_bytes,
    unseal_bytes,
)
from providers.models import ProviderAccount
from tenants.models import Account, Tenant
from verifications.models import Verification

OLD, NEW = os.urandom(32), os.urandom(32)
SECRET = {"api_token": "canary-7b1c", "names": ["ÅSA", None], "n": 1.5}


@pytest.fixture
def keys(settings):
    def use(*keys: bytes) -> None:
        settings.FIELD_ENCRYPTION_KEYS = list(keys)

    return use


def test_what_was_sealed_opens_again_in_its_place():
    sealed = seal_bytes(b"canary-7b1c", "evidence.file:1")

    assert unseal_bytes(sealed, "evidence.file:1") == b"canary-7b1c"
    assert b"canary" not in sealed


def test_sealing_twice_gives_different_ciphertexts():
    assert seal_bytes(b"same", "place") != seal_bytes(b"same", "place")


def test_a_value_copied_elsewhere_does_not_open():
    sealed = seal_bytes(b"value", "evidence.file:1")

    with pytest.raises(SealBroken, match=r"evidence\.file:2 was altered, or sealed for another"):
        unseal_bytes(sealed, "evidence.file:2")


@pytest.mark.parametrize("position", [5, 17, -1], ids=["nonce", "ciphertext", "tag"])
def test_an_altered_value_does_not_open(position):
    sealed = bytearray(seal_bytes(b"value", "place"))
    sealed[position] ^= 1

    with pytest.raises(SealBroken, match="place was altered"):
        unseal_bytes(bytes(sealed), "place")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + b"x" * 40], ids=len)
def test_what_is_no_sealed_value_does_not_open(sealed):
    with pytest.raises(SealBroken):
        unseal_bytes(sealed, "place")


def test_a_cut_off_value_does_not_open():
    sealed = seal_bytes(b"value", "place")

    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            unseal_bytes(sealed[:length], "place")


def test_a_wrong_key_gives_a_clear_error_and_never_the_ciphertext(keys):
    keys(OLD)
    sealed = seal_bytes(b"value", "place")
    keys(NEW)

    with pytest.raises(SealBroken) as refusal:
        unseal_bytes(sealed, "place")

    assert str(refusal.value) == (
        "place was sealed with a key that FIELD_ENCRYPTION_KEYS does not hold (any more)"
    )


def test_the_newest_key_seals_and_the_old_one_still_opens(keys):
    keys(OLD)
    old = seal_bytes(b"value", "place")
    keys(NEW, OLD)
    new = seal_bytes(b"value", "place")

    assert unseal_bytes(old, "place") == unseal_bytes(new, "place") == b"value"
    assert not is_sealed_with_newest_key(old)
    assert is_sealed_with_newest_key(new)
    keys(NEW)
    assert unseal_bytes(new, "place") == b"value"


def test_a_fingerprint_is_stable_keyed_and_bound_to_its_purpose(settings):
    first = fingerprint("P_123", "account_reference")

    assert len(first) == 64
    assert first == fingerprint("P_123", "account_reference")
    assert first != fingerprint("P_123", "provider_account")
    assert first != fingerprint("P_124", "account_reference")
    settings.SECRET_KEY = "another " + "k" * 50
    assert first != fingerprint("P_123", "account_reference")


class TestSealedColumn:
    def test_holds_any_json_and_stores_no_plain_text(self):
        account = ProviderAccount(credentials=SECRET)

        assert account.credentials == SECRET
        assert b"canary" not in bytes(account.sealed_credentials)

    def test_none_stays_null(self):
        assert ProviderAccount(credentials=None).sealed_credentials is None
        assert ProviderAccount().credentials is None

    def test_does_not_show_in_repr(self):
        assert "canary" not in repr(ProviderAccount(credentials=SECRET).__dict__)

    def test_moved_to_another_row_does_not_open(self):
        source = ProviderAccount(credentials=SECRET)

        with pytest.raises(SealBroken):
            _ = ProviderAccount(sealed_credentials=source.sealed_credentials).credentials

    def test_moved_to_another_column_does_not_open(self):
        verification = Verification(result=SECRET)
        verification.sealed_subject = verification.sealed_result

        with pytest.raises(SealBroken):
            _ = verification.subject

    def test_moved_to_another_table_does_not_open(self):
        source = Verification(result=SECRET)

        with pytest.raises(SealBroken):
            _ = Account(pk=source.pk, sealed_profile=source.sealed_result).profile

    @pytest.mark.django_db
    def test_is_read_back_from_the_database(self):
        tenant = Tenant.objects.create(name="Bank")
        saved = Account.objects.create(tenant=tenant, reference_fingerprint="f", profile=SECRET)

        assert Account.objects.get(pk=saved.pk).profile == SECRET


def test_keys_of_the_suite_are_32_bytes():
    given = os.environ["FIELD_ENCRYPTION_KEYS"].split(",")

    assert {len(base64.urlsafe_b64decode(key)) for key in given} == {32}
