"""What clients get back about the people they have verified."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.camel import CamelFields
from tenants.models import Account


class PersonNameOut(CamelFields):
    first = serializers.CharField(allow_null=True)
    last = serializers.CharField(allow_null=True)


class UserOut(CamelFields):
    """A person the tenant has verified."""

    id = serializers.UUIDField()
    name = serializers.SerializerMethodField()
    birthdate = serializers.SerializerMethodField()
    reference_id = serializers.SerializerMethodField(method_name="get_reference_id")
    verification_count = serializers.IntegerField()
    last_verified = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(PersonNameOut)
    def get_name(self, account: Account) -> Any:
        return account.profile["name"]

    @extend_schema_field({"type": ["string", "null"]})
    def get_birthdate(self, account: Account) -> Any:
        return account.profile["birthdate"]

    def get_reference_id(self, account: Account) -> str:
        return str(account.profile["referenceId"])


class UserListOut(CamelFields):
    users = UserOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    total_pages = serializers.IntegerField()
