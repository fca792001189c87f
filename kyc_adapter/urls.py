from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from kyc_adapter import demo
from kyc_adapter.health import HealthAlias, HealthView
from kyc_adapter.health_parts import ProviderHealthView, QueueHealthView, RedisHealthView

admin.autodiscover()

handler400 = "kyc_adapter.errors.bad_request"
handler404 = "kyc_adapter.errors.not_found"
handler500 = "kyc_adapter.errors.server_error"

urlpatterns = [
    path("", demo.home),
    path("demo/specimens/<str:name>", demo.specimen),
    path("health", HealthView.as_view()),
    path("health/queue", QueueHealthView.as_view()),
    path("health/redis", RedisHealthView.as_view()),
    path("health/provider", ProviderHealthView.as_view()),
    path("api/v1/health", HealthAlias.as_view()),
    path("api/v1/", include("verifications.api.urls")),
    path("api/v1/", include("templates_sync.api.urls")),
    path("api/v1/", include("webhooks.api.urls")),
    path("hooks/", include("webhooks.inbound.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema")),
    path("admin/", admin.site.urls),
]
