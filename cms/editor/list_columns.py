"""Chosen columns: each person hides columns of a list of the admin that they do not need."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, resolve
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin.ui.tables import BaseColumn, BulkActionsCheckboxColumn, Table, TitleColumn
from wagtail.admin.ui.tables.orderable import OrderingColumn
from wagtail.admin.ui.tables.pages import NavigateToChildrenColumn, PageTitleColumn
from wagtail_modeladmin.views import IndexView as RegisterView

from users.models import ListColumns
from users.requests import AuthenticatedRequest

from .saved_filters import AdminPathField

MAX_COLUMNS, MAX_QUERY = 50, 4000
# Parameters that a list does not keep when its columns change.
NOT_KEPT = ("export", "_w_filter_fragment")
# Columns that name the row or act on it.
FIXED_COLUMNS = (BulkActionsCheckboxColumn, TitleColumn, PageTitleColumn, OrderingColumn, NavigateToChildrenColumn)


def list_name(index_url: str) -> str:
    """Return the name under which the columns of a list are stored. All parents share the one of the page explorer."""
    return resolve(index_url).view_name


def get_hidden(request: AuthenticatedRequest, index_url: str) -> set[str]:
    """Return the names of the columns of a list that the user hides."""
    found = ListColumns.objects.filter(user=request.user, list_name=list_name(index_url)).values_list("hidden", flat=True)
    return {name for hidden in found for name in hidden}


def describe_choice(request: AuthenticatedRequest, index_url: str, columns: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return what the form of the columns needs. `columns` are names and labels of those that can be hidden."""
    columns = list(columns)
    if not columns:
        return {}
    hidden = get_hidden(request, index_url)
    query = request.GET.copy()
    for name in NOT_KEPT:
        query.pop(name, None)
    choices = [{"name": name, "label": capfirst(label), "is_shown": name not in hidden} for name, label in columns]
    return {
        "choices": choices,
        "hidden": sum(not choice["is_shown"] for choice in choices),
        "path": index_url,
        "query": query.urlencode(),
    }


def is_choosable(column: BaseColumn) -> bool:
    return bool(column.label) and not isinstance(column, FIXED_COLUMNS)


def choose_table_columns(request: AuthenticatedRequest, table: Table, index_url: str) -> dict[str, Any]:
    """Remove the columns that the user hides from a table, and return the choice. The column with the title stays."""
    named = [column for column in table.columns.values() if not isinstance(column, BulkActionsCheckboxColumn | OrderingColumn)]
    choosable = [column for column in named[1:] if is_choosable(column)]
    choice = describe_choice(request, index_url, [(column.name, column.label) for column in choosable])
    for each in choice.get("choices", ()):
        if not each["is_shown"]:
            del table.columns[each["name"]]
    return choice


def choose_register_columns(request: AuthenticatedRequest, view: RegisterView) -> dict[str, Any]:
    """Return the choice of columns of a register, with the positions of those that the user hides.

    The links that sort a register contain positions, so its list of columns stays complete.
    """
    title = view.model_admin.get_list_display_add_buttons(request)
    named = {name: position for position, name in enumerate(view.list_display) if position and name != title}
    columns = [(name, label_for_field(name, view.model, view.model_admin)) for name in named]
    choice = describe_choice(request, view.index_url, columns)
    positions = {named[each["name"]] for each in choice.get("choices", ()) if not each["is_shown"]}
    return choice | {"hidden_positions": positions}


class ColumnsForm(forms.Form):
    path = AdminPathField()
    query = forms.CharField(max_length=MAX_QUERY, required=False)


@require_POST
def save_columns(request: AuthenticatedRequest) -> HttpResponse:
    """Store the columns of a list that the user does not show, and open the list again."""
    form = ColumnsForm(request.POST)
    offered, shown = request.POST.getlist("column"), set(request.POST.getlist("shown"))
    if not form.is_valid() or len(offered) > MAX_COLUMNS or any(len(name) > ListColumns.MAX_NAME for name in offered):
        raise Http404
    chosen = form.cleaned_data
    hidden = [] if "all" in request.POST else [name for name in dict.fromkeys(offered) if name not in shown]
    mine: dict[str, Any] = {"user": request.user, "list_name": list_name(chosen["path"])}
    if hidden:
        ListColumns.objects.update_or_create(**mine, defaults={"hidden": hidden})
    else:
        ListColumns.objects.filter(**mine).delete()
    messages.success(request, _("Your columns for this list were saved."))
    return redirect(f"{chosen['path']}?{chosen['query']}" if chosen["query"] else chosen["path"])


def urls() -> list[URLPattern]:
    return [path("list-columns/", save_columns, name="save_list_columns")]
