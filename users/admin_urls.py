"""Lead Wagtail's own pages for signing in and out to allauth's, which limit attempts and ask for the second factor.

Mounted before Wagtail's URLs. `sign_in` also takes the place of the page that Wagtail has for private pages of the site.
"""

from allauth.account.views import logout
from django.urls import path, re_path
from django.views.generic import RedirectView

sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("login/", sign_in),
    path("logout/", logout, name="wagtailadmin_logout"),
    # A link in an old email holds a key for Wagtail's view, which nobody reads any more.
    re_path(r"^password_reset/", RedirectView.as_view(pattern_name="account_reset_password")),
]
