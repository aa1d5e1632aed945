"""Bulk edit of events in the admin: add or remove categories, and feature events."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_list_or_404
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from cms.undo.steps import undoable
from users.models import User

from .models import Category, Event


class CategoriesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.calendar})" if obj.calendar else str(obj)


class BulkEditForm(forms.Form):
    """Changes to several events. Fields left empty are not changed."""

    add_categories = CategoriesField(
        label=_("Categories to add"),
        queryset=Category.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    remove_categories = CategoriesField(
        label=_("Categories to remove"),
        queryset=Category.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    featured = forms.TypedChoiceField(
        label=_("Featured"),
        choices=[("", _("Do not change")), ("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = Category.objects.select_related("calendar").order_by("calendar__name", "name")
        for name in ("add_categories", "remove_categories"):
            self.fields[name].queryset = categories  # type: ignore[attr-defined]  # A field for rows.

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        added, removed = data.get("add_categories", ()), data.get("remove_categories", ())
        if set(added) & set(removed):
            raise ValidationError(_("A category cannot be added and removed at the same time."))
        if not added and not removed and data.get("featured") is None:
            raise ValidationError(_("Choose at least one change."))
        return data


def edit_event(event: Event, *, by: User, add: Iterable[Category], remove: Iterable[Category], featured: bool | None) -> None:
    """Change the newest version of an event, and publish it if no other change of the event is unpublished."""
    revision, goes_live = event.latest_revision, event.live and not event.has_unpublished_changes
    with undoable(event, by=by, label=gettext("Edited"), also=[revision] if revision else []):
        draft = event.get_latest_revision_as_object()
        chosen = {category.pk: category for category in draft.categories.all()}
        chosen |= {category.pk: category for category in add if category.calendar_id in {None, draft.calendar_id}}
        for category in remove:
            chosen.pop(category.pk, None)
        draft.categories.set(chosen.values())
        if featured is not None:
            draft.featured = featured
        saved = draft.save_revision(user=by, log_action=True)
        if goes_live:
            saved.publish(user=by)


class EditBulkAction(SnippetBulkAction):
    """Bulk action “Edit” of the list of events."""

    display_name = _("Edit")
    action_type = "edit"
    aria_label = _("Edit selected events")
    template_name = "events/admin/bulk_edit.html"
    action_priority = 20
    form_class = BulkEditForm
    models = [Event]

    @classmethod
    def get_queryset(cls, model: type[Event], object_ids: list[str]) -> list[Event]:
        """Return the chosen events with their newest versions. Raises Http404 if there are none."""
        return get_list_or_404(model.objects.select_related("latest_revision"), pk__in=object_ids)

    def check_perm(self, event: Event) -> bool:
        """Return whether the user may change an event, and publish it if it is live."""
        needed = ["change", "publish"] if event.live else ["change"]
        policy = self.permission_policy
        return all(policy.user_has_permission_for_instance(self.request.user, action, event) for action in needed)

    def get_execution_context(self) -> dict[str, Any]:
        return super().get_execution_context() | {"user": self.request.user} | self.cleaned_form.cleaned_data

    @classmethod
    def execute_action(cls, objects: Iterable[Event], **chosen: Any) -> tuple[int, int]:
        """Edit the events. Returns their number, and 0 because events have no descendants."""
        events = list(objects)
        for event in events:
            edit_event(
                event,
                by=chosen["user"],
                add=chosen["add_categories"],
                remove=chosen["remove_categories"],
                featured=chosen["featured"],
            )
        return len(events), 0

    def get_success_message(self, number: int, _below: int) -> str:
        return ngettext("%(number)s event was changed.", "%(number)s events were changed.", number) % {"number": number}
