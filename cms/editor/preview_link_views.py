"""Admin of preview links: the links to one page or snippet with their comments, and the list of all links."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CharField, Count, Q, QuerySet
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.models import DraftStateMixin, Page
from wagtail.permissions import page_permission_policy
from wagtail.snippets.models import get_snippet_models

from users.models import User
from users.requests import AuthenticatedRequest

from . import preview_links
from .listings import ChipColumn
from .models import PreviewComment, PreviewLink
from .permissions import may_change
from .reports import HealthReport, urls_of

COLORS = {PreviewLink.State.ACTIVE: "ok", PreviewLink.State.EXPIRED: "quiet", PreviewLink.State.REVOKED: "warn"}


def shareable_snippets() -> list[type[DraftStateMixin]]:
    return [model for model in get_snippet_models() if not issubclass(model, Page) and preview_links.is_shareable(model())]


def visible_to(user: User) -> QuerySet[PreviewLink]:
    """Return the links to pages and snippets that a user may edit. The number of queries does not depend on the links."""
    pages = page_permission_policy.instances_user_has_permission_for(user, "change")
    page_type = ContentType.objects.get_for_model(Page)
    models = [model for model in shareable_snippets() if may_change(model, user)]
    types = ContentType.objects.get_for_models(*models).values()
    ids = pages.annotate(text_id=Cast("pk", CharField())).order_by().values("text_id")
    return PreviewLink.objects.filter(Q(content_type=page_type, object_id__in=ids) | Q(content_type__in=list(types)))


def get_state_chip(link: PreviewLink) -> tuple[str, str]:
    state = link.get_state()
    return str(state.label), COLORS[state]


class CreateForm(forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("Expires after"),
        choices=preview_links.DAYS,
        coerce=int,
        initial=7,
        widget=forms.RadioSelect,
    )
    recipient = forms.CharField(
        label=gettext_lazy("Recipient"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Who gets the link, for example: Board of directors. Only staff see it."),
    )


def get_shareable(content_type_id: int, pk: str) -> Any:
    """Return a page or snippet whose versions can be shared. Raises Http404."""
    model = get_object_or_404(ContentType, pk=content_type_id).model_class()
    if model is None or not issubclass(model, DraftStateMixin):
        raise Http404
    try:
        thing: Any = get_object_or_404(model._default_manager.select_related("latest_revision"), pk=pk)
    except ValueError as error:
        raise Http404 from error
    thing = thing.specific if isinstance(thing, Page) else thing
    if not preview_links.is_shareable(thing):
        raise Http404
    return thing


@require_http_methods(["GET", "HEAD", "POST"])
def links_of(request: AuthenticatedRequest, content_type_id: int, pk: str) -> HttpResponse:
    """Show the links to an object with their comments, and create a link on POST. Needs permission to change the object."""
    thing = get_shareable(content_type_id, pk)
    if not may_change(thing, request.user):
        raise PermissionDenied
    form = CreateForm(request.POST or None)
    if form.is_valid():
        try:
            preview_links.create_link(thing, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The link was created. Copy it and send it to your readers."))
            return redirect(preview_links.links_url(thing))
    links = PreviewLink.objects.of(thing).select_related("created_by", "revoked_by").prefetch_related("comments").defer("content")
    context = {
        "title": _("Preview links"),
        "thing": thing,
        "form": form,
        "edit_url": AdminURLFinder(request.user).get_edit_url(thing),
        "is_private": preview_links.is_private(thing),
        "revision": thing.latest_revision,
        "rows": [
            {
                "link": link,
                "state": get_state_chip(link),
                "url": preview_links.get_public_url(link) if link.get_state() == PreviewLink.State.ACTIVE else "",
                "is_older": link.saved_at != getattr(thing.latest_revision, "created_at", None),
            }
            for link in sorted(links, key=lambda link: link.get_state() != PreviewLink.State.ACTIVE)
        ],
        "list_url": reverse("health_preview-links"),
    }
    return TemplateResponse(request, "cms/admin/preview_links.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(PreviewLink, pk=pk)
    thing = preview_links.get_thing(link)
    if thing is None:
        raise Http404
    preview_links.revoke_link(link, by=request.user)
    messages.success(request, _("The link to “%(title)s” was revoked.") % {"title": link.title})
    return redirect(get_valid_next_url_from_request(request) or preview_links.links_url(thing))


@require_POST
def delete_comment(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    comment = get_object_or_404(PreviewComment.objects.select_related("link"), pk=pk)
    thing = preview_links.get_thing(comment.link)
    if thing is None or not may_change(thing, request.user):
        raise PermissionDenied
    comment.delete()
    messages.success(request, _("The comment was deleted."))
    return redirect(preview_links.links_url(thing))


def filter_state(links: Any, _name: str, value: str) -> Any:
    if value == PreviewLink.State.ACTIVE:
        return links.active()
    if value == PreviewLink.State.REVOKED:
        return links.exclude(revoked_at=None)
    return links.filter(revoked_at=None, expires_at__lte=timezone.now())


class PreviewLinkFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=PreviewLink.State.choices, method=filter_state)
    title = django_filters.CharFilter(label=gettext_lazy("Title"), lookup_expr="icontains")
    recipient = django_filters.CharFilter(label=gettext_lazy("Recipient"), lookup_expr="icontains")
    created_by = django_filters.CharFilter(
        label=gettext_lazy("Created by"), field_name="created_by__username", lookup_expr="icontains"
    )

    class Meta:
        model = PreviewLink
        fields: list[str] = []


class RevokeColumn(Column):
    """Column with a button that revokes an active link."""

    cell_template_name = "cms/admin/revoke_cell.html"

    def get_cell_context_data(self, instance: PreviewLink, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        request = parent_context["request"]
        return context | {
            "csrf_token": get_token(request),
            "is_active": instance.get_state() == PreviewLink.State.ACTIVE,
            "url": reverse("preview_link_revoke", args=[instance.pk]),
            "next": request.get_full_path() if "results" not in request.path else reverse("health_preview-links"),
        }


class PreviewLinkReport(HealthReport):
    """List of the preview links to what the user may edit."""

    slug, icon, page_title, model = "preview-links", "link", gettext_lazy("Preview links"), PreviewLink
    shown = [
        ("title", gettext_lazy("Title")),
        ("recipient", gettext_lazy("Recipient")),
        ("created_by", gettext_lazy("Created by")),
        ("expires_at", gettext_lazy("Expires")),
        ("open_count", gettext_lazy("Opened")),
        ("last_opened_at", gettext_lazy("Last opened")),
        ("comment_count", gettext_lazy("Comments")),
    ]
    default_ordering = "-created_at"
    filterset_class = PreviewLinkFilterSet

    def user_has_permission(self, permission: str) -> bool:
        return may_share(self.request.user)

    def get_rows(self) -> QuerySet:
        links = visible_to(self.request.user).defer("content").select_related("created_by")
        return links.annotate(comment_count=Count("comments"))

    @property
    def columns(self) -> list[Column]:
        first, *others = super().columns
        state = ChipColumn("state", label=gettext_lazy("Status"), accessor=get_state_chip)
        return [first, state, *others, RevokeColumn("revoke", label=gettext_lazy("Action"))]

    def edit_url(self, row: PreviewLink) -> str:
        return reverse("preview_links", args=[row.content_type_id, row.object_id])


def may_share(user: User) -> bool:
    """Return whether there is anything that a user may create preview links for."""
    may_edit_pages = page_permission_policy.user_has_permission(user, "change")
    return may_edit_pages or any(may_change(model, user) for model in shareable_snippets())


class PreviewLinksMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_share(request.user)  # type: ignore[arg-type]  # The admin requires sign-in.


def menu_item() -> MenuItem:
    return PreviewLinksMenuItem(
        PreviewLinkReport.page_title, reverse("health_preview-links"), name="preview-links", icon_name="link", order=60
    )


def urls() -> list[URLPattern]:
    return [
        path("preview-links/<int:content_type_id>/<str:pk>/", links_of, name="preview_links"),
        path("preview-links/revoke/<int:pk>/", revoke, name="preview_link_revoke"),
        path("preview-links/comments/delete/<int:pk>/", delete_comment, name="preview_comment_delete"),
        *urls_of(PreviewLinkReport),
    ]
