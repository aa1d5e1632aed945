"""Preview links: people without an account read one version of a page or snippet, and comment on it.

A link is signed, expires, can be revoked, and shows a copy of the version for which it was created. It gives no other access:
the preview is rendered for a visitor who is not signed in, even if the reader has an account with more permissions.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Page, PreviewableMixin

from cms.content.public_forms import PublicForm, is_from_this_site
from cms.email.registry import declare
from cms.email.sending import send
from users.models import User

from .models import PreviewComment, PreviewLink
from .permissions import may_change

CREATE_ACTION, REVOKE_ACTION = "cms.preview_link.create", "cms.preview_link.revoke"
DAYS = [(1, gettext_lazy("1 day")), (7, gettext_lazy("7 days")), (30, gettext_lazy("30 days"))]
# Limits the rows that one link can cause.
MAX_COMMENTS = 200
COMMENTED = declare(
    "cms.preview_comment",
    example={
        "title": "About Python",
        "name": "Grace (board)",
        "text": "The second paragraph names the wrong year.",
        "url": "https://www.python.org/admin/preview-links/1/5/",
    },
)
_signer = signing.Signer(sep=".", salt="preview-link")


def is_shareable(thing: Any) -> bool:
    """Return whether versions of an object can be shared: pages, and other content that has a URL of its own."""
    has_url = isinstance(thing, Page) or hasattr(thing, "get_absolute_url")
    return isinstance(thing, DraftStateMixin) and isinstance(thing, PreviewableMixin) and has_url and thing.is_previewable()


def is_private(thing: Any) -> bool:
    return isinstance(thing, Page) and thing.get_view_restrictions().exists()


def links_url(thing: Any) -> str:
    """Return the URL of the screen that creates and lists the links to an object."""
    return reverse("preview_links", args=[thing.get_base_content_type().pk, thing.pk])


def get_token(link: PreviewLink) -> str:
    return _signer.sign(link.key)


def get_public_url(link: PreviewLink) -> str:
    return settings.BASE_URL + reverse("preview_link", args=[get_token(link)])


@transaction.atomic
def create_link(thing: Any, *, by: User, days: int, recipient: str = "") -> PreviewLink:
    """Create a link to the newest version of a page or snippet.

    Raises PermissionDenied if `by` may not edit it, and ValidationError if it is private or has no saved version.
    """
    if not may_change(thing, by):
        raise PermissionDenied
    if not is_shareable(thing) or thing.latest_revision is None:
        raise ValidationError(_("There is no saved version to share yet. Save a draft first."))
    if is_private(thing):
        raise ValidationError(_("This page is private. A link would show it to people who may not see it."))
    revision = thing.latest_revision
    link = PreviewLink.objects.create(
        content_type=thing.get_base_content_type(),
        object_id=str(thing.pk),
        title=str(revision.object_str or thing)[:255],
        revision=revision,
        content=revision.content,
        saved_at=revision.created_at,
        recipient=recipient,
        created_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    log(instance=thing, action=CREATE_ACTION, user=by, revision=revision, data={"days": days, "recipient": recipient})
    return link


@transaction.atomic
def revoke_link(link: PreviewLink, *, by: User) -> None:
    """End a link now. Does nothing if it has ended. Raises PermissionDenied if `by` may not edit the object."""
    thing = get_thing(link)
    if thing is None or not may_change(thing, by):
        raise PermissionDenied
    # One statement, so that of two people one revokes it.
    if PreviewLink.objects.active().filter(pk=link.pk).update(revoked_at=timezone.now(), revoked_by=by):
        log(instance=thing, action=REVOKE_ACTION, user=by, data={"recipient": link.recipient})


def get_thing(link: PreviewLink) -> Any:
    """Return the page or snippet of a link, or None if it was deleted."""
    thing = link.thing
    return thing.specific if isinstance(thing, Page) else thing


def find_link(token: str) -> PreviewLink | None:
    """Return the link of a token if it is active. Raises Http404 for a token that this site has not signed."""
    try:
        key = _signer.unsign(token)
    except signing.BadSignature as error:
        raise Http404 from error
    return PreviewLink.objects.active().select_related("content_type", "created_by", "revision").filter(key=key).first()


def protect(response: HttpResponse, *, referrer: str) -> HttpResponse:
    """Set headers that keep a preview out of caches and search engines, and its URL out of the logs of other sites."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = referrer
    return response


def refuse(request: HttpRequest) -> HttpResponse:
    return protect(render(request, "cms/preview_gone.html", status=HTTPStatus.GONE), referrer="no-referrer")


CREDENTIALS = {"HTTP_COOKIE", "HTTP_AUTHORIZATION"}


class AnonymousRequest(WSGIRequest):
    """The request without the session and the keys of its sender."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__({name: value for name, value in request.META.items() if name not in CREDENTIALS})


def get_open_link(token: str) -> tuple[PreviewLink, Any] | None:
    """Return an active link and its page or snippet, or None if it is gone or has become private."""
    link = find_link(token)
    thing = get_thing(link) if link else None
    return None if link is None or thing is None or is_private(thing) else (link, thing)


def is_live_version(link: PreviewLink, thing: Any) -> bool:
    """Return whether the version of a link is what visitors see. An overwritten revision has another time."""
    revision = link.revision
    return bool(revision and thing.live and thing.live_revision_id == revision.pk and revision.created_at == link.saved_at)


@require_safe
def show_preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show the version of a link to anyone who has the link."""
    found = get_open_link(token)
    if found is None:
        return refuse(request)
    link, thing = found
    bar = {
        "saved_at": link.saved_at,
        "expires_at": link.expires_at,
        "is_published": is_live_version(link, thing),
        "comment_url": reverse("preview_link_comment", args=[token]),
    }
    # `is_preview` keeps the response out of the page cache of the public URL.
    response = thing.with_content_json(link.content).make_preview_request(
        AnonymousRequest(request), thing.default_preview_mode, {"preview_bar": bar, "is_preview": True}
    )
    response.cookies.clear()
    for name in ("ETag", "Last-Modified", "Expires"):
        response.headers.pop(name, None)
    if request.method == "GET":
        link.count_opening()
    return protect(response, referrer="no-referrer")


class PreviewCommentForm(PublicForm):
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=2000,
        widget=forms.Textarea({"rows": 8}),
        help_text=gettext_lazy("Name the heading or quote the sentence that you mean."),
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def comment_on_preview(request: HttpRequest, token: str, *, is_sent: bool = False) -> HttpResponse:
    """Show the form for a comment on a version, and send the comment to the person who created the link."""
    # Browsers without Sec-Fetch-Site need the header Origin, which they leave out with the policy "no-referrer".
    if not is_from_this_site(request) and request.method == "POST":
        raise PermissionDenied
    found = get_open_link(token)
    if found is None:
        return refuse(request)
    link, thing = found
    form = PreviewCommentForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            form.spend()
            save_comment(link, thing, name=form.cleaned_data["name"], text=form.cleaned_data["text"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("preview_link_sent", token=token)
    context = {
        "form": form,
        "link": link,
        "is_sent": is_sent,
        "preview_url": reverse("preview_link", args=[token]),
        "comment_url": reverse("preview_link_comment", args=[token]),
        "retention_days": settings.PERSONAL_DATA_DAYS,
    }
    response = render(request, "cms/preview_comment.html", context, status=422 if form.errors else 200)
    return protect(response, referrer="strict-origin")


@transaction.atomic
def save_comment(link: PreviewLink, thing: Any, *, name: str, text: str) -> PreviewComment:
    """Save a comment and email it to the person who created the link, if they may still edit the object.

    Raises ValidationError if the link has too many comments.
    """
    if link.comments.count() >= MAX_COMMENTS:
        raise ValidationError(_("This preview has too many comments. Write to the person who sent you the link."))
    comment = PreviewComment.objects.create(link=link, name=name, text=text)
    owner = link.created_by
    if owner and owner.is_active and owner.email and may_change(thing, owner):
        variables = {"title": link.title, "name": name, "text": text, "url": settings.BASE_URL + links_url(thing)}
        send(COMMENTED, to=[owner.email], about=link, variables=variables, effect=str(comment.pk))
    return comment
