"""Admin page of feed health."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from cms.platform.text import parse_int

from .models import Feed
from .tasks import read_feed, read_feeds


@require_http_methods(["GET", "HEAD", "POST"])
def feed_dashboard(request: HttpRequest) -> HttpResponse:
    """Show the status of all feeds. A POST imports one or all of them now."""
    if not request.user.has_perm("community.view_feed"):
        raise PermissionDenied
    if request.method != "POST":
        only_broken = request.GET.get("show") == "broken"
        rows = Feed.objects.broken() if only_broken else Feed.objects.all()
        feeds = sorted(rows.annotate(entry_count=Count("entries")), key=lambda feed: (-feed.failures, feed.name))
        return TemplateResponse(request, "community/admin/feeds.html", {"feeds": feeds, "is_filtered": only_broken})
    if not request.user.has_perm("community.change_feed"):
        raise PermissionDenied
    number = request.POST.get("feed", "")
    if number == "all":
        read_feeds.enqueue()
        messages.success(request, gettext("Reading all feeds. Reload the page in a minute."))
    else:
        feed = get_object_or_404(Feed, pk=parse_int(number))
        read_feed.enqueue(feed.pk)
        messages.success(request, gettext("Reading %(feed)s. Reload the page in a minute.") % {"feed": feed})
    return redirect("community_feeds")
