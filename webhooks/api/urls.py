from __future__ import annotations

from django.urls import path

from webhooks.api.views import (
    DeliveriesView,
    DeliveryView,
    DisableView,
    EnableView,
    EndpointsView,
    EndpointView,
    RedeliverView,
    RotateEndpointSecretView,
    RotateTenantSecretView,
    TestEventView,
)

ENDPOINT = "webhook-endpoints/<str:endpoint_id>"
DELIVERY = "webhook-deliveries/<str:delivery_id>"

urlpatterns = [
    path("webhook-endpoints", EndpointsView.as_view()),
    path(ENDPOINT, EndpointView.as_view()),
    path(f"{ENDPOINT}/rotate", RotateEndpointSecretView.as_view()),
    path(f"{ENDPOINT}/enable", EnableView.as_view()),
    path(f"{ENDPOINT}/disable", DisableView.as_view()),
    path(f"{ENDPOINT}/test", TestEventView.as_view()),
    path("webhook-secret/rotate", RotateTenantSecretView.as_view()),
    path("webhook-deliveries", DeliveriesView.as_view()),
    path(DELIVERY, DeliveryView.as_view()),
    path(f"{DELIVERY}/redeliver", RedeliverView.as_view()),
]
