from __future__ import annotations

from django.urls import path

from verifications.api.event_views import EventsView
from verifications.api.liveness import LivenessSessionsView
from verifications.api.tickets import TicketsView
from verifications.api.views import (
    AsyncView,
    IdTypesView,
    UploadView,
    UsersView,
    VerificationsView,
    VerificationView,
    VerifyByIdView,
)

urlpatterns = [
    path("verifications", VerificationsView.as_view()),
    path("verifications/async", AsyncView.as_view()),
    path("id-types", IdTypesView.as_view()),
    path("liveness-sessions", LivenessSessionsView.as_view()),
    path("ws-tickets", TicketsView.as_view()),
    path("verifications/verify-by-id", VerifyByIdView.as_view()),
    path("verifications/upload", UploadView.as_view()),
    path("verifications/users", UsersView.as_view()),
    path("verifications/<str:verification_id>", VerificationView.as_view(), name="verification"),
    path("verifications/<str:verification_id>/events", EventsView.as_view()),
]
