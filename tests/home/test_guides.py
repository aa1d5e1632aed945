"""Guide for beginners: steps and duration."""

import pytest

from home.models import GuidePage, HomePage

pytestmark = pytest.mark.django_db


def step(title, system="", minutes=None):
    return "step", {"title": title, "system": system, "minutes": minutes, "body": [{"type": "text", "value": f"<p>{title}.</p>"}]}


@pytest.fixture
def guide(demo_site):
    steps = [step("Install on Windows", "windows", 5), step("Install on macOS", "macos", 3), step("Say hello", minutes=2)]
    return HomePage.objects.get().add_child(instance=GuidePage(title="Begin", slug="begin", steps=steps))


def test_steps_for_one_system_each_are_one_step_with_tabs(client, guide):
    page = client.get("/begin/").content.decode()
    assert [len(group) for group in guide.step_groups] == [2, 1]
    assert 'href="#step-1-windows"' in page
    assert 'href="#step-1-macos"' in page
    assert page.index("Install on macOS.") < page.index('id="step-2"') < page.index("Say hello.")


def test_of_steps_for_one_system_each_the_longest_counts(guide):
    assert guide.minutes == 7


def test_a_platform_that_comes_again_begins_the_next_step(guide):
    guide.steps = [
        step("Install", "windows", 5),
        step("Install", "macos", 3),
        step("Check the version", "windows", 1),
        step("Check the version", "macos", 1),
    ]
    assert [[each.value["title"] for each in group] for group in guide.step_groups] == [
        ["Install", "Install"],
        ["Check the version", "Check the version"],
    ]
