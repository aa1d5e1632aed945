"""Private files, served after a permission check."""

from collections.abc import Callable
from pathlib import PurePath
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .models import Contract, SponsorAsset, SponsorAssetVersion, Sponsorship, SponsorshipDeliverable

LINK_SECONDS = 60 * 60 * 24


def send(file: FieldFile | None, name: str) -> FileResponse:
    """Return a file as a download, so that files of sponsors never run as pages of this site."""
    if not file:
        raise Http404(gettext("There is no file at this URL."))
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise Http404(gettext("The file no longer exists.")) from error
    response = FileResponse(opened, as_attachment=True, filename=name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def reader(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    return never_cache(login_required(require_safe(view)))


@reader
def item_file(request: HttpRequest, pk: int) -> FileResponse:
    item = get_object_or_404(SponsorshipDeliverable.objects.with_related(), pk=pk)
    own = Sponsorship.objects.visible_to(request.user).filter(pk=item.sponsorship_benefit.sponsorship_id)
    if not request.user.has_perm("sponsors.view_sponsorshipdeliverable") and not own.exists():
        raise PermissionDenied
    name = item.asset.file_name if item.asset and item.asset.file else ""
    return send(item.file, name or PurePath(item.file.name or "").name if item.file else "")


@reader
def version_file(request: HttpRequest, pk: int) -> FileResponse:
    if not request.user.has_perm("sponsors.view_sponsorshipdeliverable"):
        raise PermissionDenied
    version = get_object_or_404(SponsorAssetVersion, pk=pk)
    return send(version.file, version.file_name)


@reader
def contract_file(request: HttpRequest, pk: int, name: str) -> FileResponse:
    contract = get_object_or_404(Contract.objects.select_related("sponsorship__sponsor", "sponsorship__sponsorship_year"), pk=pk)
    if name not in Contract.FILES:
        raise Http404(gettext("The contract has no such file."))
    is_out = contract.state != Contract.State.DRAFT
    may_sign = is_out and "sign" in contract.sponsorship.get_contact_rights(request.user)
    if not request.user.has_perm("sponsors.view_contract") and not may_sign:
        raise PermissionDenied
    file = getattr(contract, name)
    kind = "renewal" if contract.kind == "renewal" else "contract"
    title = f"sponsorship-{kind}-{slugify(contract.sponsorship.sponsor.name) or contract.sponsorship.sponsor_id}"
    title += "-signed" if name == "signed_file" else ""
    return send(file, title + PurePath(file.name or "").suffix)


@never_cache
@require_safe
def asset_file(request: HttpRequest, token: str) -> FileResponse:
    """Serve the file of a link from the API. Links are valid for a day."""
    try:
        uuid, file_name = signing.loads(token, salt="sponsors.asset", max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404(gettext("This link is incomplete or has expired. Links are valid for one day.")) from error
    asset = get_object_or_404(SponsorAsset, uuid=uuid)
    shown = asset.accepted
    if shown.file.name != file_name:
        raise Http404(gettext("The file has been replaced. Request its new link from the API."))
    return send(shown.file, shown.file_name or PurePath(shown.file.name or "").name)


def asset_token(uuid: UUID, file_name: str) -> str:
    return signing.dumps([str(uuid), file_name], salt="sponsors.asset")
