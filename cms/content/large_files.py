"""Documents that are too large for a form: the browser uploads them directly to S3, and the site checks the upload.

`start` returns an upload URL that accepts one file of the given size for an hour; `finish` checks the uploaded file and creates
the document, or deletes the file and returns the reason.
"""

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.documents import get_document_model
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from users.models import User
from users.requests import AuthenticatedRequest

from .models.media import document_path

MAX_BYTES = 2_000_000_000
SECONDS = 3600
SALT = "cms.content.large_files"
UNPROCESSABLE = 422
# First bytes of files of each type. Files of other types are text and contain no NUL.
BEGINNINGS = {"pdf": b"%PDF-", "gz": b"\x1f\x8b", "rtf": b"{\\rtf"} | dict.fromkeys(
    ("docx", "epub", "odp", "ods", "odt", "pptx", "xlsx", "zip"), b"PK"
)
TEXT = {"csv", "ics", "json", "md", "txt"}


# These views require an S3Storage.
store: Any = default_storage


def has_store() -> bool:
    return bool(settings.AWS_STORAGE_BUCKET_NAME)


def collections_of(user: User) -> Any:
    """Return the collections that a user may add documents to."""
    return policy_registry.get_by_type(get_document_model()).collections_user_has_permission_for(user, "add")


class StartForm(forms.Form):
    name = forms.CharField(max_length=200)
    size = forms.IntegerField(min_value=1)

    def clean_name(self) -> str:
        name = get_valid_filename(PurePosixPath(self.cleaned_data["name"].replace("\\", "/")).name)
        if ending_of(name) not in {*BEGINNINGS, *TEXT} & set(settings.WAGTAILDOCS_EXTENSIONS):
            raise ValidationError(_("Files of this type are not accepted: %(name)s.") % {"name": name})
        return name

    def clean_size(self) -> int:
        size = self.cleaned_data["size"]
        if size > MAX_BYTES:
            raise ValidationError(
                _("The file is %(size)s GB. The limit is %(max_bytes)s GB.")
                % {"size": f"{size / 10**9:.1f}", "max_bytes": MAX_BYTES // 10**9}
            )
        return size


class FinishForm(forms.Form):
    token = forms.CharField()
    title = forms.CharField(max_length=255)
    collection = forms.ModelChoiceField(Collection.objects.none(), empty_label=None)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["collection"].queryset = collections_of(user)  # type: ignore[attr-defined]  # ModelChoiceField.


def ending_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def refuse_others(request: AuthenticatedRequest) -> None:
    if not has_store():
        raise Http404(_("No file storage is configured."))
    if not collections_of(request.user).exists():
        raise PermissionDenied


@require_safe
def page(request: AuthenticatedRequest) -> HttpResponse:
    refuse_others(request)
    context = {"collections": collections_of(request.user), "largest": MAX_BYTES // 10**9, "kinds": sorted({*BEGINNINGS, *TEXT})}
    return TemplateResponse(request, "cms/admin/large_file.html", context)


@require_POST
def start(request: AuthenticatedRequest) -> HttpResponse:
    """Return an upload URL for a file and a token that identifies it."""
    refuse_others(request)
    form = StartForm(request.POST)
    if not form.is_valid():
        return refusal(form)
    name, size = document_path(None, form.cleaned_data["name"]), form.cleaned_data["size"]
    # The length is part of the signature, so S3 rejects a file of another length.
    wanted = {"Bucket": store.bucket_name, "Key": store._normalize_name(name), "ContentLength": size}
    url = store.connection.meta.client.generate_presigned_url("put_object", Params=wanted, ExpiresIn=SECONDS)
    token = signing.dumps([request.user.pk, name, size], salt=SALT)
    return JsonResponse({"url": url, "token": token})


@require_POST
def finish(request: AuthenticatedRequest) -> HttpResponse:
    """Create a document from an upload. A file that does not match its announced name or size is deleted."""
    refuse_others(request)
    form = FinishForm(request.POST, user=request.user)
    if not form.is_valid():
        return refusal(form)
    try:
        owner, name, size = signing.loads(form.cleaned_data["token"], salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        owner, name, size = None, "", 0
    documents = get_document_model().objects
    if owner != request.user.pk or documents.filter(file=name).exists():
        return JsonResponse({"error": _("This upload has expired. Upload the file again.")}, status=UNPROCESSABLE)
    if sentence := find_problem(name, size):
        default_storage.delete(name)
        return JsonResponse({"error": sentence}, status=UNPROCESSABLE)
    document = documents.create(
        title=form.cleaned_data["title"],
        collection=form.cleaned_data["collection"],
        file=name,
        file_size=size,
        uploaded_by_user=request.user,
    )
    return JsonResponse({"url": reverse("wagtaildocs:edit", args=[document.pk])})


def find_problem(name: str, size: int) -> str:
    """Return why an uploaded file is rejected, or an empty string. Reads its first kilobyte."""
    if not default_storage.exists(name):
        return "The upload failed. Try again."
    if (came := default_storage.size(name)) != size:
        return _("Only %(came)s of %(size)s bytes arrived. Upload the file again.") % {"came": came, "size": size}
    stored = store.connection.meta.client.get_object(
        Bucket=store.bucket_name, Key=store._normalize_name(name), Range="bytes=0-1023"
    )
    beginning = stored["Body"].read(1024)
    ending = ending_of(name)
    is_right = beginning.startswith(BEGINNINGS[ending]) if ending in BEGINNINGS else b"\0" not in beginning
    return (
        ""
        if is_right
        else _("The content of the file is not of the type .%(ending)s. The file was not saved.") % {"ending": ending}
    )


def refusal(form: forms.Form) -> JsonResponse:
    sentences = [sentence for errors in form.errors.values() for sentence in map(str, errors)]
    return JsonResponse({"error": " ".join(sentences)}, status=UNPROCESSABLE)


class LargeFileMenuItem(MenuItem):
    def is_shown(self, request: AuthenticatedRequest) -> bool:
        return has_store() and collections_of(request.user).exists()
