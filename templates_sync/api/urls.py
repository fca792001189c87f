from __future__ import annotations

from django.urls import path

from templates_sync.api.views import PlansView, PlanView, TemplatesView, TemplateView

urlpatterns = [
    path("templates", TemplatesView.as_view()),
    path("templates/<str:reference>", TemplateView.as_view()),
    path("plans", PlansView.as_view()),
    path("plans/<str:code>", PlanView.as_view()),
]
