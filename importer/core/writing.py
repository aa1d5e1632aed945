"""Write imported rows with their old IDs, once, without overwriting changes made on this site."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from wagtail.blocks import StreamValue
from wagtail.models import ModelLogEntry, Page
from wagtail.search.backends import get_search_backends
from wagtail.search.index import Indexed

from cms.content.markup import LINK_REL
from cms.content.models.legacy import FIRST_NEW_ID
from cms.platform.sequences import reset_sequence
from importer.models import ImportedRow
from users.models import User

from .report import Report, reason_of

USERS = "users.user"


def store(label: str, instances: Iterable[Any], fields: list[str], report: Report) -> None:
    """Write rows that keep their IDs. Existing rows are identified by their slug and compared in these fields."""
    wanted = list(instances)
    if not wanted:
        return
    model = type(wanted[0])
    here = model._default_manager.in_bulk([instance.pk for instance in wanted])
    slugs = model._default_manager.filter(slug__in=[instance.slug for instance in wanted])
    owners = dict(slugs.values_list("slug", "pk"))
    new = []
    for instance in wanted:
        known = here.get(instance.pk)
        if known is None and owners.get(instance.slug, instance.pk) != instance.pk:
            reason = f"its slug is used by the row with ID {owners[instance.slug]}."
            report.skip(label, instance.slug, reason, pk=instance.pk)
        elif known is None:
            new.append(instance)
        elif known.slug != instance.slug:
            report.skip(label, instance.slug, f"its ID {instance.pk} belongs to {known.slug} on this site.", pk=instance.pk)
        elif all(same(getattr(known, name), getattr(instance, name)) for name in fields):
            report.count(label, "unchanged")
        elif is_edited_here(known):
            report.keep(label, instance.pk, instance.slug)
        else:
            for name in fields:
                setattr(known, name, getattr(instance, name))
            _save(label, known, "changed", report)
    _create(label, model, new, report)


def write(
    label: str,
    model: type[models.Model],
    rows: list[dict],
    values_of: Callable[[dict], dict],
    report: Report,
    *,
    clean: bool = True,
    is_edited: Callable[[Any], bool] | None = None,
) -> None:
    """Write rows one by one with the values of `values_of(fields)`; `fields` includes the old id as "pk".

    With `clean`, the model validates the rows; otherwise only the database does.
    """
    here = model._default_manager.in_bulk([row["pk"] for row in rows])
    for row in rows:
        with report.row(label, row):
            values = values_of(row["fields"] | {"pk": row["pk"]})
            known = here.get(row["pk"])
            if known and all(same(getattr(known, name), value) for name, value in values.items()):
                report.count(label, "unchanged")
                continue
            if known and (is_edited or is_edited_here)(known):
                report.keep(label, row["pk"], str(known))
                continue
            instance = known or model(pk=row["pk"])
            for name, value in values.items():
                setattr(instance, name, value)
            if clean:
                instance.full_clean()
            else:
                refuse_lost_parents(instance)
            instance.save(force_insert=known is None)
            report.count(label, "changed" if known else "created")
    reset_sequence(model)


def write_page(label: str, row: dict, values: dict[str, Any], place: tuple[Page, Page], report: Report) -> bool:
    """Create or change a page with these values. `place` is its parent and the page, new or existing.

    Return whether the page was written. It gets no revision, because a revision marks a page as changed on this site.
    """
    parent, page = place
    is_new = page.pk is None
    if not is_new and all(same(getattr(page, name), value) for name, value in values.items()):
        report.count(label, "unchanged")
        return False
    if not is_new and is_edited_here(page):
        report.keep(label, row["pk"], page.title)
        return False
    for name, value in values.items():
        setattr(page, name, value)
    page.has_unpublished_changes = not page.live
    if is_new:
        parent.add_child(instance=page)
    else:
        page.draft_title = page.title
        page.save()
    report.place(label, row["pk"], page.pk)
    report.count(label, "created" if is_new else "changed")
    return True


def exported_rows(model: type[models.Model], keys: Iterable[int]) -> dict[int, Any]:
    """Return the rows of this site that an export has added to the old one, keyed by their ID there."""
    wanted = {key - FIRST_NEW_ID: key for key in keys if key > FIRST_NEW_ID}
    return {wanted[pk]: row for pk, row in model._default_manager.in_bulk(list(wanted)).items()}


def publication(fields: dict, *, live: bool) -> dict[str, Any]:
    """Return the publication fields of a page."""
    created, updated = (datetime.fromisoformat(fields[name]) for name in ("created", "updated"))
    return {"live": live, "first_published_at": created if live else None, "last_published_at": updated if live else None}


def refuse_lost_parents(instance: models.Model) -> None:
    """Raise ValidationError if a related row is missing. Databases would report it only at the end of the transaction."""
    for field in instance._meta.concrete_fields:
        pk = getattr(instance, field.attname)
        if isinstance(field, models.ForeignKey) and pk is not None and not field.is_cached(instance):
            parent = field.related_model
            if not parent._base_manager.filter(pk=pk).exists():
                raise ValidationError(f"{parent._meta.verbose_name} {pk} is missing.")


def same(one: Any, other: Any) -> bool:
    """Return whether two values of a field are equal. For blocks, IDs and attributes that an import adds to links are ignored."""
    if isinstance(one, StreamValue):
        other = other if isinstance(other, StreamValue) else StreamValue(one.stream_block, other or [])
        return without_ids(one.get_prep_value()) == without_ids(other.get_prep_value())
    return one == other


def without_ids(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(f' rel="{LINK_REL}"', "")
    if isinstance(value, dict):
        return {key: without_ids(inner) for key, inner in value.items() if key != "id"}
    return [without_ids(inner) for inner in value] if isinstance(value, list) else value


def is_edited_here(instance: models.Model) -> bool:
    """Return whether a row was changed on this site, by a person or an API."""
    if getattr(instance, "latest_revision_id", None):
        return True
    content_type = ContentType.objects.get_for_model(instance)
    return ModelLogEntry.objects.filter(content_type=content_type, object_id=str(instance.pk)).exists()


def person(reference: Any) -> User | None:
    """Return the user with a username or an old ID, or None."""
    people = get_user_model()._default_manager
    if isinstance(reference, int):
        here = ImportedRow.objects.filter(label=USERS, key=str(reference)).values_list("target", flat=True).first()
        return people.filter(pk=here).first() if here else None
    name = reference[0] if isinstance(reference, list) else reference
    return people.filter(username__iexact=name).first() if name else None


def _create(label: str, model: type[models.Model], new: list[models.Model], report: Report) -> None:
    try:
        with transaction.atomic():
            model._default_manager.bulk_create(new, batch_size=500)
        report.count(label, "created", len(new))
    except IntegrityError:
        # One row is invalid, so save them one by one.
        for instance in new:
            _save(label, instance, "created", report)
    reset_sequence(model)
    if issubclass(model, Indexed):
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(model, model._default_manager.filter(pk__in=[instance.pk for instance in new]))


def _save(label: str, instance: models.Model, outcome: str, report: Report) -> None:
    try:
        with transaction.atomic():
            instance.save(force_insert=outcome == "created")
    except IntegrityError as error:
        report.skip(label, str(instance), reason_of(error), pk=instance.pk)
    else:
        report.count(label, outcome)
