"""What clients get back. The context holds `adapter`, the provider that would run the steps."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.camel import CamelFields
from common.paging import PageForm
from templates_sync.inputs import plan_inputs, template_inputs
from templates_sync.models import ProviderPlan, ProviderTemplate

PATHS_HELP = "paths of the request, such as documentImages.front"


class ListForm(CamelFields, PageForm):
    """Paging, and a word to look for in ids, codes and names."""

    search = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")


class StepOut(CamelFields):
    """A step of a template."""

    order = serializers.IntegerField()
    name = serializers.CharField()
    plan_code = serializers.CharField(
        allow_null=True, help_text="null if the provider's catalogue does not name the plan"
    )
    is_supported = serializers.BooleanField(help_text="whether this service can run it")
    required_inputs = serializers.ListField(child=serializers.CharField(), help_text=PATHS_HELP)


class TemplateOut(CamelFields):
    id = serializers.UUIDField()
    external_template_id = serializers.CharField(help_text="the provider's id")
    name = serializers.CharField()
    version = serializers.IntegerField(help_text="grows with every change at the provider")
    steps = serializers.SerializerMethodField()
    required_inputs = serializers.SerializerMethodField(method_name="get_required_inputs")
    last_synced_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, template: ProviderTemplate) -> list[dict[str, Any]]:
        return [self._step(step) for step in template.steps]

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), help_text=PATHS_HELP))
    def get_required_inputs(self, template: ProviderTemplate) -> list[str]:
        return template_inputs(self.context["adapter"], template.steps)

    def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        inputs = plan_inputs(self.context["adapter"], step["planCode"])
        return {
            "order": step["order"],
            "name": step["name"],
            "planCode": step["planCode"],
            "isSupported": inputs.is_supported,
            "requiredInputs": list(inputs.required),
        }


class PlanOut(CamelFields):
    """A check the provider offers. What it costs is between the operator and the provider."""

    code = serializers.CharField(source="plan_code")
    name = serializers.CharField(source="plan_name")
    category = serializers.CharField(help_text="what it checks, such as document or id_check")
    is_supported = serializers.SerializerMethodField(method_name="get_is_supported")
    required_inputs = serializers.SerializerMethodField(method_name="get_required_inputs")
    last_synced_at = serializers.DateTimeField(allow_null=True)

    def get_is_supported(self, plan: ProviderPlan) -> bool:
        return plan_inputs(self.context["adapter"], plan.plan_code).is_supported

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), help_text=PATHS_HELP))
    def get_required_inputs(self, plan: ProviderPlan) -> list[str]:
        return list(plan_inputs(self.context["adapter"], plan.plan_code).required)


class PageOut(CamelFields):
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    last_synced_at = serializers.DateTimeField(
        allow_null=True, help_text="when the copy was last read from the provider"
    )


class TemplateListOut(PageOut):
    templates = TemplateOut(many=True)


class PlanListOut(PageOut):
    plans = PlanOut(many=True)
