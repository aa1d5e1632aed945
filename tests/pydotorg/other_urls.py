"""Site in which every view fails except one, which redirects HTTP requests to HTTPS and lets caches store the redirect."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, re_path
from django.views.decorators.cache import cache_control


def fail(request: HttpRequest) -> HttpResponse:
    return HttpResponse("The database is down.", status=500)


@cache_control(public=True, max_age=60)
def secure_only(request: HttpRequest) -> HttpResponse:
    if request.headers.get("X-Forwarded-Proto") == "https":
        return HttpResponse("Secure.")
    return redirect("https://www.python.org/secure-only/", permanent=True)


urlpatterns = [path("secure-only/", secure_only), re_path("", fail)]
