from __future__ import annotations

from django.urls import path

from verifications.api.views import UploadView, UsersView, VerificationsView, VerificationView

urlpatterns = [
    path("verifications", VerificationsView.as_view()),
    path("verifications/upload", UploadView.as_view()),
    path("verifications/users", UsersView.as_view()),
    path("verifications/<str:verification_id>", VerificationView.as_view()),
]
