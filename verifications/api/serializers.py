"""What clients get back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.camel import CamelFields, FixedFields
from providers.types import IdStatus
from verifications.models import Decision, Revision, Status, Verification

# Named for the schema by SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"].
OVERALL_STATUSES = ("passed", "failed", "pending")
LEVELS = ("low", "medium", "high")
DOCUMENT_CHECKS = ("passed", "failed", "warning")
FACE_CHECKS = ("passed", "failed", "not_performed")
ID_STATUSES = tuple(status.value for status in IdStatus)


# Documentation only, like `ResultOut`: `TechnicalFailure.to_json` builds what is stored and told.
class ErrorOut(CamelFields):
    """Why there is no verdict."""

    code = serializers.CharField()
    message = serializers.CharField()
    retryable = serializers.BooleanField()
    suggested_action = serializers.CharField()


class StepProgressOut(CamelFields):
    name = serializers.CharField()
    status = serializers.CharField()


class ProgressOut(CamelFields):
    current_step = serializers.IntegerField()
    total_steps = serializers.IntegerField()
    percentage = serializers.IntegerField(source="progress_percentage")
    message = serializers.CharField(source="last_progress_message")
    steps = StepProgressOut(many=True, source="steps.all")


class OverallOut(CamelFields):
    status = serializers.ChoiceField(choices=OVERALL_STATUSES)
    confidence = serializers.FloatField(help_text="0 to 100")
    risk_level = serializers.ChoiceField(choices=LEVELS)


class ExtractedOut(CamelFields):
    """What was read; keys that were not read are missing. Further keys may be there."""

    first_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)
    date_of_birth = serializers.CharField(required=False, help_text="YYYY-MM-DD")
    nationality = serializers.CharField(required=False, help_text="ICAO code")
    document_number = serializers.CharField(required=False)
    expiry_date = serializers.CharField(required=False, help_text="YYYY-MM-DD")
    issuing_country = serializers.CharField(required=False, help_text="ICAO code")


class DocumentChecksOut(CamelFields):
    authenticity = serializers.ChoiceField(choices=DOCUMENT_CHECKS)
    validity = serializers.ChoiceField(choices=DOCUMENT_CHECKS)
    data_consistency = serializers.ChoiceField(choices=DOCUMENT_CHECKS)


class DocumentOut(CamelFields):
    extracted = ExtractedOut()
    checks = DocumentChecksOut()
    confidence = serializers.FloatField(allow_null=True)


class BiometricOut(CamelFields):
    liveness_check = serializers.ChoiceField(choices=FACE_CHECKS)
    face_match = serializers.ChoiceField(choices=FACE_CHECKS)
    confidence = serializers.FloatField(allow_null=True)
    face_match_score = serializers.FloatField(allow_null=True, help_text="0 to 100")
    liveness_score = serializers.FloatField(allow_null=True, help_text="0 to 100")


class IdCheckOut(CamelFields):
    """What a registry said about an ID number."""

    type = serializers.CharField(help_text="the ID type, as in GET /id-types")
    number = serializers.CharField(allow_null=True, help_text="as it was sent")
    status = serializers.ChoiceField(choices=ID_STATUSES)
    expiry_date = serializers.CharField(allow_null=True, help_text="YYYY-MM-DD")
    matched_name = serializers.CharField(allow_null=True, help_text="the name in the record")
    name_match_score = serializers.FloatField(
        allow_null=True, help_text="0 to 100; null if there was no name to compare"
    )
    record = serializers.DictField(
        child=serializers.CharField(), help_text="what the registry knows; keys as in extracted"
    )


class RiskOut(CamelFields):
    type = serializers.CharField(help_text="reason code")
    level = serializers.ChoiceField(choices=LEVELS)
    description = serializers.CharField()


class ResultOut(CamelFields):
    """The unified result; documentation of `unified_result`, which builds it."""

    overall = OverallOut()
    document = DocumentOut(allow_null=True)
    biometric = BiometricOut(allow_null=True)
    id_check = IdCheckOut(allow_null=True)
    risks = RiskOut(many=True)
    reason_codes = serializers.ListField(child=serializers.CharField())
    regula = serializers.DictField(allow_null=True)
    provider_details = serializers.DictField(allow_null=True)
    metadata = serializers.DictField()


class VerificationOut(CamelFields):
    """A verification as it is read back: what is not known is null."""

    id = serializers.UUIDField()
    tenant_id = serializers.UUIDField()
    account_id = serializers.UUIDField(allow_null=True)
    provider_name = serializers.CharField(source="provider.slug")
    provider_verification_id = serializers.SerializerMethodField(
        method_name="get_provider_verification_id"
    )
    status = serializers.ChoiceField(choices=Status.choices)
    decision = serializers.ChoiceField(choices=Decision.choices, allow_null=True)
    verification_type = serializers.CharField()
    verification_method = serializers.CharField()
    processing_method = serializers.SerializerMethodField(method_name="get_processing_method")
    processing_mode = serializers.CharField()
    mode = serializers.CharField()
    template_id = serializers.SerializerMethodField(method_name="get_template_id")
    result = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    completed_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_provider_verification_id(self, verification: Verification) -> str:
        """The vendor's id, or the reference it knows us by where it keeps no session."""
        return verification.external_id or str(verification.pk)

    def get_processing_method(self, verification: Verification) -> str:
        return "direct"

    @extend_schema_field({"type": ["string", "null"]})
    def get_template_id(self, verification: Verification) -> str | None:
        return verification.external_template_id or None

    @extend_schema_field(ResultOut(allow_null=True))
    def get_result(self, verification: Verification) -> Any:
        return verification.result

    @extend_schema_field(ErrorOut(allow_null=True))
    def get_error(self, verification: Verification) -> Any:
        return verification.error

    @extend_schema_field(ProgressOut(allow_null=True))
    def get_progress(self, verification: Verification) -> Any:
        """Only while it is being worked."""
        if verification.status not in (Status.PENDING, Status.IN_PROGRESS):
            return None
        return ProgressOut(verification.session).data


class RevisionOut(CamelFields):
    """What the provider said after the end, when it had said something else before."""

    number = serializers.IntegerField(help_text="1, 2, ...; the last one counts")
    decision = serializers.ChoiceField(choices=Decision.choices)
    previous_decision = serializers.ChoiceField(choices=Decision.choices)
    reason_codes = serializers.ListField(child=serializers.CharField())
    result = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(ResultOut())
    def get_result(self, revision: Revision) -> Any:
        return revision.result


class DetailOut(VerificationOut):
    """One verification, with its steps also when it is over; they and the revisions are
    prefetched.
    """

    steps = StepProgressOut(many=True, source="session.steps.all")
    revisions = RevisionOut(
        many=True,
        source="revisions.all",
        help_text="corrections by the provider after the end; status, decision and result stay",
    )


class CreatedOut(VerificationOut):
    """The answer to a create: what is not set is missing, except `templateId`, which is null then;
    and the request's metadata is there.
    """

    expires_at = serializers.DateTimeField()
    metadata = serializers.DictField(source="request_metadata")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        data = super().to_representation(instance)
        # Whether a provider has templates must not change the keys.
        return {
            name: value for name, value in data.items() if value is not None or name == "templateId"
        }


class AcceptedOut(FixedFields):
    """The answer to an asynchronous create."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[Status.PENDING.value])
    status_url = serializers.URLField(help_text="poll it with If-None-Match; 304 costs nothing")
    websocket_url = serializers.CharField(help_text="live events; wss where the API is https")


class IdFieldOut(CamelFields):
    """One field of a form."""

    name = serializers.CharField(help_text="idNumber, or a key of userData")
    label = serializers.CharField()  # type: ignore[assignment]  # a field has these two itself
    required = serializers.BooleanField(source="is_required")  # type: ignore[assignment]
    pattern = serializers.CharField(
        allow_null=True, help_text="regular expression for the whole value; null: any text"
    )
    example = serializers.CharField()


class IdTypeOut(CamelFields):
    """An ID number that can be checked, and what a form for it asks."""

    code = serializers.CharField(help_text="verificationType of the request")
    name = serializers.CharField()
    country = serializers.CharField(help_text="ISO alpha-2")
    plan_code = serializers.CharField(help_text="the provider's plan that runs the check")
    alternatives = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="besides the required fields, one of these sets of fields; [] if there is no "
        "choice",
    )
    images = serializers.ListField(
        child=serializers.CharField(), help_text="keys of documentImages; mostly none"
    )

    def get_fields(self) -> dict[str, Any]:
        """`fields` cannot be declared: a serializer has an attribute of that name."""
        return {**super().get_fields(), "fields": IdFieldOut(many=True)}


class IdTypeListOut(CamelFields):
    id_types = IdTypeOut(many=True)


class VerificationListOut(CamelFields):
    verifications = VerificationOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    total_pages = serializers.IntegerField()
