from functools import partial
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.content.public_pages import without_private
from cms.content.social_cards import draw_card, is_drawable
from cms.delivery import surrogate_keys

from .models import Company, StoryCategory, StoryPage
from .models.stories import PER_PAGE

LANDING = (_("Success stories"), "/success-stories/")
# Boxes generated from blogs and stories: label and template.
BOXES = {
    "supernav-python-blog": "community/boxes/blog.html",
    "supernav-python-success-stories": "community/boxes/story.html",
}


breadcrumbs = partial(make_breadcrumbs, LANDING)


def story_list(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    context["page_obj"] = Paginator(context.pop("stories"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, template, context | {"canonical_url": settings.BASE_URL + request.path})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(StoryCategory, slug=slug)
    return story_list(
        request,
        "community/category.html",
        stories=without_private(StoryPage.objects.live()).for_list().filter(category=found),
        category=found,
        categories=StoryCategory.objects.filter(stories__live=True).distinct(),
        breadcrumbs=breadcrumbs((found.name, "")),
    )


@require_safe
def story_image(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the image of a story for links on other sites: title and organization."""
    story = get_object_or_404(without_private(StoryPage.objects.live()).select_related("company"), slug=slug)
    if not is_drawable(story.title):
        raise Http404
    return HttpResponse(draw_card(story.title, story.organisation, str(_("Success story"))), content_type="image/png")


@require_safe
def company(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Company.objects.select_related("logo"), slug=slug)
    return story_list(
        request,
        "community/company.html",
        stories=without_private(StoryPage.objects.live()).for_list().filter(company=found),
        company=found,
        breadcrumbs=breadcrumbs((found.name, "")),
    )


@surrogate_keys.shared("blogs", "stories", seconds=3600)
@require_safe
def box(request: HttpRequest, label: str) -> HttpResponse:
    """Return a box that is generated from blog entries or stories, without the page frame, at its URL of the old site."""
    return render(request, BOXES[label])
