"""Problem reports: readers describe a problem with a page, and staff close the report."""

from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from cms.content.public_forms import PublicForm
from cms.content.routing import get_public_page
from users.requests import AuthenticatedRequest

from .models import ProblemReport

MAY_CLOSE = "cms.change_problemreport"


class ProblemForm(PublicForm):
    path = forms.CharField(label=_("Page URL"), max_length=500, help_text=_("For example /downloads/."))
    text = forms.CharField(
        label=_("What is wrong?"),
        max_length=2000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("For example an error in the text, a broken link, or something that you cannot read or use."),
    )
    email = forms.EmailField(
        label=_("Your email address"),
        required=False,
        help_text=_("Only staff members can see it. We use it if we have a question about your report."),
    )

    def clean_path(self) -> str:
        path = urlsplit(self.cleaned_data["path"].strip()).path
        if not path.startswith("/"):
            raise ValidationError(_("Enter the path of a page on this site. It starts with a slash, for example /downloads/."))
        return path


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def report_problem(request: HttpRequest) -> HttpResponse:
    """Show the form, filled with the page that the reader came from."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    path = request.GET.get("page") or (came_from.path if came_from.netloc == request.get_host() else "")
    form = ProblemForm(request.POST or None, request=request, initial={"path": path[:500]})
    if request.method == "POST" and form.is_valid():
        try:
            form.spend()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            data = {name: form.cleaned_data[name] for name in ("path", "text", "email")}
            ProblemReport.objects.create(**data, page=get_public_page(request, data["path"]))
            return redirect(f"{reverse('report_problem')}?sent=yes")
    status = 422 if form.errors else 200
    return render(request, "cms/report_problem.html", {"form": form, "sent": "sent" in request.GET}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def problem_report(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show a problem report with a link to the page, and close it on POST."""
    if not request.user.has_perm(MAY_CLOSE):
        raise PermissionDenied
    report = get_object_or_404(ProblemReport.objects.select_related("page", "closed_by"), pk=pk)
    index_url = reverse("health_problem-reports")
    if request.method == "POST":
        report.close(by=request.user)
        messages.success(request, _("Done: %(path)s.") % {"path": report.path})
        return redirect(index_url)
    same_page = ProblemReport.objects.filter(path=report.path, status=ProblemReport.Status.OPEN).exclude(pk=pk)
    context = {"title": _("Problem report"), "report": report, "index_url": index_url, "others": same_page[:20]}
    return TemplateResponse(request, "cms/admin/problem_report.html", context)
