"""Files that only some people may read. Each is served after a look at who asks."""

from pathlib import PurePath

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from users.models import User

from .models import Agreement, Answer, AnswerVersion, Item

LINK_SECONDS = 60 * 60 * 24


def send(file, name: str) -> FileResponse:
    """A file as a download: what a sponsor sends never runs as a page of this site."""
    if not file:
        raise Http404("There is no file here.")
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise Http404("The file is not here any more.") from error
    response = FileResponse(opened, as_attachment=True, filename=name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def reader(view):
    return never_cache(login_required(require_safe(view)))


@reader
def item_file(request: HttpRequest, pk: int):
    item = get_object_or_404(Item.objects.with_all(), pk=pk)
    deal = item.line.deal
    if not request.user.has_perm("sponsors.view_item") and not is_contact(request.user, deal.sponsor_id):
        raise PermissionDenied
    name = item.answer.file_name if item.answer and item.answer.file else ""
    return send(item.file, name or PurePath(item.file.name).name if item.file else "")


@reader
def version_file(request: HttpRequest, pk: int):
    if not request.user.has_perm("sponsors.view_item"):
        raise PermissionDenied
    version = get_object_or_404(AnswerVersion, pk=pk)
    return send(version.file, version.file_name)


@reader
def agreement_file(request: HttpRequest, pk: int, name):
    agreement = get_object_or_404(Agreement.objects.select_related("deal__sponsor", "deal__season"), pk=pk)
    if name not in Agreement.FILES:
        raise Http404("An agreement has no such file.")
    is_out = agreement.state != Agreement.State.DRAFT
    may_sign = is_out and "sign" in agreement.deal.rights_of(request.user)
    if not request.user.has_perm("sponsors.view_agreement") and not may_sign:
        raise PermissionDenied
    file = getattr(agreement, name)
    kind = "renewal" if agreement.kind == "renewal" else "contract"
    title = f"sponsorship-{kind}-{slugify(agreement.deal.sponsor.name) or agreement.deal.sponsor_id}"
    title += "-signed" if name == "signed_file" else ""
    return send(file, title + PurePath(file.name or "").suffix)


@never_cache
@require_safe
def asset_file(request: HttpRequest, token) -> HttpResponse:
    """A link that the API gave to a program. It opens one file, for a day."""
    try:
        uuid, file_name = signing.loads(token, salt="sponsors.asset", max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404("This link is incomplete, or older than a day.") from error
    answer = get_object_or_404(Answer, uuid=uuid)
    shown = answer.accepted
    if shown.file.name != file_name:
        raise Http404("There is another file here now. Ask the API for its link.")
    return send(shown.file, shown.file_name or PurePath(shown.file.name).name)


def asset_token(uuid, file_name: str) -> str:
    return signing.dumps([str(uuid), file_name], salt="sponsors.asset")


def is_contact(user: User, sponsor_pk: int) -> bool:
    return user.sponsor_contacts.filter(sponsor=sponsor_pk).exists()
