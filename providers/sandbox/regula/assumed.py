"""What no public source shows of Regula's services, kept together so that it is easy to correct.

Bodies of 400 and 403; what is answered when no document is found; which code goes with a face
that is missing; numbers of versions and licences. Readers must not rely on any of it.
"""

from __future__ import annotations

from http import HTTPStatus

ERRORS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Bad request",
    HTTPStatus.UNAUTHORIZED: "401 Authorization Required",  # from a proxy: the services have none
    HTTPStatus.FORBIDDEN: "Bad license",
    HTTPStatus.NOT_FOUND: "Not Found",
    HTTPStatus.TOO_MANY_REQUESTS: "Too Many Requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal Server Error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Service Unavailable",
}
# With no document: Status says that the type is unknown and nothing else was checked; there is no
# document type (9), and Text and Images are empty.
PAGES_WITHOUT_DOCUMENT = 0
SOME_FACE_MISSING_CODE = 2  # FaceSDKResultCode: no face detected
VERSIONS = {8: "8.3.313926.2012", 9: "9.6.321281.2257"}
DATABASES = {8: ("313926", "2025-09-18"), 9: ("321281", "2026-07-01")}
FACE_VERSION = "8.2.694.1636"
UNKNOWN_CHECK = 7  # for the scenario unknown_enum; checks are 0, 1 or 2
SCENARIOS = ["Barcode", "DocType", "FullAuth", "FullProcess", "Locate", "Mrz", "Ocr"]
