from typing import Any

from django.urls import URLPattern, path, re_path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.admin_url_finder import ModelAdminURLFinder, register_admin_url_finder
from wagtail_modeladmin.options import modeladmin_register

from . import election_dashboard
from .models import Nomination, Nominee
from .registers import REGISTERS
from .viewsets import PSFViewSetGroup


class CandidateURLFinder(ModelAdminURLFinder):
    """Finder of the screen where staff decide on a candidate, for the candidate and for nominations of the candidate."""

    def get_edit_url(self, instance: Nominee | Nomination) -> str | None:
        return self.construct_edit_url(instance) if self.user.has_perm(election_dashboard.MAY_DECIDE) else None

    def construct_edit_url(self, instance: Nominee | Nomination) -> str:
        pk = instance.nominee_id if isinstance(instance, Nomination) else instance.pk
        return reverse("election_candidate", args=[instance.election_id, pk])


register_admin_url_finder(Nominee, CandidateURLFinder)
register_admin_url_finder(Nomination, CandidateURLFinder)
LOG_ACTIONS = {
    "approve": _("Approve a candidate"),
    "refuse": _("Mark a candidate as not eligible"),
    "reopen": _("Undo a decision"),
    "show": _("Show a statement"),
    "hide": _("Hide a statement"),
}
for register in REGISTERS:
    modeladmin_register(register)


@hooks.register("register_admin_viewset")
def register_viewsets() -> Any:
    return PSFViewSetGroup()


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    return [*icons, "icons/ballot.svg"]


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [
        path("psf/elections/<int:pk>/dashboard/", election_dashboard.dashboard, name="election_dashboard"),
        path("psf/elections/<int:pk>/dashboard/<int:nominee_pk>/", election_dashboard.candidate, name="election_candidate"),
        path("psf/elections/<int:pk>/preview/", election_dashboard.preview, name="election_preview"),
        re_path(
            r"^psf/elections/(?P<pk>[0-9]+)/export/(?P<what>voting|announcement)/$",
            election_dashboard.export,
            name="election_export",
        ),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    for name, label in LOG_ACTIONS.items():
        actions.register_action(f"psf.{name}", label, label)
