"""Saved filters: each person names the filters, search and order of a list, and opens it with them again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, URLPattern, path, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from users.models import SavedFilter
from users.requests import AuthenticatedRequest

MAX_FILTERS = 30
# Parameters that are no filters: the page of the list, exports, and what Wagtail adds when it refreshes a part of the page.
NOT_SAVED = ("p", "page", "export", "_w_filter_fragment")


def clean_query(query: QueryDict) -> str:
    """Return the filters of a query string in a fixed order, without empty ones."""
    chosen = QueryDict(mutable=True)
    for name, values in sorted(query.lists()):
        if name not in NOT_SAVED:
            chosen.setlist(name, [value for value in values if value])
    return chosen.urlencode()


def get_saved_filters(request: AuthenticatedRequest, index_url: str) -> dict[str, Any]:
    """Return the saved filters of the user for a list, and what can be saved."""
    query = clean_query(request.GET)
    rows = list(SavedFilter.objects.filter(user=request.user, path=index_url))
    return {
        "rows": [{"filter": row, "is_current": row.query == query} for row in rows],
        "path": index_url,
        "query": query,
        "may_save": bool(query) and all(row.query != query for row in rows),
    }


class AdminPathField(forms.CharField):
    """Path of a screen of the admin."""

    def __init__(self) -> None:
        super().__init__(max_length=200)

    def clean(self, value: Any) -> str:
        path = super().clean(value)
        try:
            resolve(path)
        except Resolver404 as error:
            raise forms.ValidationError(_("This list does not exist.")) from error
        if not path.startswith(reverse("wagtailadmin_home")):
            raise forms.ValidationError(_("This list does not exist."))
        return path


class SaveForm(forms.Form):
    name = forms.CharField(max_length=SavedFilter.MAX_NAME)
    path = AdminPathField()
    query = forms.CharField(max_length=SavedFilter.MAX_QUERY)


@require_POST
def save_filter(request: AuthenticatedRequest) -> HttpResponse:
    """Save filters under a name, or replace those that have it, and show the list with them."""
    form = SaveForm(request.POST)
    if not form.is_valid():
        if form.errors.keys() - {"name"}:
            raise Http404
        messages.error(request, _("Enter a name of at most 60 characters for the filters."))
        return redirect(f"{form.cleaned_data['path']}?{form.cleaned_data['query']}")
    chosen, query = form.cleaned_data, clean_query(QueryDict(form.cleaned_data["query"]))
    mine = SavedFilter.objects.filter(user=request.user, path=chosen["path"])
    if mine.exclude(name=chosen["name"]).count() >= MAX_FILTERS:
        messages.error(request, _("You have saved 30 filters for this list. Delete one first."))
    else:
        SavedFilter.objects.update_or_create(
            user=request.user, path=chosen["path"], name=chosen["name"], defaults={"query": query}
        )
        messages.success(request, _("The filters were saved as “%(name)s”.") % {"name": chosen["name"]})
    return redirect(f"{chosen['path']}?{query}")


@require_POST
def delete_filter(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(SavedFilter, pk=pk, user=request.user)
    saved.delete()
    messages.success(request, _("The saved filters “%(name)s” were deleted.") % {"name": saved.name})
    return redirect(saved.path)


def urls() -> list[URLPattern]:
    return [
        path("saved-filters/", save_filter, name="save_filter"),
        path("saved-filters/<int:pk>/delete/", delete_filter, name="delete_filter"),
    ]
