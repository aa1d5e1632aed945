"""Preparation of releases: start a release, its checklist, and its announcements."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from downloads.dashboard_items import get_dashboard_items
from downloads.models import PlannedRelease, Release, ReleaseStep, ReleaseText
from downloads.models.preparation import AppliesTo, DoneWhen, Purpose, ReleaseType, release_type
from downloads.preparation import (
    Checklist,
    make_tasks,
    mark_task,
    releases_to_start,
    start_release,
    text_variables,
    written_texts,
)
from tests.downloads.admin_forms import complete_file
from tests.factories.downloads import AdvisoryFactory, OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

START = "/admin/downloads/start-release/"
DAY = datetime(2026, 8, 4, 16, tzinfo=UTC)


@pytest.fixture
def series():
    return ReleaseSeriesFactory(major=3, minor=16, pep=826, release_manager="Ada Lovelace")


@pytest.fixture
def plan(series):
    return PlannedRelease.objects.create(series=series, name="3.16.0rc1", date=timezone.now().date() + timedelta(days=30))


def checklist_url(release):
    return reverse("downloads_release_checklist", args=[release.pk])


def titles(checklist, *, done):
    return {item.task.title for item in checklist.items if item.is_done == done}


class TestStart:
    @pytest.mark.parametrize("screen", [START, "/admin/downloads/release-cycle/"])
    def test_one_click_on_a_planned_release_makes_the_draft(self, client, manager, plan, screen):
        assert f'name="plan" value="{plan.pk}"' in client.get(screen).content.decode()
        response = client.post(START, {"plan": plan.pk})
        release = Release.objects.get()
        assert response.url == checklist_url(release)
        assert (release.name, release.slug, release.series, release.live, release.pre_release) == (
            "Python 3.16.0rc1",
            "python-3160rc1",
            plan.series,
            False,
            True,
        )
        assert release.release_date == datetime.combine(plan.date, datetime.min.time(), UTC).replace(hour=16)
        assert "release candidate of Python 3.16" in str(release.body)
        assert release.get_latest_revision_as_object().body == release.body
        assert {task.owner for task in release.tasks.all()} >= {"Ada Lovelace", "Windows expert"}
        assert releases_to_start() == []
        assert client.get(checklist_url(release)).status_code == 200
        html = client.get(f"/admin/downloads/releases/edit/{release.pk}/").content.decode()
        assert "1 of 18 steps are done." in html

    def test_notes_are_rich_text_with_links(self, series):
        body = str(start_release("3.16.0rc1", DAY, by=None).body)
        assert "<br/>" in str(start_release("3.16.0rc2", DAY, by=None).body.raw_data[0])
        assert 'href="https://docs.python.org/3.16/whatsnew/3.16.html"' in body

    def test_the_home_leads_to_the_planned_release(self, client, manager, plan):
        items = {item.text: item.url for item in get_dashboard_items(manager, timezone.now())}
        url = items["planned release of Python 3.16.0rc1"]
        html = client.get(url).content.decode()
        assert 'value="3.16.0rc1"' in html
        client.post(url, {"name": "3.16.0rc1", "release_date": "2026-08-04T16:00"})
        assert Release.objects.get().release_date == DAY
        assert "planned release of Python 3.16.0rc1" not in {item.text for item in get_dashboard_items(manager, timezone.now())}

    def test_a_name_that_exists_or_has_no_version_is_refused(self, client, manager, series):
        ReleaseFactory(name="Python 3.16.0rc1")
        for name, sentence in (("3.16.0rc1", "Python 3.16.0rc1 already exists."), ("Piethon", "Enter a name such as")):
            html = client.post(START, {"name": name, "release_date": "2026-08-04T16:00"}).content.decode()
            assert sentence in html
        assert Release.objects.count() == 1

    def test_a_plan_that_was_started_already_is_explained(self, client, manager, plan):
        client.post(START, {"plan": plan.pk})
        assert "Python 3.16.0rc1 already exists." in client.post(START, {"plan": plan.pk}).content.decode()

    def test_a_new_series_gets_the_manager_of_the_previous_one(self, series):
        assert start_release("3.17.0a1", DAY, by=None).series.release_manager == "Ada Lovelace"

    def test_a_plan_whose_date_has_passed_starts_today(self, client, manager, series):
        plan = PlannedRelease.objects.create(series=series, name="3.16.0b1", date=date(2020, 1, 1))
        client.post(START, {"plan": plan.pk})
        assert Release.objects.get().release_date.date() == timezone.now().date()

    def test_only_release_managers_start(self, client, plan):
        client.force_login(UserFactory(role="Job board"))
        assert client.post(START, {"plan": plan.pk}).status_code in {302, 403}
        assert not Release.objects.exists()


class TestChecklist:
    def test_steps_of_the_type_are_due_before_and_after(self, series):
        ReleaseStep.objects.all().delete()
        for applies_to in AppliesTo:
            ReleaseStep.objects.create(title=applies_to.value, applies_to=applies_to, hours_before=-2)
        release = start_release("3.16.0rc1", DAY, by=None)
        assert {(task.title, task.due_at) for task in release.tasks.all()} == {
            ("all", DAY + timedelta(hours=2)),
            ("pre-releases", DAY + timedelta(hours=2)),
        }

    def test_the_site_marks_what_it_sees(self, series):
        release = start_release("3.16.0rc1", DAY, by=None)
        done = {item.task.done_when for item in Checklist(release).items if item.is_done}
        assert done == {DoneWhen.NOTES}
        complete_file(release, download_button=True)
        release.live = True
        release.save()
        done = {item.task.done_when for item in Checklist(release).items if item.is_done}
        assert done == {DoneWhen.NOTES, DoneWhen.FILES, DoneWhen.VERIFIABLE, DoneWhen.BUTTONS, DoneWhen.PUBLISHED}

    def test_files_of_the_previous_release_are_expected(self, series):
        before = ReleaseFactory(name="Python 3.16.0b4", pre_release=True)
        ReleaseFileFactory(release=before, os=OSFactory(slug="windows"))
        ReleaseFileFactory(release=before, os=OSFactory(slug="macos", name="macOS"))
        release = start_release("3.16.0rc1", DAY, by=None)
        complete_file(release, download_button=True)
        assert DoneWhen.FILES not in Checklist(release).seen

    def test_a_step_is_marked_with_who_and_when(self, client, manager, series):
        release = start_release("3.16.0rc1", DAY, by=None)
        task = release.tasks.get(title="Announce the branch freeze")
        client.post(checklist_url(release), {"task": task.pk, "done": "yes"})
        task.refresh_from_db()
        assert task.done_by == manager
        assert task.title in titles(Checklist(release), done=True)
        client.post(checklist_url(release), {"task": task.pk, "done": ""})
        assert task.title in titles(Checklist(release), done=False)

    def test_a_step_that_the_site_sees_is_not_marked_by_hand(self, client, manager, series):
        release = start_release("3.16.0rc1", DAY, by=None)
        task = release.tasks.get(done_when=DoneWhen.PUBLISHED)
        with pytest.raises(ValidationError):
            mark_task(task, is_done=True, by=manager)
        html = client.post(checklist_url(release), {"task": task.pk, "done": "yes"}, follow=True).content.decode()
        assert "This step is marked as done automatically." in html

    def test_a_step_of_another_release_is_not_found(self, client, manager, series):
        release = start_release("3.16.0rc1", DAY, by=None)
        other = start_release("3.16.0rc2", DAY, by=None)
        task = other.tasks.filter(done_when="").first()
        assert client.post(checklist_url(release), {"task": task.pk, "done": "yes"}).status_code == 404

    def test_late_steps_are_on_the_home(self, manager, series):
        start_release("3.16.0rc1", timezone.now(), by=None)
        items = [item for item in get_dashboard_items(manager, timezone.now()) if "overdue step" in item.text]
        assert [item.status for item in items] == ["warn"]
        assert items[0].text.endswith("of Python 3.16.0rc1")

    def test_an_old_release_gets_a_checklist_on_request_once(self, client, manager, series):
        release = ReleaseFactory(name="Python 3.16.0rc1", live=False)
        assert "Create the checklist" in client.get(checklist_url(release)).content.decode()
        client.post(checklist_url(release), {"make": "yes"})
        count = release.tasks.count()
        make_tasks(release)
        assert release.tasks.count() == count > 10

    def test_links_name_the_version(self, series):
        ReleaseStep.objects.create(title="Tag", link="https://github.com/python/cpython/tree/v{{ version }}")
        release = start_release("3.16.0rc1", DAY, by=None)
        assert release.tasks.get(title="Tag").link.endswith("/v3.16.0rc1")

    @pytest.mark.parametrize("rows", [1, 8])
    def test_queries_do_not_depend_on_the_steps(self, client, manager, series, rows, django_assert_max_num_queries):
        ReleaseStep.objects.exclude(pk__in=ReleaseStep.objects.values_list("pk")[:rows]).delete()
        release = start_release("3.16.0rc1", DAY, by=None)
        with django_assert_max_num_queries(45):
            client.get(checklist_url(release))


NAMES = {
    ReleaseType.ALPHA: "Python 3.16.0a1",
    ReleaseType.BETA: "Python 3.16.0b1",
    ReleaseType.CANDIDATE: "Python 3.16.0rc1",
    ReleaseType.FEATURE: "Python 3.16.0",
    ReleaseType.BUGFIX: "Python 3.16.1",
    ReleaseType.SECURITY: "Python 3.12.13",
}


@pytest.fixture
def ended_bugfixes():
    series = ReleaseSeriesFactory(major=3, minor=12, end_of_bugfixes=date(2025, 4, 1), end_of_security=date(2028, 10, 1))
    ReleaseFactory(name="Python 3.12.0", release_date=datetime(2023, 10, 2, tzinfo=UTC))
    return series


class TestTexts:
    @pytest.mark.parametrize("kind", ReleaseType)
    def test_every_type_has_every_text(self, series, ended_bugfixes, kind):
        release = ReleaseFactory(name=NAMES[kind], live=False, release_date=DAY)
        assert release_type(release) == kind
        texts = written_texts(release)
        assert [text.purpose for text in texts] == list(Purpose)
        for text in texts:
            assert release.name in text.whole
            assert not {"{", "}", "None"} & set(text.whole), text.whole
            assert "\n\n\n" not in text.whole
            assert "  " not in text.body.replace("SHA-256 missing  ", ""), text.body

    def test_facts_are_those_of_the_release(self, series, ended_bugfixes):
        release = ReleaseFactory(name="Python 3.12.13", live=False, release_date=DAY)
        file = complete_file(release)
        AdvisoryFactory(fixed_in="3.12.13", summary="Reading takes long", aliases=["CVE-2026-1"])
        PlannedRelease.objects.create(series=series, name="3.16.0rc2", date=date(2026, 9, 1))
        texts = {text.purpose: text.whole for text in written_texts(release)}
        assert f"{'a' * 64}  {file.filename}" in texts[Purpose.EMAIL]
        assert "- CVE-2026-1: Reading takes long" in texts[Purpose.BLOG]
        assert "/downloads/release/python-31213/" in texts[Purpose.FORUM]
        assert "Aug 4, 2026" in texts[Purpose.VENDORS]
        pre_release = ReleaseFactory(name="Python 3.16.0rc1", live=False, release_date=DAY)
        texts = {text.purpose: text.whole for text in written_texts(pre_release)}
        assert "Next release: Python 3.16.0rc2 on Sep 1, 2026." in texts[Purpose.BLOG]
        assert texts[Purpose.BLOG].endswith("Ada Lovelace")

    def test_staff_edit_a_template_and_copy_its_text(self, client, manager, series):
        row = ReleaseText.objects.get(release_type="rc", purpose="blog")
        form = {"release_type": "rc", "purpose": "blog", "subject": "Hello {{ version }}", "body": "<b>{{ name }}</b> & more"}
        url = reverse("downloads_release_texts:edit", args=[row.pk])
        assert client.post(url, form).status_code == 302
        release = ReleaseFactory(name="Python 3.16.0rc1", live=False)
        html = client.get(checklist_url(release)).content.decode()
        assert "Hello 3.16.0rc1\n\n&lt;b&gt;Python 3.16.0rc1&lt;/b&gt; &amp; more" in html
        assert url in html

    def test_a_template_with_wrong_braces_is_refused(self, client, manager):
        row = ReleaseText.objects.get(release_type="rc", purpose="blog")
        form = {"release_type": "rc", "purpose": "blog", "subject": "{{ name", "body": "{% include 'base.html' %}"}
        html = client.post(reverse("downloads_release_texts:edit", args=[row.pk]), form).content.decode()
        assert "The template syntax is not valid" in html

    def test_a_deleted_template_falls_back_to_the_text_of_the_site(self, client, manager, series):
        ReleaseText.objects.all().delete()
        release = ReleaseFactory(name="Python 3.16.0rc1", live=False)
        assert "Python 3.16.0rc1 is a release candidate" in client.get(checklist_url(release)).content.decode()


def test_the_next_release_is_planned_for_a_later_day(series):
    for name, day in (("3.16.0a1", DAY.date()), ("3.16.0a2", DAY.date() + timedelta(days=28))):
        PlannedRelease.objects.create(series=series, name=name, date=day)
    release = ReleaseFactory(name="Python 3.16.0a1", series=series, pre_release=True, release_date=DAY)
    assert text_variables(release)["next_release"].startswith("Python 3.16.0a2 on ")
