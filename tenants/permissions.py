from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.authentication import Principal

if TYPE_CHECKING:  # rest_framework.views imports this module by its setting
    from rest_framework.views import APIView


class IsTenant(BasePermission):
    """The caller acts for a tenant."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Principal)
