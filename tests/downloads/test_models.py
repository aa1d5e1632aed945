from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import URLField
from wagtail.models import Page

from downloads.models import Release, ReleaseFile, ReleaseSeries
from downloads.models.files import SIDE_FILES, URL_FIELDS, on_our_host
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
FTP = "https://www.python.org/ftp/python/3.14.0/"


def names(releases):
    return [release.name for release in releases]


# Releases


def test_the_name_fills_in_slug_line_series_and_numbers():
    release = ReleaseFactory(name="Python 3.15.0rc2", pre_release=True)
    assert (release.slug, release.version, release.series.name) == ("python-3150rc2", 3, "3.15")
    assert (release.major, release.minor, release.patch, release.serial) == (3, 15, 0, 2)


def test_a_python_2_belongs_to_its_line():
    assert ReleaseFactory(name="Python 2.7.18").version == Release.Line.PYTHON_2


def test_the_install_manager_has_no_series():
    release = ReleaseFactory(name="Python install manager 25.2")
    assert (release.version, release.series, release.is_install_manager) == (100, None, True)


@pytest.mark.parametrize("name", ["spam", "Python2.7.5", "Python  3.14.0"])
def test_a_malformed_name_is_refused_with_an_example(name):
    with pytest.raises(ValidationError, match=r"Python 3\.14\.0"):
        Release(name=name).full_clean()


def test_a_malformed_name_that_is_stored_breaks_nothing():
    release = ReleaseFactory(name="spam")
    assert release.slug == "spam"
    assert release.parsed_version is None
    assert release.superseded_by() is None
    assert not release.has_ended()


def test_a_draft_is_visible_to_those_who_write_releases_only(admin_user):
    draft = ReleaseFactory(live=False)
    reader = UserFactory()
    assert draft not in Release.objects.visible_to(reader)
    assert draft in Release.objects.visible_to(admin_user)


def test_stable_pre_release_and_listed_releases_are_distinguished():
    ReleaseFactory(name="Python 3.14.0")
    ReleaseFactory(name="Python 3.14.1", show_on_download_page=False)
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True)
    # Only its name says so; some rows of the old site are like this.
    ReleaseFactory(name="Python 3.8.4rc1")
    ReleaseFactory(name="Python 3.14.2", live=False)
    visible = Release.objects.visible()
    assert sorted(names(visible.stable())) == ["Python 3.14.0", "Python 3.14.1"]
    assert sorted(names(visible.pre_releases())) == ["Python 3.15.0a1", "Python 3.8.4rc1"]
    assert names(visible.listed()) == ["Python 3.14.0"]


def test_releases_sort_by_number_and_names_without_one_come_last():
    for name in ("Python 3.8.20", "spam", "Python 3.10.19", "Python 3.10.2"):
        ReleaseFactory(name=name)
    assert names(Release.objects.by_version()) == ["Python 3.10.19", "Python 3.10.2", "Python 3.8.20", "spam"]


def test_latest_is_the_newest_stable_release_by_number():
    ReleaseFactory(name="Python 3.14.1", release_date=datetime(2026, 1, 1, tzinfo=UTC))
    ReleaseFactory(name="Python 3.13.9", release_date=datetime(2026, 6, 1, tzinfo=UTC))
    ReleaseFactory(name="Python 3.15.0rc1", pre_release=True)
    ReleaseFactory(name="Python 3.14.2", live=False)
    assert Release.objects.current(Release.Line.PYTHON_3).name == "Python 3.14.1"


def test_a_pre_release_never_is_the_latest_of_a_series_with_a_stable_release():
    ReleaseFactory(name="Python 3.14.1")
    ReleaseFactory(name="Python 3.14.2rc1", pre_release=True)
    assert Release.objects.current_of_series(3, 14).name == "Python 3.14.1"


def test_a_series_without_a_stable_release_offers_its_newest_pre_release():
    ReleaseFactory(name="Python 3.15.0a2", pre_release=True)
    ReleaseFactory(name="Python 3.15.0a10", pre_release=True)
    assert Release.objects.current_of_series(3, 15).name == "Python 3.15.0a10"
    assert Release.objects.current_of_series(3, 16) is None


def test_the_current_pre_release_is_the_newest_by_date():
    ReleaseFactory(name="Python 3.14.2rc1", pre_release=True, release_date=datetime(2026, 6, 2, tzinfo=UTC))
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True, release_date=datetime(2026, 6, 1, tzinfo=UTC))
    assert Release.objects.current_pre_release().name == "Python 3.14.2rc1"


def test_a_newer_stable_release_supersedes():
    old, new = ReleaseFactory(name="Python 3.14.1"), ReleaseFactory(name="Python 3.14.2")
    ReleaseFactory(name="Python 3.14.3rc1", pre_release=True)
    ReleaseFactory(name="Python 3.14.4", live=False)
    assert old.superseded_by() == new
    assert new.superseded_by() is None


def test_a_pre_release_is_superseded_by_the_next_one():
    old, new = (ReleaseFactory(name=f"Python 3.15.0a{n}", pre_release=True) for n in (1, 2))
    assert old.superseded_by() == new


def test_a_python_2_is_not_superseded():
    old = ReleaseFactory(name="Python 2.7.17")
    ReleaseFactory(name="Python 2.7.18")
    assert old.superseded_by() is None


def test_security_releases_come_after_the_end_of_bug_fixes():
    ReleaseSeriesFactory(major=3, minor=12, end_of_bugfixes=date(2025, 4, 8))
    ReleaseFactory(name="Python 3.12.10", release_date=datetime(2025, 4, 7, 12, tzinfo=UTC))
    ReleaseFactory(name="Python 3.12.11", release_date=datetime(2025, 4, 8, 12, tzinfo=UTC))
    ReleaseFactory(name="Python 3.14.0", release_date=datetime(2025, 10, 7, tzinfo=UTC))
    assert names(Release.objects.security_phase()) == ["Python 3.12.11"]


def test_a_release_without_notes_of_its_own_lives_on_its_older_page():
    page = Page.objects.get(depth=2)
    release = ReleaseFactory(name="Python 2.3.7", release_page=page)
    assert release.get_absolute_url() == page.url
    release.body = [("text", "<p>Notes.</p>")]
    assert release.get_absolute_url() == "/downloads/release/python-237/"


def test_an_older_page_that_is_deleted_leaves_the_release():
    page = Page.objects.get(depth=2).add_child(instance=Page(title="Python 2.3.7"))
    release = ReleaseFactory(name="Python 2.3.7", release_page=page)
    page.delete()
    release.refresh_from_db()
    assert release.release_page is None


# Series


@pytest.fixture
def series():
    series = ReleaseSeriesFactory(
        major=3,
        minor=12,
        first_release=date(2023, 10, 2),
        end_of_bugfixes=date(2025, 4, 8),
        end_of_security=date(2028, 10, 1),
    )
    ReleaseFactory(name="Python 3.12.0", release_date=datetime(2023, 10, 2, tzinfo=UTC))
    return series


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (date(2023, 10, 1), ReleaseSeries.Status.PRE_RELEASE),
        (date(2023, 10, 2), ReleaseSeries.Status.BUGFIX),
        (date(2025, 4, 7), ReleaseSeries.Status.BUGFIX),
        (date(2025, 4, 8), ReleaseSeries.Status.SECURITY),
        (date(2028, 9, 30), ReleaseSeries.Status.SECURITY),
        (date(2028, 10, 1), ReleaseSeries.Status.ENDED),
    ],
)
def test_the_status_turns_on_the_day(series, day, status):
    assert series.status(day) == status
    assert series.status(datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)) == status


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2023, 1, 1), "First stable release planned for Oct 2, 2023."),
        (date(2024, 1, 1), "Bug fixes until Apr 8, 2025, then security fixes until Oct 1, 2028."),
        (date(2026, 1, 1), "Security fixes until Oct 1, 2028."),
        (date(2029, 1, 1), "End of life since Oct 1, 2028."),
    ],
)
def test_the_support_is_said_in_a_sentence(series, day, sentence):
    assert series.support(day) == sentence


def test_a_series_without_dates_is_not_stable_yet():
    assert ReleaseSeriesFactory(minor=17).support() == "No stable release yet."


def test_dates_must_follow_each_other():
    with pytest.raises(ValidationError, match="must be in this order"):
        ReleaseSeries(major=3, minor=18, first_release=date(2030, 1, 1), end_of_security=date(2029, 1, 1)).full_clean()


def test_a_release_ends_with_its_series(series):
    release = ReleaseFactory(name="Python 3.12.1")
    assert not release.has_ended(datetime(2028, 9, 30, tzinfo=UTC))
    assert release.has_ended(datetime(2028, 10, 1, tzinfo=UTC))


def test_a_python_2_without_dates_has_ended():
    assert ReleaseFactory(name="Python 2.7.18").has_ended()


# Files


def test_files_of_drafts_are_private(admin_user):
    file = ReleaseFileFactory(release__live=False)
    assert file not in ReleaseFile.objects.visible()
    assert file not in ReleaseFile.objects.visible_to(UserFactory())
    assert file in ReleaseFile.objects.visible_to(admin_user)


def test_a_release_has_one_button_for_each_platform():
    first = ReleaseFileFactory(download_button=True)
    second = ReleaseFileFactory.build(release=first.release, os=first.os, download_button=True, slug="b")
    with pytest.raises(ValidationError, match="already the download button"):
        second.full_clean()
    with pytest.raises(IntegrityError):
        second.save()


def test_another_platform_and_another_release_have_buttons_of_their_own():
    first = ReleaseFileFactory(download_button=True)
    ReleaseFileFactory(release=first.release, os=OSFactory(slug="macos", name="macOS"), download_button=True).full_clean()
    ReleaseFileFactory(os=first.os, download_button=True).full_clean()


@pytest.mark.parametrize("field", URL_FIELDS)
@pytest.mark.parametrize("host", ["https://example.com/", "http://www.python.org/", "https://www.python.org.example.com/"])
def test_every_address_must_be_on_our_host(field, host):
    file = ReleaseFileFactory(url=FTP + "a.exe")
    address = host + "a.exe" + SIDE_FILES.get(field, "")
    setattr(file, field, address)
    with pytest.raises(ValidationError) as refused:
        file.full_clean()
    assert "The URL must start with https://www.python.org/." in refused.value.message_dict[field]


@pytest.mark.parametrize("field", URL_FIELDS)
def test_the_database_refuses_foreign_addresses_too(field):
    file = ReleaseFileFactory()
    with pytest.raises(IntegrityError):
        ReleaseFile.objects.filter(pk=file.pk).update(**{field: "https://example.com/a"})


def test_every_address_of_a_file_is_covered_by_the_rules():
    fields = [field.name for field in ReleaseFile._meta.fields if isinstance(field, URLField)]
    assert fields == URL_FIELDS
    assert all(field in str(on_our_host()) for field in fields)


@pytest.mark.parametrize(("field", "suffix"), SIDE_FILES.items())
def test_a_side_file_is_the_address_and_its_suffix(field, suffix):
    file = ReleaseFileFactory(url=FTP + "a.exe")
    setattr(file, field, FTP + "a.exe" + suffix)
    file.full_clean()
    setattr(file, field, FTP + "other.exe" + suffix)
    with pytest.raises(ValidationError, match=f"followed by {suffix}"):
        file.full_clean()


def test_an_unchanged_legacy_address_stays_editable():
    url = "http://www.python.org/ftp/python/2.0.1/Python-2.0.1.tgz"
    file = ReleaseFileFactory(url=url, gpg_signature_file=url + ".asc")
    file.description = "Still there"
    file.full_clean()
    file.url = "http://www.python.org/ftp/python/2.0.1/Other.tgz"
    with pytest.raises(ValidationError, match="must start with https"):
        file.full_clean()


def test_an_old_mismatch_must_be_mended_before_the_row_is_saved_again():
    url = "http://www.python.org/ftp/python/2.0.1/Python-2.0.1.tgz"
    file = ReleaseFileFactory(url=url, gpg_signature_file="http://www.python.org/ftp/python/2.0.1/wrong.asc")
    with pytest.raises(ValidationError, match=r"followed by \.asc"):
        file.full_clean()


def test_two_files_cannot_have_one_address():
    file = ReleaseFileFactory()
    with pytest.raises(ValidationError, match="already exists"):
        ReleaseFileFactory.build(release=file.release, os=file.os, url=file.url, slug="b").full_clean()


def test_an_os_has_a_page_and_words_for_detection():
    os = OSFactory(slug="source", name="Source release", detection_hints="Linux, X11")
    assert os.get_absolute_url() == "/downloads/source/"
    assert os.title == "Python for Source release"
    assert os.detection_names.split() == ["source", "linux", "x11"]


def test_a_newer_draft_does_not_end_that_a_release_is_current():
    release = ReleaseFactory(name="Python 3.14.1")
    ReleaseFactory(name="Python 3.14.2", live=False)
    assert release.is_current
