from __future__ import annotations

from django.urls import path

from webhooks.inbound.views import HookView

urlpatterns = [path("<str:provider>/<str:token>", HookView.as_view())]
