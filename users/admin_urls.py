"""Redirect Wagtail's sign-in and sign-out pages to allauth's, which limit attempts and ask for the second factor.

Include these before Wagtail's URLs. `sign_in` also replaces Wagtail's sign-in page for private pages of the site.
"""

from allauth.account.views import logout
from django.urls import path, re_path
from django.views.generic import RedirectView

sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("login/", sign_in),
    path("logout/", logout, name="wagtailadmin_logout"),
    # A link in an old email contains a key for Wagtail's view, which is no longer used.
    re_path(r"^password_reset/", RedirectView.as_view(pattern_name="account_reset_password")),
]
