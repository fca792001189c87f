from __future__ import annotations

import pytest
from rest_framework import serializers

from common.camel import CamelFields, FixedFields, camel


@pytest.mark.parametrize(
    ("inside", "wire"),
    [
        ("id", "id"),
        ("tenant_id", "tenantId"),
        ("provider_verification_id", "providerVerificationId"),
    ],
)
def test_camel(inside, wire):
    assert camel(inside) == wire


class Inner(CamelFields):
    first_name = serializers.CharField()


class Outer(CamelFields):
    full_name = Inner()
    page = serializers.IntegerField()
    renamed = serializers.CharField(source="inner_name", required=False)


def test_camel_on_the_wire_snake_inside():
    form = Outer(data={"fullName": {"firstName": "Anna"}, "page": 1})

    assert form.is_valid()
    assert form.validated_data == {"full_name": {"first_name": "Anna"}, "page": 1}
    assert Outer({"full_name": {"first_name": "Anna"}, "page": 1, "inner_name": "x"}).data == {
        "fullName": {"firstName": "Anna"},
        "page": 1,
        "renamed": "x",
    }


def test_errors_name_the_wire_field():
    form = Outer(data={"fullName": {}})

    assert not form.is_valid()
    assert set(form.errors) == {"fullName", "page"}
    assert set(form.errors["fullName"]) == {"firstName"}


class Fixed(FixedFields):
    full_name = Inner()
    page = serializers.IntegerField(required=False)

    def validate_page(self, value):
        if value == 13:
            raise serializers.ValidationError("no such page")
        return value


def test_fields_that_are_made_once():
    first, second = Fixed(data={"fullName": {"firstName": "Anna"}}), Fixed(data={"page": 13})

    assert first.fields is second.fields
    assert (first.is_valid(), second.is_valid()) == (True, False)
    assert first.validated_data == {"full_name": {"first_name": "Anna"}}
    assert set(second.errors) == {"fullName", "page"}
    assert Fixed({"full_name": {"first_name": "Ben"}, "page": 2}).data == {
        "fullName": {"firstName": "Ben"},
        "page": 2,
    }


def test_each_kind_has_its_own_fields():
    class Longer(Fixed):
        size = serializers.IntegerField()

    assert set(Longer().fields) == {"fullName", "page", "size"}
    assert set(Fixed().fields) == {"fullName", "page"}
