"""The panels of the release workbench: what a release has, what it lacks and where it will be seen."""

from wagtail.admin.panels import Panel

from .appearances import Appearances
from .readiness import Workbench, files_url


class ReleasePanel(Panel):
    """A panel that shows and does not edit. A release that was never saved has nothing to show yet.

    Its bound panel says with `get_release_context` what the template gets.
    """

    class BoundPanel(Panel.BoundPanel):
        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            release = self.instance
            return context | {"release": release} | (self.get_release_context(release) if release.pk else {})


class FilesPanel(ReleasePanel):
    """The files of a release: one row for each operating system, one column for each kind."""

    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/files_panel.html"

        def get_release_context(self, release):
            return {"bench": Workbench(release), "files_url": files_url(release)}


class ChecksPanel(ReleasePanel):
    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/checks_panel.html"

        def get_release_context(self, release):
            return {"checks": Workbench(release).checks}


class AppearancesPanel(ReleasePanel):
    class BoundPanel(ReleasePanel.BoundPanel):
        template_name = "downloads/admin/appearances_panel.html"

        def get_release_context(self, release):
            return {"appearances": Appearances(release)}
