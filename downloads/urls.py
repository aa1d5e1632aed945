from django.urls import path, re_path

from cms.content.views import landing

from . import feeds, views
from .models import DownloadsPage

app_name = "downloads"

urlpatterns = [
    path("", landing(DownloadsPage), name="landing"),
    path("operating-systems/", views.os_list, name="os_list"),
    path("eol/", views.end_of_life, name="eol"),
    path("roadmap/", views.roadmap, name="roadmap"),
    path("schedule.ics", views.schedule, name="schedule"),
    path("release/<slug:slug>/", views.release_detail, name="release_detail"),
    path("release/<slug:slug>/SHA256SUMS", views.release_checksums, name="release_sums"),
    path("release/<slug:slug>/image.png", views.release_image, name="release_image"),
    re_path(r"^latest/python(?P<major>[23])\.(?P<minor>[0-9]{1,3})/SHA256SUMS$", views.latest_checksums, name="latest_sums"),
    re_path(r"^latest/?$", views.latest, name="latest"),
    re_path(r"^latest/(?P<which>python2|python3|prerelease|pymanager)/?$", views.latest, name="latest_of_line"),
    re_path(r"^latest/python(?P<major>[23])\.(?P<minor>[0-9]{1,3})/?$", views.latest, name="latest_of_series"),
]

for name, feed_type in feeds.FORMATS.items():
    urlpatterns += [
        path(f"feed.{name}", views.public(feeds.ReleaseFeed(feed_type)), name=f"feed_{name}"),
        path(f"roadmap/feed.{name}", views.public(feeds.RoadmapFeed(feed_type)), name=f"roadmap_feed_{name}"),
        path(f"security/feed.{name}", views.public(feeds.SecurityFeed(feed_type)), name=f"security_feed_{name}"),
        re_path(
            rf"^series/(?P<major>[0-9]{{1,3}})\.(?P<minor>[0-9]{{1,3}})/feed\.{name}$",
            views.public(feeds.SeriesFeed(feed_type)),
            name=f"series_feed_{name}",
        ),
    ]

# Last, because operating systems may have any other slug.
urlpatterns += [path("<slug:slug>/", views.os_detail, name="os_detail")]
