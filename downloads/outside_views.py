"""Admin page of the release cycle: what peps.python.org says, compared with the release series of this site."""

from typing import cast

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cms.platform.fetching import MEGABYTE, FetchError, fetch
from cms.platform.holding import Change
from users.models import User

from .desk import releases_to_start
from .outside import CYCLE_URL, UnreadableError, apply_cycle, plan_cycle

SALT = "release-cycle"
HOURS_TO_CONFIRM = 4


@require_http_methods(["GET", "HEAD", "POST"])
def release_cycle(request: HttpRequest) -> HttpResponse:
    """Explain the comparison; a POST reads the release cycle and shows the changes, or applies those that were shown."""
    if not request.user.has_perm("downloads.change_releaseseries"):
        raise PermissionDenied
    if "plan" in request.POST:
        return _apply(request)
    context: dict = {"url": CYCLE_URL, "plans": releases_to_start()}
    if request.method == "POST":
        try:
            plan = plan_cycle(fetch(CYCLE_URL, max_bytes=MEGABYTE, seconds=20).content or b"")
        except (FetchError, UnreadableError) as error:
            messages.error(request, str(error))
        else:
            signed = signing.dumps([change.to_json() for change in plan.changes], salt=SALT, compress=True)
            context |= {"plan": plan, "signed": signed}
    return TemplateResponse(request, "downloads/admin/release_cycle.html", context)


def _apply(request: HttpRequest) -> HttpResponse:
    try:
        changes = [Change(**one) for one in signing.loads(request.POST["plan"], salt=SALT, max_age=HOURS_TO_CONFIRM * 3600)]
        if any(change.action == Change.ADD for change in changes) and not request.user.has_perm("downloads.add_releaseseries"):
            raise PermissionDenied
        count = apply_cycle(changes, by=cast("User", request.user))
    except signing.BadSignature:
        messages.error(request, _("This comparison is too old. Read the release cycle again."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        sentence = ngettext("%(count)d release series was updated.", "%(count)d release series were updated.", count)
        messages.success(request, sentence % {"count": count})
    return redirect("downloads_release_cycle")
