"""Filters of the admin lists under Downloads."""

from collections.abc import Callable

import django_filters as filters
from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.forms import RadioSelect
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail_modeladmin.options import ModelAdmin

from downloads.models.releases import ReleaseQuerySet

from .models import OS, Advisory, Release, ReleaseFile, ReleaseSeries, ReleaseTask
from .versions import Stage

SHA256_LENGTH = 64
UNSIGNED = Q(gpg_signature_file="", sigstore_bundle_file="") & (Q(sigstore_signature_file="") | Q(sigstore_cert_file=""))
# Fields that a file may lack: name in the URL -> label and filter.
MISSING: dict[str, tuple[str | Promise, Callable]] = {
    "hash": (_("SHA-256 checksum"), lambda files: files.annotate(digits=Length("sha256_sum")).exclude(digits=SHA256_LENGTH)),
    "signature": (_("Signature"), lambda files: files.filter(UNSIGNED)),
    "size": (_("Size"), lambda files: files.filter(filesize=0)),
}


class SeriesFilterSet(WagtailFilterSet):
    end_of_security = filters.DateFromToRangeFilter(label=_("End of life"), widget=DateRangePickerWidget)

    class Meta:
        model = ReleaseSeries
        fields: list[str] = []


class AdvisoryFilterSet(WagtailFilterSet):
    published = filters.DateFromToRangeFilter(label=_("Published"), widget=DateRangePickerWidget)
    withdrawn = filters.BooleanFilter(label=_("Withdrawn"), lookup_expr="isnull", exclude=True)
    fixed_in = filters.CharFilter(label=_("Fixed in"), lookup_expr="icontains")

    class Meta:
        model = Advisory
        fields: list[str] = []


class ReleaseTaskFilterSet(WagtailFilterSet):
    due_at = filters.DateFromToRangeFilter(label=_("Due"), widget=DateRangePickerWidget)
    done_at = filters.BooleanFilter(label=_("Done"), lookup_expr="isnull", exclude=True)
    owner = filters.CharFilter(label=_("Owner"), lookup_expr="icontains")

    class Meta:
        model = ReleaseTask
        fields: list[str] = []


class ReleaseFilterSet(WagtailFilterSet):
    series = filters.ModelChoiceFilter(queryset=ReleaseSeries.objects.newest_first())
    live = filters.ChoiceFilter(
        label=_("Status"), choices=[("True", _("Published")), ("False", _("Draft"))], widget=RadioSelect, empty_label=_("All")
    )
    stage = filters.ChoiceFilter(choices=Stage.choices, widget=RadioSelect, empty_label=_("All"))
    version = filters.ChoiceFilter(
        label=_("Major version"), choices=Release.Line.choices, widget=RadioSelect, empty_label=_("All")
    )
    os = filters.ModelChoiceFilter(label=_("Has files for"), queryset=OS.objects.all(), method="with_files_for")
    missing_os = filters.ModelChoiceFilter(label=_("Missing files for"), queryset=OS.objects.all(), method="without_files_for")
    missing = filters.ChoiceFilter(
        label=_("Files without"),
        choices=[(name, label) for name, (label, _files) in MISSING.items()],
        method="with_incomplete_files",
        widget=RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = Release
        fields: list[str] = []

    def with_files_for(self, releases: ReleaseQuerySet, name: str, os: OS) -> ReleaseQuerySet:
        return releases.filter(Exists(ReleaseFile.objects.filter(release=OuterRef("pk"), os=os)))

    def without_files_for(self, releases: ReleaseQuerySet, name: str, os: OS) -> ReleaseQuerySet:
        return releases.exclude(Exists(ReleaseFile.objects.filter(release=OuterRef("pk"), os=os)))

    def with_incomplete_files(self, releases: ReleaseQuerySet, name: str, missing: str) -> ReleaseQuerySet:
        lacking = MISSING[missing][1]
        return releases.filter(Exists(lacking(ReleaseFile.objects.filter(release=OuterRef("pk")))))


class ChoiceFilter(SimpleListFilter):
    """Filter of a register that ignores values that are not among its choices."""

    def chosen(self) -> str | None:
        return self.value() if self.value() in {str(value) for value, _ in self.lookup_choices} else None


class OSFilter(ChoiceFilter):
    title = "operating system"
    parameter_name = "os"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(str(os.pk), os.name) for os in OS.objects.defer("install_notes", "other_ways")]

    def queryset(self, request: HttpRequest, files: QuerySet[ReleaseFile]) -> QuerySet[ReleaseFile]:
        chosen = self.chosen()
        return files.filter(os=int(chosen)) if chosen else files


class SeriesFilter(ChoiceFilter):
    title = "series"
    parameter_name = "series"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(str(series.pk), series.name) for series in ReleaseSeries.objects.newest_first()]

    def queryset(self, request: HttpRequest, files: QuerySet[ReleaseFile]) -> QuerySet[ReleaseFile]:
        chosen = self.chosen()
        return files.filter(release__series=int(chosen)) if chosen else files


class MissingFilter(ChoiceFilter):
    title = "missing data"
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, (label, _files) in MISSING.items()]

    def queryset(self, request: HttpRequest, files: QuerySet[ReleaseFile]) -> QuerySet[ReleaseFile]:
        chosen = self.chosen()
        return MISSING[chosen][1](files) if chosen else files
