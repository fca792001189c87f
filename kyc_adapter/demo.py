"""The page of `make demo`: try a verification in the browser. Only where ENVIRONMENT is local."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SPECIMENS = settings.BASE_DIR / "docs" / "specimens"
# What a visitor may choose from: the file, and what it shows.
PICTURES = (
    ("passport-td3.jpg", "Passport"),
    ("id-card-td1-front.jpg", "ID card, front"),
    ("id-card-td1-back.jpg", "ID card, back"),
    ("driving-licence-ph.jpg", "Driving licence"),
    ("passport-expired.jpg", "Expired passport"),
    ("passport-mismatch.jpg", "Altered passport"),
    ("selfie.jpg", "Selfie"),
    ("selfie-driving-licence-ph.jpg", "Selfie, licence"),
    ("selfie-other.jpg", "Another person"),
    ("not-a-document.jpg", "Not a document"),
)
# The request's file fields, and how the page calls them.
SLOTS = (("front", "Front"), ("back", "Back"), ("selfie", "Selfie"))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    _only_locally()
    return render(request, "demo/home.html", {"pictures": PICTURES, "slots": SLOTS})


@require_safe
def specimen(request: HttpRequest, name: str) -> HttpResponse:
    """One of the specimen pictures; no other file can be named."""
    _only_locally()
    path = SPECIMENS / name
    if name not in dict(PICTURES) or not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/jpeg")


def _only_locally() -> None:
    if settings.ENVIRONMENT != "local":
        raise Http404
