"""Read-only lists: purges, live checks, emails sent and missing URLs."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import SimpleListFilter, display
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import DraftStateMixin
from wagtail_modeladmin import views
from wagtail_modeladmin.helpers import ButtonHelper, PermissionHelper
from wagtail_modeladmin.options import ModelAdmin

from cms.content.models.missing_urls import MissingURL
from cms.content.old_urls import page_for
from cms.delivery import live_checks, purging
from cms.delivery.models import LiveCheck, Purge
from cms.email import registry, sending
from cms.email.models import EmailTemplate, SentEmail
from cms.email.tasks import deliver_email
from cms.search.models import SynonymGroup
from users.models import User
from users.requests import AuthenticatedRequest

from .permissions import may_change

MAY_SEND_AGAIN = "cms.change_purge"
MAY_SEND_EMAIL_AGAIN = "cms.change_sentemail"
MAY_REDIRECT = "wagtailredirects.add_redirect"


class ReadOnlyPermissionHelper(PermissionHelper):
    """Read-only permissions for rows that the site writes itself."""

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_edit_obj(self, user: User, obj: Any) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: Any) -> bool:
        return False


class InUsePermissionHelper(PermissionHelper):
    """Forbid deleting records that others refer to. `used_by` names the relation, which the list reads for all rows at once."""

    used_by = ""

    def user_can_delete_obj(self, user: User, obj: Any) -> bool:
        if not super().user_can_delete_obj(user, obj):
            return False
        # A user object exists for one request only.
        known = user.__dict__.setdefault("_in_use", {})
        if self.model not in known:
            used = self.model._base_manager.filter(**{f"{self.used_by}__isnull": False})
            known[self.model] = set(used.distinct().values_list("pk", flat=True))
        return obj.pk not in known[self.model]


class ActionButtonHelper(ButtonHelper):
    """Add a button to the rows that need an action."""

    action_label = "Send again"
    action_url_name = ""
    action_permission = ""

    def needs_action(self, obj: Any) -> bool:
        return True

    def get_buttons_for_obj(
        self, obj: Any, exclude: Any = None, classnames_add: Any = None, classnames_exclude: Any = None
    ) -> Any:
        buttons = super().get_buttons_for_obj(obj, exclude, classnames_add, classnames_exclude)
        if self.needs_action(obj) and self.request.user.has_perm(self.action_permission):
            buttons.append(
                {
                    "url": reverse(self.action_url_name, args=[obj.pk]),
                    "label": self.action_label,
                    "classname": self.finalise_classname([*(classnames_add or []), "button-secondary"]),
                    "title": f"{self.action_label}: {obj}",
                }
            )
        return buttons


class PurgeButtonHelper(ActionButtonHelper):
    action_url_name = "purge_send_again"
    action_permission = MAY_SEND_AGAIN

    def needs_action(self, obj: Any) -> bool:
        return obj.status != Purge.Status.DONE


class EmailButtonHelper(ActionButtonHelper):
    action_url_name = "email_send_again"
    action_permission = MAY_SEND_EMAIL_AGAIN

    def needs_action(self, obj: Any) -> bool:
        return not obj.is_secret and obj.status != SentEmail.Status.DRAFT


class MissingURLButtonHelper(ActionButtonHelper):
    action_label = "Redirect"
    action_url_name = "redirect_missing"
    action_permission = MAY_REDIRECT


class ForgivingIndexView(views.IndexView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            return redirect(self.index_url)


class PurgeAdmin(ModelAdmin):
    model = Purge
    base_url_path = "purges"
    menu_label = _("Purges")
    menu_icon = "purge"
    menu_order = 900
    add_to_settings_menu = True
    add_to_admin_menu = False
    history_view_enabled = False
    inspect_view_enabled = True
    permission_helper_class = ReadOnlyPermissionHelper
    button_helper_class = PurgeButtonHelper
    index_view_class = ForgivingIndexView
    list_display = ("key_list", "status", "attempts", "error", "created_at", "finished_at")
    list_filter = ("status",)
    list_per_page = 50
    list_export = ("all_keys", "status", "attempts", "error", "created_at", "finished_at")
    search_fields = ("keys", "error")
    export_filename = "purges"
    empty_value_display = "–"

    @display(description=_("Keys"))
    def key_list(self, purge: Purge) -> str:
        return purge.key_list()

    @display(description=_("Keys"))
    def all_keys(self, purge: Purge) -> str:
        return ", ".join(purge.keys)


class ChoiceListFilter(SimpleListFilter):
    """Filter of a register with one choice, which selects rows by a method of their queryset. Ignores other values."""

    choice: tuple[str, Any]
    rows = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [self.choice]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return getattr(queryset, self.rows)() if self.value() == self.choice[0] else queryset


class PlacesFilter(ChoiceListFilter):
    title = _("places")
    parameter_name = "places"
    choice = ("failed", _("Not shown in some places"))
    rows = "with_failed_places"


class DeliveryFilter(ChoiceListFilter):
    title = _("delivery")
    parameter_name = "delivery"
    choice = ("undelivered", _("Not delivered"))
    rows = "undelivered"


class SightingAdmin(ModelAdmin):
    model = LiveCheck
    base_url_path = "published"
    menu_label = _("Recently published")
    menu_icon = "view"
    menu_order = 895
    add_to_settings_menu = True
    add_to_admin_menu = False
    history_view_enabled = False
    permission_helper_class = ReadOnlyPermissionHelper
    index_view_class = ForgivingIndexView
    list_display = ("title", "path", "status", "error", "published_at", "checked_at")
    list_filter = ("status", PlacesFilter)
    list_per_page = 50
    list_export = ("title", "path", "status", "error", "published_at", "checked_at")
    search_fields = ("title", "path")
    export_filename = "published"
    empty_value_display = "–"


@require_http_methods(["GET", "HEAD", "POST"])
def live_again(request: AuthenticatedRequest, content_type_id: int, pk: int) -> HttpResponse:
    """Confirm, then purge an object again and check its URL. Needs permission to change it."""
    content_type = get_object_or_404(ContentType, pk=content_type_id)
    model = content_type.model_class()
    if model is None or not issubclass(model, DraftStateMixin):
        raise Http404
    thing = get_object_or_404(model, pk=pk)
    if not may_change(thing, request.user):
        raise PermissionDenied
    edit_url = AdminURLFinder(request.user).get_edit_url(thing) or reverse("wagtailadmin_home")
    if request.method != "POST":
        context = {
            "title": _("Purge and check again"),
            "question": _("Purge “%(thing)s” from all caches and check it again?") % {"thing": thing},
            "action": _("Purge and check again"),
            "index_url": edit_url,
        }
        return TemplateResponse(request, "cms/admin/confirm.html", context)
    live_checks.try_again(thing, by=request.user)
    messages.success(request, _("“%(thing)s” is being purged. Its status shows when it is live.") % {"thing": thing})
    return redirect(edit_url)


@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then enqueue the purge again."""
    if not request.user.has_perm(MAY_SEND_AGAIN):
        raise PermissionDenied
    purge = get_object_or_404(Purge, pk=pk)
    index_url = reverse("purges_modeladmin_index")
    if request.method != "POST":
        return TemplateResponse(request, "cms/admin/send_again.html", {"purge": purge, "index_url": index_url})
    purging.send_again(purge)
    messages.success(request, _("Resent: %(key_list)s.") % {"key_list": purge.key_list()})
    return redirect(index_url)


class SentEmailAdmin(ModelAdmin):
    model = SentEmail
    base_url_path = "sent-emails"
    menu_label = _("Email log")
    menu_icon = "mail"
    menu_order = 890
    add_to_settings_menu = True
    add_to_admin_menu = False
    history_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = [
        *("subject", "to", "reply_to", "readable_body", "key", "about", "status", "attempts", "error", "message_id"),
        *("created_at", "next_attempt_at", "sent_at"),
    ]
    permission_helper_class = ReadOnlyPermissionHelper
    button_helper_class = EmailButtonHelper
    index_view_class = ForgivingIndexView
    list_display = ("subject", "recipients", "key", "status", "attempts", "error", "created_at")
    list_filter = ("status", DeliveryFilter, "key")
    list_per_page = 50
    list_export = ("subject", "recipients", "key", "about", "status", "attempts", "error", "created_at", "sent_at")
    # The text is not searched, because results would reveal parts of secret emails.
    search_fields = ("subject", "to", "about")
    export_filename = "mails"
    empty_value_display = "–"

    @display(description=_("To"))
    def recipients(self, email: SentEmail) -> str:
        return ", ".join(email.to)


class MissingURLAdmin(ModelAdmin):
    model = MissingURL
    base_url_path = "missing-urls"
    menu_label = _("Missing URLs")
    menu_icon = "link"
    menu_order = 880
    add_to_settings_menu = True
    add_to_admin_menu = False
    history_view_enabled = False
    permission_helper_class = ReadOnlyPermissionHelper
    button_helper_class = MissingURLButtonHelper
    index_view_class = ForgivingIndexView
    list_display = ("path", "hits", "referrer", "first_seen_at", "last_seen_at")
    ordering = ("-hits",)
    list_per_page = 50
    list_export = ("path", "hits", "referrer", "first_seen_at", "last_seen_at")
    search_fields = ("path", "referrer")
    export_filename = "missing-urls"


class SynonymGroupAdmin(ModelAdmin):
    model = SynonymGroup
    base_url_path = "search-synonyms"
    menu_label = _("Search synonyms")
    menu_icon = "search"
    # After the promoted search results.
    menu_order = 905
    add_to_settings_menu = True
    add_to_admin_menu = False
    list_display = ("terms",)
    list_export = ("terms",)
    list_per_page = 50
    search_fields = ("terms",)
    export_filename = "search-synonyms"


@require_http_methods(["GET", "HEAD", "POST"])
def send_email_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then send the same email again."""
    if not request.user.has_perm(MAY_SEND_EMAIL_AGAIN):
        raise PermissionDenied
    return confirm_sending_again(request, get_object_or_404(SentEmail, pk=pk), reverse("sent-emails_modeladmin_index"))


def confirm_sending_again(request: HttpRequest, email: SentEmail, index_url: str) -> HttpResponse:
    """Confirm, then send an email again and redirect. Raises Http404 for an email whose text is secret."""
    if email.is_secret:
        raise Http404("Emails about accounts are not sent again.")
    if request.method != "POST":
        return TemplateResponse(
            request,
            "cms/admin/confirm.html",
            {
                "title": _("Send an email again"),
                "question": _("Send “%(subject)s” to %(to)s again?") % {"subject": email.subject, "to": ", ".join(email.to)},
                "action": _("Send again"),
                "index_url": index_url,
            },
        )
    email.send_again()
    transaction.on_commit(partial(deliver_email.enqueue, email.pk))
    messages.success(request, _("Resent: %(email)s.") % {"email": email})
    return redirect(index_url)


@require_http_methods(["GET", "HEAD", "POST"])
def email_test(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Send the saved template with example values to the current user."""
    if not request.user.has_perm("cms.change_emailtemplate"):
        raise PermissionDenied
    template = get_object_or_404(EmailTemplate, pk=pk)
    index_url = reverse(EmailTemplate.snippet_viewset.get_url_name("edit"), args=[pk])
    email = registry.EMAIL_TYPES.get(template.key)
    if email is None or not request.user.email:
        reason = _("There is no email with this name.") if email is None else _("Your account has no email address.")
        messages.error(request, reason)
        return redirect(index_url)
    if request.method != "POST":
        context = {
            "title": _("Send me a test"),
            "question": _("Send “%(template)s” with the saved text and sample values to %(email)s?")
            % {"template": template, "email": request.user.email},
            "action": "Send",
            "index_url": index_url,
        }
        return TemplateResponse(request, "cms/admin/confirm.html", context)
    sending.send(email, to=[request.user.email], variables=email.example, about=template)
    messages.success(request, _("A test email was sent to %(email)s.") % {"email": request.user.email})
    return redirect(index_url)


class TargetForm(forms.Form):
    target = forms.CharField(
        label=_("Target URL"),
        max_length=255,
        help_text=_("Path on this site, for example /about/, or full URL, for example https://docs.python.org/3/."),
    )

    def clean_target(self) -> str:
        target = self.cleaned_data["target"].strip()
        if not target.startswith(("/", "http://", "https://")) or target.startswith("//"):
            raise ValidationError(_("Start with / for this site, or with https:// for another site."))
        return target


@require_http_methods(["GET", "HEAD", "POST"])
def redirect_missing(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirect a missing URL to the page that was probably meant, or let staff choose one."""
    if not request.user.has_perm(MAY_REDIRECT):
        raise PermissionDenied
    missing = get_object_or_404(MissingURL, pk=pk)
    index_url = reverse("missing-urls_modeladmin_index")
    page = page_for(missing.path)
    if page is None:
        return _redirect_to_what_is_typed(request, missing, index_url)
    if request.method != "POST":
        return TemplateResponse(
            request,
            "cms/admin/confirm.html",
            {
                "title": _("Add a redirect"),
                "question": _("Redirect %(path)s to “%(title)s” (%(url)s)?")
                % {"path": missing.path, "title": page.title, "url": page.url},
                "action": "Redirect",
                "index_url": index_url,
            },
        )
    Redirect.add_redirect(missing.path, page, is_permanent=True)
    missing.delete()
    messages.success(request, _("%(path)s now redirects to “%(title)s”.") % {"path": missing.path, "title": page.title})
    return redirect(index_url)


def _redirect_to_what_is_typed(request: HttpRequest, missing: MissingURL, index_url: str) -> HttpResponse:
    form = TargetForm(request.POST or None)
    if not form.is_valid():
        context = {
            "title": _("Add a redirect"),
            "question": _("There is no page similar to %(path)s.") % {"path": missing.path},
            "action": "Redirect",
            "index_url": index_url,
            "form": form,
        }
        return TemplateResponse(request, "cms/admin/confirm.html", context, status=422 if form.is_bound else 200)
    target = form.cleaned_data["target"]
    Redirect.add_redirect(missing.path, target, is_permanent=True)
    missing.delete()
    messages.success(request, _("%(path)s now redirects to %(target)s.") % {"path": missing.path, "target": target})
    return redirect(index_url)
