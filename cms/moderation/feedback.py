"""Page feedback: readers say whether a page was helpful, and staff read their comments.

The question is part of cached pages. Neither it nor the form for the comment sets a cookie.
"""

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.models import Page, Site

from cms.content.models.pages import BasePage
from cms.content.models.settings import SiteSettings
from cms.content.public_forms import LimitedForm, PublicForm, is_from_this_site
from cms.content.public_pages import without_private
from users.requests import AuthenticatedRequest

from .models import PageFeedback

MAY_VIEW = "cms.view_pagefeedback"
MAY_DELETE = "cms.delete_pagefeedback"
# A comment can be added for a day.
SALT, SECONDS = "page-feedback", 86_400


class FeedbackForm(LimitedForm):
    page = forms.ModelChoiceField(Page.objects.none())
    helpful = forms.TypedChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda value: value == "yes")

    def clean_page(self) -> BasePage:
        page = self.cleaned_data["page"].specific
        site = Site.find_for_request(self.request)
        if site is None or not isinstance(page, BasePage) or not SiteSettings.for_site(site).asks_about(page):
            raise ValidationError(_("This page does not ask for feedback."))
        return page


class CommentForm(PublicForm):
    comment = forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 5}))

    def ask(self, feedback: PageFeedback) -> None:
        """Choose the follow-up question for the given answer."""
        helpful = feedback.helpful
        self.fields["comment"].label = _("What did you like?") if helpful else _("What was missing or wrong?")
        self.fields["comment"].help_text = _("Optional. Do not enter personal data. We cannot reply to comments.")


@never_cache
@csrf_exempt
@require_POST
def send_feedback(request: HttpRequest) -> HttpResponse:
    """Record whether a page was helpful, and ask for a comment."""
    if not is_from_this_site(request):
        raise PermissionDenied
    form = FeedbackForm(request.POST, request=request)
    form.fields["page"].queryset = without_private(Page.objects.live())  # type: ignore[attr-defined]  # A model choice.
    if not form.is_valid():
        raise Http404
    try:
        form.spend()
    except ValidationError:
        return render(request, "429.html", status=429)
    feedback = PageFeedback.objects.create(page=form.cleaned_data["page"], helpful=form.cleaned_data["helpful"])
    return redirect("page_feedback_comment", answer=signing.dumps(feedback.pk, salt=SALT))


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def add_comment(request: HttpRequest, answer: str) -> HttpResponse:
    """Show the form for a comment on an answer. Its signed ID in the URL proves that the reader gave it."""
    if not is_from_this_site(request) and request.method == "POST":
        raise PermissionDenied
    try:
        pk = signing.loads(answer, salt=SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    feedback = get_object_or_404(PageFeedback.objects.select_related("page"), pk=pk)
    form = CommentForm(request.POST or None, request=request)
    form.ask(feedback)
    if request.method == "POST" and not feedback.comment and form.is_valid():
        try:
            form.spend()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            PageFeedback.objects.filter(pk=pk, comment="").update(comment=form.cleaned_data["comment"])
            return redirect("page_feedback_comment", answer=answer)
    status = 422 if form.errors else 200
    return render(request, "cms/page_feedback.html", {"form": form, "feedback": feedback}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def page_feedback(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show the answer of a reader with a link to the page, and delete it on POST."""
    if not request.user.has_perm(MAY_DELETE if request.method == "POST" else MAY_VIEW):
        raise PermissionDenied
    feedback = get_object_or_404(PageFeedback.objects.select_related("page"), pk=pk)
    index_url = reverse("health_page-feedback")
    if request.method == "POST":
        feedback.delete()
        messages.success(request, _("The feedback was deleted."))
        return redirect(index_url)
    context = {
        "title": _("Page feedback"),
        "feedback": feedback,
        "counts": PageFeedback.objects.of(feedback.page).counts(),
        "index_url": index_url,
        "may_delete": request.user.has_perm(MAY_DELETE),
    }
    return TemplateResponse(request, "cms/admin/page_feedback.html", context)
