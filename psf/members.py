"""Pages to become a basic member, edit the membership record and leave. Never cached."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.content.breadcrumbs import breadcrumbs
from users.requests import AuthenticatedRequest

from . import emails
from .forms import MembershipForm
from .models import Membership, MembershipPage, MembershipSettings


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mine(request: AuthenticatedRequest) -> HttpResponse:
    """Redirect members to their record, and let others become basic members if this is enabled."""
    if Membership.objects.filter(user=request.user).exists():
        return redirect("membership:edit")
    if not MembershipSettings.load(request).basic_is_open:
        return to_the_page(request)
    form = MembershipForm(request.POST or None, request=request)
    if form.is_valid():
        try:
            form.spend()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            # A form that is sent twice creates one membership.
            with transaction.atomic():
                membership, is_new = Membership.objects.get_or_create(user=request.user, defaults=form.typed)
                if is_new:
                    emails.email_member(emails.JOINED, membership)
            messages.success(request, gettext("Thank you. You are now a basic member of the Python Software Foundation."))
            return redirect("membership:edit")
    return _form(request, form, gettext("Become a basic member"))


def to_the_page(request: HttpRequest) -> HttpResponse:
    page = MembershipPage.objects.live().first()
    if page is None or not MembershipSettings.load(request).page_is_shown:
        raise Http404(gettext("Basic membership is not open for registration at the moment."))
    return redirect(page.get_url(request))


def _form(request: AuthenticatedRequest, form: MembershipForm, title: str, membership: Membership | None = None) -> HttpResponse:
    trail = breadcrumbs((request.user.display_name, request.user.get_absolute_url()), (title, ""))
    context = {"form": form, "title": title, "membership": membership, "breadcrumbs": trail}
    context["service_url"] = MembershipSettings.load(request).service_url
    return render(request, "psf/membership_form.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: AuthenticatedRequest) -> HttpResponse:
    membership = get_object_or_404(Membership, user=request.user)
    form = MembershipForm(request.POST or None, request=request, membership=membership)
    if form.is_valid():
        with transaction.atomic():
            Membership.objects.filter(pk=membership.pk).update(**form.typed, updated_at=timezone.now())
            membership.refresh_from_db()
            emails.email_member(emails.CHANGED, membership)
        messages.success(request, gettext("Your membership has been updated."))
        return redirect("membership:edit")
    return _form(request, form, gettext("Your membership"), membership)


@never_cache
@require_POST
@login_required
def leave(request: AuthenticatedRequest) -> HttpResponse:
    membership = get_object_or_404(Membership, user=request.user)
    with transaction.atomic():
        if request.user.email:
            emails.email_member(emails.LEFT, membership)
        membership.delete()
    messages.success(request, gettext("Your membership has ended and its record has been deleted."))
    return redirect(request.user)


@require_safe
def affirm(request: HttpRequest) -> HttpResponse:
    """Redirect to the membership service, which records who votes."""
    return redirect(MembershipSettings.load(request).service_url)
