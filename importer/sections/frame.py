"""Import banners and redirects."""

from itertools import groupby
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Count
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import ModelLogEntry, Page

from cms.content.conversion import normalize_url
from cms.content.models.banners import Banner
from importer.core.registry import after_rows, importer
from importer.core.report import Report
from importer.core.writing import write
from importer.models import ImportedRow

BANNERS, REDIRECTS = "banners.banner", "redirects.redirect"


@importer(BANNERS, Banner)
def import_banners(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        audience = Banner.Audience.FOUNDATION if fields["psf_pages_only"] else Banner.Audience.SITE
        texts = {"message": fields["message"], "link_text": fields["title"], "url": normalize_url(fields["link"])}
        return texts | {"audience": audience, "live": fields["active"], "has_unpublished_changes": not fields["active"]}

    write(BANNERS, Banner, rows, values, report)


@importer(REDIRECTS, Redirect, after=["pages.page"])
def import_redirects(rows: list[dict], report: Report) -> None:
    """Import redirects. One without a target means 410 Gone on both sites."""
    content_type = ContentType.objects.get_for_model(Redirect)
    for row in rows:
        with report.row(REDIRECTS, row):
            target = normalize_url(row["fields"]["new_path"])
            path = Redirect.normalise_path(row["fields"]["old_path"])
            page = Page.objects.live().filter(url_path__endswith=target, depth__gt=2).first() if target.startswith("/") else None
            page = page if page and page.url == target else None
            values = {"redirect_page_id": page.pk if page else None, "redirect_link": "" if page else target}
            known = Redirect.objects.filter(old_path=path, site=None).first()
            if known and all(getattr(known, name) == value for name, value in values.items()):
                report.count(REDIRECTS, "unchanged")
            elif known and ModelLogEntry.objects.filter(content_type=content_type, object_id=str(known.pk)).exists():
                report.keep(REDIRECTS, row["pk"], path)
            else:
                redirect = known or Redirect(old_path=path)
                for name, value in values.items():
                    setattr(redirect, name, value)
                redirect.is_permanent = True
                if path == target:
                    raise ValidationError(f"{path} leads to itself.")
                redirect.save()
                report.place(REDIRECTS, row["pk"], redirect.pk)
                report.count(REDIRECTS, "changed" if known else "created")


@after_rows
def remove_duplicate_redirects(report: Report) -> None:
    """Delete all but one of the equal redirects of a path: two are an error for visitors.

    Redirects of one path with different targets stay, and the report names them.
    """
    ours = Redirect.objects.filter(site=None)
    paths = [path for path, _ in ours.values_list("old_path").annotate(number=Count("pk")).filter(number__gt=1)]
    imported = set(ImportedRow.objects.filter(label=REDIRECTS).values_list("target", flat=True))
    removed = 0
    for path, rows in groupby(ours.filter(old_path__in=paths).order_by("old_path", "pk"), lambda row: row.old_path):
        kept: dict[tuple, Redirect] = {}
        # The row that later imports compare comes first.
        for redirect in sorted(rows, key=lambda row: str(row.pk) not in imported):
            target = (redirect.redirect_page_id, redirect.redirect_page_route_path, redirect.redirect_link, redirect.is_permanent)
            if kept.setdefault(target, redirect) is not redirect:
                redirect.delete()
                removed += 1
        if len(kept) > 1:
            report.note(f"{path} has {len(kept)} redirects with different targets. Delete all but one in Settings → Redirects.")
    if removed:
        report.note(f"Deleted {removed} redirects that existed twice.")
