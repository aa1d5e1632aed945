"""Content checks of the editor: Wagtail's checks of the preview, and our own for wording, links and images.

`content-checks.js` marks the elements of a preview with the attributes below. The rules report the marked elements in the side
panel "Checks", which counts them, and in the preview.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.userbar import ContentCheckerItem
from wagtail.images import get_image_model

from cms.content.terms import CONTENT_TERMS

from .models import BrokenLink

MAX_FACTS = 2000
# A version that a person wrote as the latest one. Pages show it from the releases instead.
LATEST_VERSION = (
    r"\b(latest|newest|current|most recent)\b[^.!?]{0,40}?\bpython\s*\d+(\.\d+)+"
    r"|\b(latest|newest|current|most recent) (stable )?(version|release)\b[^.!?]{0,40}?\d+\.\d+"
    r"|\bpython\s*\d+(\.\d+)+ is (now )?(the|our) (latest|newest|current|most recent)\b"
)
# Attribute that marks an element, the name of the problem, and what to do about it.
OWN_CHECKS: dict[str, tuple[Any, Any]] = {
    "data-check-term": (_("Term to avoid"), _("Point at the text in the preview to see the term that the rest of the site uses")),
    "data-check-dead-link": (_("Dead link"), _("The target does not exist or did not respond. Change or remove the link")),
    "data-check-no-alt": (_("Missing alternative text"), _("Describe the image, or mark it as decorative")),
    "data-check-latest": (
        _("Latest version written by hand"),
        _("The text becomes wrong with the next release. Use the block “Latest release” or leave out the number"),
    ),
}


def rule_id(attribute: str) -> str:
    return attribute.removeprefix("data-")


class OwnChecks(ContentCheckerItem):
    """Wagtail's content checker with our rules."""

    axe_run_only = [*ContentCheckerItem.axe_run_only, "image-alt", *map(rule_id, OWN_CHECKS)]
    axe_custom_rules = [
        *ContentCheckerItem.axe_custom_rules,
        *(
            {
                "id": rule_id(attribute),
                "impact": "serious",
                "selector": f"[{attribute}]",
                "tags": ["best-practice"],
                "none": [f"has-{attribute}"],
                "enabled": True,
            }
            for attribute in OWN_CHECKS
        ),
    ]
    axe_custom_checks = [
        *ContentCheckerItem.axe_custom_checks,
        *(
            {
                "id": f"has-{attribute}",
                "evaluate": "attr-non-space-content-evaluate",
                "options": {"attribute": attribute},
            }
            for attribute in OWN_CHECKS
        ),
    ]
    axe_messages = {
        **ContentCheckerItem.axe_messages,
        "image-alt": {
            "error_name": OWN_CHECKS["data-check-no-alt"][0],
            "help_text": OWN_CHECKS["data-check-no-alt"][1],
        },
        **{
            rule_id(attribute): {"error_name": name, "help_text": help_text}
            for attribute, (name, help_text) in OWN_CHECKS.items()
        },
    }


def add_own_checks(request: HttpRequest, items: list[Any], page: Any) -> None:
    """Replace Wagtail's checker by ours, in the userbar and in the side panel."""
    items[:] = [OwnChecks(in_editor=item.in_editor) if isinstance(item, ContentCheckerItem) else item for item in items]


def get_facts() -> dict[str, Any]:
    """Return what the script in a preview needs.

    These are patterns, the external links that the nightly check found broken, and the titles of images without a description,
    which are shown in place of their alternative text.
    """
    broken = BrokenLink.objects.filter(internal=False).order_by("pk").values_list("url", "reason")
    undescribed = (
        get_image_model().objects.filter(description="", decorative=False).order_by("-pk").values_list("title", flat=True)
    )
    return {
        "terms": [{"pattern": pattern, "use": term} for pattern, term in CONTENT_TERMS.items()],
        "latest": LATEST_VERSION,
        "broken": dict(broken[:MAX_FACTS]),
        "undescribed": list(undescribed[:MAX_FACTS]),
    }
