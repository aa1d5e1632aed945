from collections.abc import Iterator
from typing import Any, Self

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PublishingPanel
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, LockableMixin, Page, PreviewableMixin, ReferenceIndex, RevisionMixin
from wagtail.search import index

from cms.content import box_usage
from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.languages import in_current_language, is_in_default_language, is_taken
from cms.content.models.drafts import StaysLiveMixin
from cms.content.models.translatable import TranslatableSnippet
from cms.delivery import purging
from users.models import User


class BoxQuerySet(models.QuerySet["Box"]):
    def current(self) -> Self:
        return self.filter(archived_at=None)

    def unused(self) -> Self:
        """Return current boxes that are in no block, template or module."""
        used = ReferenceIndex.objects.filter(to_content_type=ContentType.objects.get_for_model(Box))
        rows = self.current().annotate(text_pk=Cast("pk", models.CharField()))
        return rows.exclude(text_pk__in=used.values("to_object_id")).exclude(label__in=box_usage.find_files())


class Box(
    StaysLiveMixin,
    TranslatableSnippet,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    index.Indexed,
    models.Model,
):
    """Reusable content that is written once and shown in several places."""

    label = models.SlugField(
        max_length=100,
        help_text=_("Identifies the box in URLs and templates, for example community-irc. It cannot be changed later."),
    )
    description = models.CharField(
        max_length=200, blank=True, help_text=_("For staff: the purpose of the box and where it is shown.")
    )
    body = StreamField(BodyBlock(), blank=True)
    # Archived boxes are kept, but not published, listed or offered.
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = BoxQuerySet.as_manager()

    panels = [FieldPanel("label"), FieldPanel("description"), FieldPanel("body"), PublishingPanel()]
    search_fields = [
        index.SearchField("label"),
        index.AutocompleteField("label"),
        index.SearchField("description"),
        index.SearchField("body"),
        index.FilterField("live"),
        index.FilterField("archived_at"),
    ]

    class Meta:
        ordering = ["label", "pk"]
        # The translations of a box have its label.
        constraints = [models.UniqueConstraint(fields=["label", "locale"], name="box_label_of_a_language")]
        verbose_name_plural = _("boxes")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        super().clean()
        if self.pk and Box.objects.filter(pk=self.pk).exclude(label=self.label).exists():
            raise ValidationError({"label": _("Pages and other sites refer to the box by its label. Create a new box instead.")})
        if is_taken(self, label=self.label):
            raise ValidationError({"label": _("There is already a box with this label.")})
        chain = [self.pk]
        for pk in self.boxes_within():
            if pk == self.pk or self.pk in _boxes_below(pk, set(chain) - {self.pk}):
                raise ValidationError({"body": _("A box cannot contain itself or a box that contains it.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.live:
            # Publishing brings an archived box back.
            self.archived_at = None
        super().save(*args, **kwargs)

    @classmethod
    def published(cls, label: str) -> "Box | None":
        """Return the published box with a label, in the current language or else in English."""
        found = in_current_language(cls.objects.filter(label=label, live=True).select_related("locale"))
        return found[0] if found else None

    def get_absolute_url(self) -> str:
        """Return the URL of the box, or an empty string for a translation, which only appears on pages."""
        return f"/box/{self.label}/" if is_in_default_language(self) else ""

    def places(self) -> list[str]:
        """Return the names of the records, templates and modules that use this box."""
        records = [str(record) for record, _rows in ReferenceIndex.get_grouped_references_to(self)]
        return [*records, *box_usage.find_files().get(self.label, [])]

    def archive(self, *, by: User | None) -> None:
        """Unpublish a box that nothing uses, and take it out of lists and choosers. Raises ValidationError if it is in use."""
        if places := self.places():
            raise ValidationError(
                _("%(box)s is used on %(places)s. Remove it there first.") % {"box": self, "places": ", ".join(places)}
            )
        if self.live:
            self.unpublish(user=by)
        self.archived_at = timezone.now()
        self.save()
        log(instance=self, action="cms.archive", user=by)

    def boxes_within(self) -> set[int]:
        """Return the IDs of the boxes inside this one, saved or not."""
        return {int(pk) for model, pk, _, _ in self.body.stream_block.extract_references(self.body) if model is Box}

    def keys(self) -> list[str]:
        """Return the surrogate keys of this box and of the pages that show it."""
        return [f"box-{self.label}", *sorted(f"page-{pk}" for pk in pages_showing(self))]

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "cms/box_preview.html"


def _boxes_below(pk: int, seen: set[int]) -> Iterator[int]:
    if pk in seen:
        return
    seen.add(pk)
    box = Box.objects.filter(pk=pk).first()
    for inner in box.boxes_within() if box else ():
        yield inner
        yield from _boxes_below(inner, seen)


def pages_showing(thing: models.Model, seen: set[int] | None = None) -> set[int]:
    """Return the IDs of the pages that refer to a record, including through boxes."""
    seen = seen if seen is not None else set()
    pages: set[int] = set()
    for record, _rows in ReferenceIndex.get_grouped_references_to(thing):
        if isinstance(record, Page):
            pages.add(record.pk)
        elif isinstance(record, Box) and record.pk not in seen:
            seen.add(record.pk)
            pages |= pages_showing(record, seen)
    return pages


purging.register(Box, purges=Box.keys)
