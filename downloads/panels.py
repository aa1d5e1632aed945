"""The panels of the release workbench: what a release has, what it lacks and where it will be seen."""

from typing import Any

from wagtail.admin.panels import Panel

from .appearances import Appearances
from .models import Release
from .readiness import Workbench, files_url


class ReleasePanel(Panel):
    """A panel that shows and does not edit. A release that was never saved has nothing to show yet.

    Its bound panel says with `get_release_context` what the template gets.
    """

    class BoundPanel(Panel.BoundPanel):
        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            release = self.instance
            return context | {"release": release} | (self.get_release_context(release) if release.pk else {})


class FilesPanel(ReleasePanel):
    """The files of a release: one row for each operating system, one column for each kind."""

    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/files_panel.html"

        def get_release_context(self, release: Release) -> dict[str, Any]:
            return {"bench": Workbench(release), "files_url": files_url(release)}


class ChecksPanel(ReleasePanel):
    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/checks_panel.html"

        def get_release_context(self, release: Release) -> dict[str, Any]:
            return {"checks": Workbench(release).checks}


class AppearancesPanel(ReleasePanel):
    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/appearances_panel.html"

        def get_release_context(self, release: Release) -> dict[str, Any]:
            return {"appearances": Appearances(release)}
