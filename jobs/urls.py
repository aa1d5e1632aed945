from django.urls import path, re_path
from django.views.generic import RedirectView

from cms.content.views import landing

from . import feeds, posting, views
from .models import JobsPage

app_name = "jobs"

urlpatterns = [
    path("", landing(JobsPage), name="job_list"),
    path("types/", views.type_list, name="type_list"),
    path("type/<slug:slug>/", views.job_list_type, name="job_list_type"),
    path("categories/", views.category_list, name="category_list"),
    path("category/<slug:slug>/", views.job_list_category, name="job_list_category"),
    path("locations/", views.location_list, name="location_list"),
    path("location/telecommute/", views.job_list_remote, name="job_list_remote"),
    # Slugs in all scripts. Django's own converter accepts only ASCII.
    re_path(r"^location/(?P<slug>[-\w]+)/$", views.job_list_location, name="job_list_location"),
    path("feed/rss/", views.public(feeds.JobFeed(feeds.RSSFeed)), name="feed_rss"),
    path("feed/atom/", views.public(feeds.JobFeed(feeds.AtomFeed)), name="feed_atom"),
    path("create/", posting.job_create, name="job_create"),
    path("render/", posting.job_render, name="job_render"),
    path("mine/", posting.job_mine, name="job_mine"),
    path("thanks/", posting.job_thanks, name="job_thanks"),
    path("renew/<str:token>/", posting.job_renew_link, name="job_renew_link"),
    # Bookmarks of moderators from the old site.
    path("review/", RedirectView.as_view(pattern_name="job_queue:index")),
    path("moderate/", RedirectView.as_view(pattern_name="jobs_job:index")),
    path("create-review-comment/", RedirectView.as_view(pattern_name="job_queue:index")),
    path("<int:pk>/remove/", RedirectView.as_view(pattern_name="job_queue:job")),
    path("<int:pk>/", views.job_detail, name="job_detail"),
    path("<int:pk>/edit/", posting.job_edit, name="job_edit"),
    path("<int:pk>/preview/", posting.job_preview, name="job_preview"),
    path("<int:pk>/comment/", posting.job_comment, name="job_comment"),
    re_path(r"^(?P<pk>[0-9]+)/(?P<name>submit|renew|fill|withdraw)/$", posting.job_transition, name="job_transition"),
]
