"""Admin views that import redirects: upload, preview of each row, and confirmation. Replaces Wagtail's own import."""

from typing import cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from cms.content.redirect_import import Row, apply_import, plan_import, to_json
from users.models import User

SALT = "redirect-import"
HOURS_TO_CONFIRM = 4


class RedirectFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "An Excel workbook (.xlsx), or a CSV or text file, with the columns “from” and “to”, and optionally “is_permanent”. "
            "Commas, semicolons and tabs are recognized, and so are the encodings of Excel. Targets are paths such as /about/ "
            "or URLs."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def import_redirects(request: HttpRequest) -> HttpResponse:
    """Show the form for a file, then a preview of its rows; save the redirects that the preview showed."""
    if not request.user.has_perm("wagtailredirects.add_redirect"):
        raise PermissionDenied
    if "plan" in request.POST:
        return _confirm(request)
    form = RedirectFileForm(request.POST or None, request.FILES or None)
    context: dict = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            rows = plan_import(form.cleaned_data["file"].read())
        except ValidationError as error:
            form.add_error("file", error)
        else:
            counts = {action: sum(row.action == action for row in rows) for action in (Row.ADD, Row.KEEP, Row.REFUSE)}
            plan = signing.dumps(to_json([row for row in rows if row.action == Row.ADD]), salt=SALT, compress=True)
            context |= {"rows": rows, "counts": counts, "plan": plan}
    return TemplateResponse(request, "cms/admin/redirect_import.html", context)


def _confirm(request: HttpRequest) -> HttpResponse:
    try:
        data = signing.loads(request.POST["plan"], salt=SALT, max_age=HOURS_TO_CONFIRM * 3600)
    except signing.BadSignature:
        messages.error(request, _("This preview is too old. Upload the file again."))
        return redirect("wagtailredirects:start_import")
    rows = [Row(**one) for one in data]
    count = apply_import(rows, by=cast("User", request.user))
    messages.success(
        request, ngettext("%(count)d redirect was imported.", "%(count)d redirects were imported.", count) % {"count": count}
    )
    return redirect("wagtailredirects:index")
