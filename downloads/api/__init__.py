"""APIs of releases, files and operating systems: v1 and v2 for existing clients, v3 for new ones."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Subquery
from django.db.models.expressions import Combinable
from wagtail.models import ModelLogEntry

from cms.api.base import by_code_points
from cms.delivery import cached
from downloads.models import Release, ReleaseFile
from users.models import User

# The order of files in API v1 and v2, the same in every database.
FILE_ORDER: list[str | Combinable] = [
    "-release__live",
    by_code_points("release__name"),
    by_code_points("os__name"),
    by_code_points("name"),
    "-pk",
]


def changed_at() -> datetime | None:
    """Return when anything under /downloads/ last changed. The log includes deleted rows."""
    files = ReleaseFile.objects.order_by("-updated_at").values("updated_at")[:1]
    log = ModelLogEntry.objects.filter(content_type__app_label="downloads").order_by("-timestamp").values("timestamp")[:1]
    newest = Release.objects.order_by("-updated_at").values_list("updated_at", Subquery(files), Subquery(log)).first()
    return max(filter(None, newest or []), default=None)


def changed_at_for(user: User | AnonymousUser) -> datetime | None:
    """Return when anything that a user may see last changed; for anonymous users the value cached since the last purge."""
    return changed_at() if user.is_authenticated else cached.cached("downloads-changed-at", changed_at, ["downloads"])
