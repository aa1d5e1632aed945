"""Account pages: profile, API keys, export and deletion."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.log_actions import log

from . import identities, personal, second_factor
from .forms import DeletionForm, ProfileForm, ServiceKeyForm
from .models import ServiceKey, User
from .requests import AuthenticatedRequest
from .security import record
from .signals import account_deleted


class LogInView(LoginView):
    """Sign-in page. The admin also redirects users without access here, who must not be redirected back."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user, place = request.user, request.GET.get("next", "")
        if user.is_authenticated and place.startswith("/admin/") and not user.has_perm("wagtailadmin.access_admin"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


def own(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Require sign-in and forbid caching of a view."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return login_required(view)(request, *args, **kwargs)

    return never_cache(inner)


@never_cache
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Return the state of the session, for the script that asks for a new sign-in before a form is sent.

    `sign_in_url` is empty if a form can be saved. With `?admin=1`, a missing second factor counts as a session that has ended.
    """
    user = request.user
    url = ""
    if not user.is_authenticated:
        url = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
    elif "admin" in request.GET and second_factor.is_missing_for_admin(request):
        url = second_factor.proof_url(request)
    return JsonResponse({"user": user.pk, "sign_in_url": url, "csrf_token": get_token(request)})


def breadcrumbs(user: User, title: str) -> list[dict[str, str]]:
    return [{"title": user.display_name, "url": user.get_absolute_url()}, {"title": title, "url": ""}]


@never_cache
@require_safe
def profile(request: AuthenticatedRequest, username: str) -> HttpResponse:
    """Show a public profile; owners also see their content."""
    person = User.objects.filter(username__iexact=username).first()
    if person is None or not person.is_seen_by(request.user):
        raise Http404(_("There is no public profile with this username."))
    if person.username != username:
        return redirect(person, permanent=False)
    is_own = person.pk == request.user.pk
    shown: list[dict[str, Any]] = (
        [{"part": part, "rows": part.shown(person)} for part in personal.parts() if part.in_profile] if is_own else []
    )
    # Sections without their own page are shown if they have content.
    parts = [entry for entry in shown if entry["rows"] or entry["part"].url]
    return render(request, "users/profile.html", {"person": person, "is_own": is_own, "parts": parts})


@own
@require_safe
def mine(request: AuthenticatedRequest) -> HttpResponse:
    return redirect(request.user)


@own
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        person = form.save()
        messages.success(request, _("Your profile has been saved."))
        return redirect(person)
    context = {"form": form, "breadcrumbs": breadcrumbs(request.user, gettext("Your profile"))}
    return render(request, "users/edit.html", context, status=422 if form.is_bound else 200)


@own
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Return all personal data of the user as a JSON file."""
    data: dict[str, Any] = {"account": personal.account_of(request.user)}
    data |= {part.key: part.exported(request.user) for part in personal.parts()}
    record("data_exported", request=request, user=request.user)
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="python-org-account.json"'
    return response


@own
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: AuthenticatedRequest, token: str) -> HttpResponse:
    """Link the account of the user to the row of an invitation, and continue to its page.

    A GET request from another account changes nothing, because email scanners open links too.
    """
    found = identities.read_invitation(token)
    if found and found.account_id == request.user.pk:
        return redirect(found.path)
    if found is None or found.is_expired:
        raise Http404(
            gettext(
                "This invitation has expired or was sent to another email address. "
                "Invitations are valid for %(days)s days. Ask for a new one."
            )
            % {"days": identities.INVITATION_DAYS}
        )
    if found.account_id is not None:
        raise Http404(gettext("Another account has already accepted this invitation."))
    if request.method == "POST":
        if found.identity.link(found.row, request.user, is_invited=True):
            log(instance=found.row, action="users.join", user=request.user)
            return redirect(found.path)
        messages.error(
            request, gettext("Your account cannot accept this invitation because it has already accepted a similar one.")
        )
    context = {
        "role": found.identity.role(found.row),
        "email": found.identity.email_of(found.row),
        "breadcrumbs": breadcrumbs(request.user, gettext("Your invitation")),
    }
    return render(request, "users/invitation.html", context)


@own
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: AuthenticatedRequest) -> HttpResponse:
    """Show the service keys of the user; a POST creates one and shows it once."""
    form = ServiceKeyForm(request.POST or None, owner=request.user)
    made = None
    if form.is_valid():
        try:
            with transaction.atomic():
                key, text = ServiceKey.make(owner=request.user, **form.cleaned_data)
                log(instance=request.user, action="users.create_key", user=request.user, data={"kind": str(key)})
        except ValidationError as error:
            form.add_error(None, error)
        else:
            record("key_created", request=request, user=request.user, key=key.prefix)
            made, form = {"key": key, "text": text}, ServiceKeyForm(owner=request.user)
    rows = [{"key": key, "state": key.state()} for key in request.user.service_keys.all()]
    context = {"rows": rows, "form": form, "made": made, "breadcrumbs": breadcrumbs(request.user, gettext("API keys"))}
    return render(request, "users/keys.html", context, status=422 if form.errors else 200)


@own
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ServiceKey, pk=pk, owner=request.user)
    key.revoke()
    log(instance=request.user, action="users.revoke_key", user=request.user, data={"kind": str(key)})
    record("key_revoked", request=request, user=request.user, key=key.prefix)
    messages.success(request, _("“%(name)s” has been revoked.") % {"name": key.name})
    return redirect("users:keys")


@own
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, username: str) -> HttpResponse:
    """Confirm, then delete the account: personal data is removed, published content is kept without the name."""
    person = get_object_or_404(User, username=username)
    if person.pk != request.user.pk:
        raise PermissionDenied
    form = DeletionForm(request.POST if request.method == "POST" else None, user=person)
    if not form.is_valid():
        context = {"deletion": form, "breadcrumbs": breadcrumbs(person, gettext("Delete your account"))}
        return render(request, "users/delete.html", context, status=422 if form.is_bound else 200)
    pk, former = person.pk, {"username": person.username, "email": person.email}
    logout(request)
    with transaction.atomic():
        User.objects.get(pk=pk).forget()
        account_deleted.send(User, **former)
    record("account_deleted", request=request, subject=str(pk))
    messages.success(request, _("Your account has been deleted."))
    return redirect("/")
