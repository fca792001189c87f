"""IDMeta's paths and what answers them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from providers.sandbox.calls import Call, JsonObject
from providers.sandbox.idmeta import (
    australia,
    bodies,
    company,
    documents,
    faces,
    indonesia,
    philippines,
    screening,
)
from providers.sandbox.idmeta.accounts import PLANS_BY_CODE
from providers.sandbox.idmeta.steps import Answer, Step, StepResult, authenticated, run_step

PREFIX = "/idmeta/api"
V1 = "/v1/verification"
STEPS: dict[str, tuple[str, Callable[[Step], StepResult]]] = {
    f"{V1}/document_verification": ("document_verification", documents.verify_document),
    f"{V1}/biometricsverification": ("biometrics_verification", faces.check_liveness),
    "/v3/verifications/biometrics-verification": (
        "biometrics_verification",
        faces.check_liveness_v3,
    ),
    f"{V1}/biometricsfacecompare": ("biometrics_face_compare", faces.compare_faces),
    f"{V1}/biometricsregistration": ("biometrics_registration", faces.register_face),
    f"{V1}/customdocument": ("custom_document", screening.take_custom_document),
    f"{V1}/aml": ("aml", screening.screen_person),
    f"{V1}/philippines/nbiclearance": ("philippines_nbi_clearance", philippines.check_nbi),
    f"{V1}/philippines/drivinglicense": (
        "philippines_driving_license",
        philippines.check_driving_licence,
    ),
    f"{V1}/philippines/prc": ("philippines_prc", philippines.check_prc),
    f"{V1}/philippines/nationalpolice": (
        "philippines_national_police",
        philippines.check_police,
    ),
    f"{V1}/philippines/socialsecurity": (
        "philippines_social_security",
        philippines.check_social_security,
    ),
    f"{V1}/philippines/philsys": ("scan_qr", philippines.check_philsys),
    f"{V1}/dukcapil": ("dukcapil", indonesia.check),
    f"{V1}/dukcapilfacematch": ("dukcapil_facematch", indonesia.check_with_face),
    "/v3/verifications/indonesia/dukcapil-full": ("dukcapil_full", indonesia.check_full_v3),
    "/v3/verifications/australia/driver-license": (
        "australia_driver_license",
        australia.check_driver_licence_v3,
    ),
    **{
        f"{V1}/australia/{path}": (document.plan_code, australia.checking(document))
        for path, document in australia.V1_DOCUMENTS.items()
    },
}
OTHERS: tuple[tuple[str, str, Callable[..., JsonObject]], ...] = (
    ("POST", f"{V1}/create-verification", company.create_verification),
    ("POST", f"{V1}/finalize-verification", company.finalize_verification),
    ("GET", f"{V1}/manual-finalize-verification", company.finalize_manually),
    ("POST", f"{V1}/manual-finalize-verification", company.refuse_manual_post),
    ("GET", "/company/get-templates", company.list_templates),
    (
        "GET",
        "/user/api-trust-flow/get-design-settings/<template_id>",
        company.show_design,
    ),
    ("GET", "/v2/philsys/validate-verification", company.issue_philsys_key),
)
URLS = Map(
    [
        *(Rule(PREFIX + path, methods=["POST"], endpoint=path) for path in STEPS),
        *(Rule(PREFIX + path, methods=[verb], endpoint=handler) for verb, path, handler in OTHERS),
    ],
    strict_slashes=False,
)  # fmt: skip


def answer(call: Call) -> tuple[int, JsonObject]:
    """Status and body for a call to IDMeta. Raises Refused for a refusal found in the input."""
    try:
        endpoint, args = URLS.bind_to_environ(call.request.environ).match()
        if isinstance(endpoint, str):
            return HTTPStatus.OK, _step(call, endpoint)
        return HTTPStatus.OK, endpoint(call, **args)
    except Answer as early:
        return early.status, early.body
    except MethodNotAllowed as wrong:
        return HTTPStatus.METHOD_NOT_ALLOWED, _method_not_allowed(call, wrong)
    except HTTPException:
        return HTTPStatus.NOT_FOUND, bodies.route_not_found(call.request.path)


def _step(call: Call, path: str) -> JsonObject:
    if path.startswith("/v3/") and not authenticated(call).has_v3:
        raise Answer(HTTPStatus.NOT_FOUND, bodies.route_not_found(call.request.path))
    code, process = STEPS[path]
    return run_step(call, PLANS_BY_CODE[code], process)


def _method_not_allowed(call: Call, wrong: MethodNotAllowed) -> JsonObject:
    """Laravel's default text."""
    route = call.request.path.removeprefix("/idmeta/")
    allowed = ", ".join(wrong.valid_methods or ())
    return {
        "message": f"The {call.request.method} method is not supported for route {route}. "
        f"Supported methods: {allowed}."
    }
