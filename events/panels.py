"""Read-only panels of the event form."""

from typing import Any

from wagtail.admin.panels import Panel

from .models import Event
from .recurrence import spans
from .rule_builder import SHOWN_DATES
from .rule_text import describe_rule
from .workflows import rated_duplicates


class DatesPanel(Panel):
    """Next dates, as saved and, with JavaScript, while they are typed."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "events/admin/dates_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            event: Event = self.instance
            found = spans(event)[:SHOWN_DATES] if event.pk and event.start_date else []
            return super().get_context_data(parent_context) | {
                "event": event,
                "spans": found,
                "rule_text": describe_rule(event) if found else "",
            }


class ImportPanel(Panel):
    """Last import of the event, with its warnings."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "events/admin/import_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return super().get_context_data(parent_context) | {"event": self.instance}


class DuplicatesPanel(Panel):
    class BoundPanel(Panel.BoundPanel):
        template_name = "events/admin/duplicates_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return super().get_context_data(parent_context) | {"duplicates": rated_duplicates(self.instance)}
