"""All URL prefixes of the site."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path, re_path
from django.views.generic import RedirectView, TemplateView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from cms.content import page_views, private, sharing
from cms.content import views as cms_views
from cms.editor import preview_links
from cms.moderation import feedback, problem_reports
from community import views as community_views
from community.models import BlogsPage
from downloads import views as downloads_views
from home import search
from psf import views as psf_views
from sponsors import views as sponsors_views
from users.admin_urls import sign_in
from users.views import LogInView

from . import sitemaps, views
from .metrics import metrics

urlpatterns = [
    path("health", views.health, name="health"),
    *(path(url, views.health) for url in ("_health", "_health/")),
    path("ready", views.ready, name="ready"),
    path("metrics", metrics),
    path("robots.txt", views.robots_txt),
    path("favicon.ico", views.site_icon, {"name": "favicon.ico"}),
    path("apple-touch-icon.png", views.site_icon, {"name": "apple-touch-icon.png"}),
    path("humans.txt", views.humans_txt),
    path("security.txt", views.security_txt),
    path(".well-known/security.txt", views.security_txt),
    path("funding.json", views.funding_json),
    path(".well-known/funding-manifest-urls", views.funding_manifest_urls),
    path("llms.txt", sharing.llms_txt),
    re_path(r"^(?P<path>(?:[\w-]+/)*)index\.md$", sharing.markdown_page),
    path("report-a-problem/", problem_reports.report_problem, name="report_problem"),
    path("feedback/", feedback.send_feedback, name="page_feedback"),
    path("feedback/<str:answer>/", feedback.add_comment, name="page_feedback_comment"),
    path("page-views/", page_views.report_view, name="page_views"),
    path("preview/<str:token>/", preview_links.show_preview, name="preview_link"),
    path("preview/<str:token>/comment/", preview_links.comment_on_preview, name="preview_link_comment"),
    path("preview/<str:token>/comment/sent/", preview_links.comment_on_preview, {"is_sent": True}, name="preview_link_sent"),
    path("authenticated", views.account_menu, name="account_menu"),
    path("admin/", include("users.admin_urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("_util/login/", sign_in, name="wagtailcore_login"),
    path("accounts/login/", LogInView.as_view(), name="account_login"),
    path("accounts/", include("allauth.urls")),
    path("users/sponsorships/", include("sponsors.portal_urls")),
    path("users/membership/", include("psf.member_urls")),
    path("users/nominations/", RedirectView.as_view(pattern_name="nominations:mine", permanent=True)),
    path("users/", include("users.urls")),
    path("api/", include("pydotorg.api")),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        private.unlock_page,
        name="wagtailcore_authenticate_with_password",
    ),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        private.unlock_documents,
        name="wagtaildocs_authenticate_with_password",
    ),
    re_path(r"^documents/(\d+)/(.*)$", private.serve_document, name="wagtaildocs_serve"),
    path("downloads/", include("downloads.urls")),
    path("jobs/", include("jobs.urls")),
    path("events/", include("events.urls")),
    path("success-stories/", include("community.urls")),
    path("blogs/", cms_views.landing(BlogsPage), name="blogs"),
    path("nominations/", include("psf.urls")),
    path("psf/records/board/minutes/", include("psf.records_urls")),
    path("membership/", psf_views.old_membership),
    path("psf/sponsors/", sponsors_views.sponsor_list, name="sponsor_list"),
    path("sponsors/", include("sponsors.urls")),
    *(path(f"box/{label}/", downloads_views.box, {"label": label}) for label in downloads_views.BOXES),
    *(path(f"box/{label}/", community_views.box, {"label": label}) for label in community_views.BOXES),
    path("shell/", include("cms.content.console_urls")),
    path("search/", search.results, name="search"),
    path("search/suggestions/", search.suggestions, name="search_suggestions"),
    path("sitemap.xml", sitemaps.site),
    path("box/<slug:label>/", cms_views.box, name="box"),
    re_path(r"^m/(?P<path>.+?)/?$", cms_views.old_media),
    path("release-edit-button/<int:pk>", views.release_edit_button),
    re_path(r"^download/releases/(?P<version>[0-9][0-9a-z.]*)/$", downloads_views.old_release_page),
    re_path(r"^getit/(?P<path>.*)$", RedirectView.as_view(url="/downloads/%(path)s", permanent=True, query_string=True)),
]

if "allauth.idp.oidc" in settings.INSTALLED_APPS:
    urlpatterns += [path("", include("allauth.idp.urls"))]

if settings.DEBUG:
    urlpatterns += [
        path("styleguide/", TemplateView.as_view(template_name="styleguide.html")),
        *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    ]

urlpatterns += i18n_patterns(
    re_path(wagtail_urls.serve_pattern, cms_views.page), path("", include(wagtail_urls)), prefix_default_language=False
)

handler400 = views.bad_request
handler403 = views.permission_denied
handler405 = views.method_not_allowed
handler429 = views.too_many_requests
handler404 = views.page_not_found
handler500 = views.server_error
