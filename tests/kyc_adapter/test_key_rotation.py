"""Old keys can be dropped after one command, whatever was sealed with them."""

from __future__ import annotations

import io
import os

import pytest
from django.core.management import CommandError, call_command

from common.images import inspect_image
from common.sealing import SealBroken, is_sealed_with_newest_key
from kyc_adapter.key_rotation import sealed_columns
from providers.models import ProviderAccount
from providers.types import ImageRole
from tenants.models import Account
from tenants.services import account_of_person
from tests.verifications_support import blank_picture
from verifications import evidence_store, services
from verifications.evidence_store import Picture
from verifications.models import Verification, VerificationType
from verifications.requests import NewVerification

pytestmark = pytest.mark.django_db

OLD, NEW = os.urandom(32), os.urandom(32)
SUBJECT = {"firstName": "Juan", "lastName": "Dela Cruz"}
EXTRACTED = {"firstName": "Juan", "nationality": "PHL", "documentNumber": "P1"}


@pytest.fixture
def sealed_with_old(settings, idmeta_tenant):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    account = ProviderAccount.objects.get()
    account.credentials = {"api_token": "1|secret"}
    account.save()
    account_of_person(tenant=idmeta_tenant, extracted=EXTRACTED)
    data = blank_picture()
    return services.create(
        NewVerification(
            tenant=idmeta_tenant,
            mode="live",
            verification_type=VerificationType.DOCUMENT,
            pictures={ImageRole.FRONT: Picture(data, inspect_image(data))},
            subject=SUBJECT,
        )
    )


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_encryption_keys", stdout=out)
    return out.getvalue()


def test_everything_opens_with_the_new_key_alone(settings, sealed_with_old):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    printed = rotate()

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    verification = Verification.objects.get()
    assert verification.subject == SUBJECT
    assert verification.request_metadata == {}
    assert evidence_store.read(verification.evidence.get()).data == blank_picture()
    assert ProviderAccount.objects.get().credentials == {"api_token": "1|secret"}
    assert Account.objects.get().profile["name"] == {"first": "Juan", "last": None}
    for model, column in sealed_columns():
        for row in model.objects.exclude(**{column.field_name: None}):
            assert is_sealed_with_newest_key(getattr(row, column.field_name))
    assert "verifications.sealed_subject" in printed


def test_second_run_changes_nothing(settings, sealed_with_old):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    rotate()
    before = Verification.objects.values_list("sealed_subject", flat=True).get()
    file_name = sealed_with_old.evidence.get().file_name

    rotate()

    assert Verification.objects.values_list("sealed_subject", flat=True).get() == before
    assert sealed_with_old.evidence.get().file_name == file_name


def test_missing_old_key_is_a_clear_error(settings, sealed_with_old):
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(CommandError, match="Put the missing key at the end of the list"):
        rotate()

    with pytest.raises(SealBroken):
        _ = Verification.objects.get().subject


def test_fingerprints_follow_a_new_secret_key(settings, idmeta_tenant):
    account = account_of_person(tenant=idmeta_tenant, extracted=EXTRACTED)
    before = ProviderAccount.objects.get().fingerprint
    settings.SECRET_KEY = "another secret key, long enough to be one " * 2

    rotate()

    assert ProviderAccount.objects.get().fingerprint != before
    assert account_of_person(tenant=idmeta_tenant, extracted=EXTRACTED) == account
