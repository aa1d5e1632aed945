"""Public pages to submit, list and edit one's own stories."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.moderation import workflow
from users.models import User
from users.requests import AuthenticatedRequest

from . import workflows
from .forms import StoryForm
from .models import StoryIndexPage, StoryPage
from .views import breadcrumbs

MAX_SHOWN = 100
DRAFT, WAITING, RETURNED, PUBLISHED, REFUSED = (
    _("Draft"),
    _("In review"),
    _("Changes requested"),
    _("Published"),
    _("Not published"),
)
COLOURS: dict[str | Promise, str] = {DRAFT: "neutral", WAITING: "brand", RETURNED: "warn", PUBLISHED: "ok", REFUSED: "neutral"}


def state_of(story: StoryPage) -> str | Promise:
    """Return the status of a story for its author."""
    state = story.current_workflow_state
    if state:
        return RETURNED if state.status == state.STATUS_NEEDS_CHANGES else WAITING
    if story.live:
        return PUBLISHED
    return DRAFT if workflow.is_draft(story) else REFUSED


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create(request: AuthenticatedRequest) -> HttpResponse:
    get_object_or_404(StoryIndexPage.objects.live())
    return _answer(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _answer(request, workflow.newest(get_object_or_404(StoryPage, submitter=request.user, pk=pk)))


def _answer(request: AuthenticatedRequest, story: StoryPage | None) -> HttpResponse:
    if request.method != "POST":
        return _show(request, StoryForm(request=request, story=story))
    form = StoryForm(request.POST, request.FILES, request=request, story=story)
    if form.is_valid():
        try:
            form.spend()
            written = form.write()
            is_draft = "draft" in request.POST and (story is None or workflow.is_draft(story))
            save = workflows.save_draft if is_draft else workflows.submit
            save(written, by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            if is_draft:
                messages.success(request, gettext("The draft of “%(title)s” has been saved.") % {"title": written.title})
                return redirect("stories:mine")
            messages.success(request, gettext("Thank you. Our editors will review “%(title)s”.") % {"title": written.title})
            return redirect("stories:thanks" if story is None else "stories:mine")
    return _show(request, form, status=422)


def _show(request: HttpRequest, form: StoryForm, status: int = 200) -> HttpResponse:
    story = form.story if form.story.pk else None
    context = {
        "form": form,
        "story": story,
        "is_draft": story is None or workflow.is_draft(story),
        "drafts": [] if story else workflows.list_drafts(cast("User", request.user)),
        "reason": workflow.reason_for_return(story) if story else "",
        "breadcrumbs": breadcrumbs(
            *(
                [(gettext("Your stories"), reverse("stories:mine")), (gettext("Edit your story"), "")]
                if story
                else [(gettext("Share your story"), "")]
            )
        ),
    }
    return render(request, "community/story_form.html", context, status=status)


@never_cache
@require_safe
@login_required
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "community/story_thanks.html", {"breadcrumbs": breadcrumbs((gettext("Thank you"), ""))})


@never_cache
@require_safe
@login_required
def mine(request: AuthenticatedRequest) -> HttpResponse:
    rows = []
    for story in request.user.stories.select_related("latest_revision").order_by("-pk")[:MAX_SHOWN]:
        state = state_of(story)
        rows.append(
            {
                "story": workflow.newest(story),
                "is_live": story.live,
                "state": state,
                "kind": COLOURS[state],
                "reason": workflow.reason_for_return(story),
            }
        )
    return render(request, "community/story_mine.html", {"rows": rows, "breadcrumbs": breadcrumbs((gettext("Your stories"), ""))})
