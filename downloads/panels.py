"""Panels of the release form: files, checks and places on the site."""

from typing import Any

from wagtail.admin.panels import Panel

from .appearances import Appearances
from .models import Release
from .preparation import Checklist
from .readiness import Workbench, files_url


class ReleasePanel(Panel):
    """Read-only panel of a saved release.

    The bound panel of a subclass adds the context of its template with `get_release_context`.
    """

    class BoundPanel(Panel.BoundPanel):
        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            release = self.instance
            return context | {"release": release} | (self.get_release_context(release) if release.pk else {})


class FilesPanel(ReleasePanel):
    """Files of a release: one row for each operating system, one column for each kind."""

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


class ChecklistPanel(ReleasePanel):
    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/checklist_panel.html"

        def get_release_context(self, release: Release) -> dict[str, Any]:
            return {"checklist": Checklist(release)}
