"""What release managers look for in the list of releases on a Monday morning."""

import django_filters as filters
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.forms import RadioSelect
from wagtail.admin.filters import WagtailFilterSet

from .models import OS, Release, ReleaseFile, ReleaseSeries
from .versions import Stage

SHA256_LENGTH = 64
UNSIGNED = Q(gpg_signature_file="", sigstore_bundle_file="") & (Q(sigstore_signature_file="") | Q(sigstore_cert_file=""))
# What a file may lack: name in the address -> words, and the files that lack it.
MISSING = {
    "hash": ("SHA-256 sum", lambda files: files.annotate(digits=Length("sha256_sum")).exclude(digits=SHA256_LENGTH)),
    "signature": ("Signature", lambda files: files.filter(UNSIGNED)),
    "size": ("Size", lambda files: files.filter(filesize=0)),
}


class ReleaseFilterSet(WagtailFilterSet):
    series = filters.ModelChoiceFilter(queryset=ReleaseSeries.objects.newest_first())
    live = filters.ChoiceFilter(
        label="Status", choices=[("True", "Published"), ("False", "Draft")], widget=RadioSelect, empty_label="All"
    )
    stage = filters.ChoiceFilter(choices=Stage.choices, widget=RadioSelect, empty_label="All")
    version = filters.ChoiceFilter(label="Line", choices=Release.Line.choices, widget=RadioSelect, empty_label="All")
    os = filters.ModelChoiceFilter(label="Has files for", queryset=OS.objects.all(), method="with_files_for")
    missing_os = filters.ModelChoiceFilter(label="Missing files for", queryset=OS.objects.all(), method="without_files_for")
    missing = filters.ChoiceFilter(
        label="Has files without",
        choices=[(name, words) for name, (words, _) in MISSING.items()],
        method="with_incomplete_files",
        widget=RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Release
        fields: list[str] = []

    def with_files_for(self, releases, name, os):
        return releases.filter(Exists(ReleaseFile.objects.filter(release=OuterRef("pk"), os=os)))

    def without_files_for(self, releases, name, os):
        return releases.exclude(Exists(ReleaseFile.objects.filter(release=OuterRef("pk"), os=os)))

    def with_incomplete_files(self, releases, name, missing):
        _, lacking = MISSING[missing]
        return releases.filter(Exists(lacking(ReleaseFile.objects.filter(release=OuterRef("pk")))))
