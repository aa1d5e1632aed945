from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .models import OS, Release


def landing_context() -> dict:
    """What the landing page shows besides its own text."""
    return {}


def release_context(release: Release) -> dict:
    """What the page of a release shows; also its preview."""
    return {"release": release}


@require_safe
def release_detail(request, slug):
    release = get_object_or_404(Release.objects.visible(), slug=slug)
    return render(request, "downloads/release_detail.html", release_context(release))


@require_safe
def os_detail(request, slug):
    os = get_object_or_404(OS, slug=slug)
    return render(request, "downloads/os_detail.html", {"os": os})
