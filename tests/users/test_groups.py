import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Site

from jobs.models import JobBoardSettings
from tests.factories.downloads import OSFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory
from users.groups import ROLES

pytestmark = pytest.mark.django_db

RELEASES, EDITORS, BOARD, ADMINS = "Release managers", "Content editors", "Job board", "Site admins"
MEDIA_USERS = {EDITORS, ADMINS, "Events", "Sponsorship", "PSF staff"}
# Address -> the roles that may open it. Everybody else is sent away.
ADDRESSES = {
    "/admin/downloads/releases/": {RELEASES, ADMINS},
    "/admin/downloads/releases/add/": {RELEASES, ADMINS},
    "/admin/downloads/releases/edit/{release}/": {RELEASES, ADMINS},
    "/admin/downloads/releases/delete/{release}/": {RELEASES, ADMINS},
    "/admin/downloads/releases/history/{release}/": {RELEASES, ADMINS},
    "/admin/downloads/releases/usage/{release}/": {RELEASES, ADMINS},
    "/admin/downloads/releases/unpublish/{release}/": {RELEASES, ADMINS},
    "/admin/downloads/releases/inspect/{release}/": {RELEASES, ADMINS},
    "/admin/downloads/releases/prefill/?name=3.15.0": {RELEASES, ADMINS},
    "/admin/downloads/series/": {RELEASES, ADMINS},
    "/admin/downloads/series/new/": {RELEASES, ADMINS},
    "/admin/downloads/series/edit/{series}/": {RELEASES, ADMINS},
    "/admin/downloads/operating-systems/": {RELEASES, ADMINS},
    "/admin/downloads/operating-systems/new/": {RELEASES, ADMINS},
    "/admin/downloads/operating-systems/edit/{os}/": {RELEASES, ADMINS},
    "/admin/downloads/files/": {RELEASES, ADMINS},
    "/admin/downloads/files/create/": {RELEASES, ADMINS},
    "/admin/downloads/files/edit/{file}/": {RELEASES, ADMINS},
    "/admin/downloads/files/inspect/{file}/": {RELEASES, ADMINS},
    "/admin/downloads/files/delete/{file}/": {RELEASES, ADMINS},
    "/admin/jobs/queue/": {BOARD, ADMINS},
    "/admin/jobs/queue/{job}/": {BOARD, ADMINS},
    "/admin/jobs/all/": {BOARD, ADMINS},
    "/admin/jobs/all/edit/{job}/": {BOARD, ADMINS},
    "/admin/jobs/report/": {BOARD, ADMINS},
    "/admin/jobs/replies/": {BOARD, ADMINS},
    "/admin/jobs/replies/add/": {BOARD, ADMINS},
    "/admin/jobs/types/": {BOARD, ADMINS},
    "/admin/jobs/types/create/": {BOARD, ADMINS},
    "/admin/jobs/categories/": {BOARD, ADMINS},
    "/admin/settings/jobs/jobboardsettings/{board}/": {BOARD, ADMINS},
    "/admin/pages/add/home/standardpage/{home}/": {EDITORS, ADMINS},
    "/admin/images/": MEDIA_USERS,
    "/admin/images/add/": MEDIA_USERS,
    "/admin/documents/": MEDIA_USERS,
    "/admin/documents/multiple/add/": MEDIA_USERS,
    "/admin/redirects/": {EDITORS, ADMINS},
    "/admin/searchpicks/": {EDITORS, ADMINS},
    "/admin/users/": {ADMINS},
    "/admin/groups/": {ADMINS},
    "/admin/sites/": {ADMINS},
    "/admin/locales/": {ADMINS},
    "/admin/collections/": {ADMINS},
    "/admin/workflows/list/": {ADMINS},
    "/admin/workflows/tasks/index/": {ADMINS},
    "/admin/settings/cms/sitesettings/{site}/": {ADMINS},
    "/admin/api-tokens/": {ADMINS},
    "/admin/api-keys/": {ADMINS},
    "/admin/api-keys/new/": {ADMINS},
    "/admin/purges/": {ADMINS},
}


@pytest.fixture
def ids():
    file = ReleaseFileFactory(os=OSFactory())
    site = Site.objects.get()
    return {
        "release": file.release.pk,
        "series": ReleaseSeriesFactory().pk,
        "os": file.os.pk,
        "file": file.pk,
        "job": JobFactory(status="review").pk,
        "board": JobBoardSettings.load().pk,
        "home": site.root_page_id,
        "site": site.pk,
    }


@pytest.mark.full
@pytest.mark.sampled(3)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.proves("S2-48e", "S2-27")
def test_each_role_opens_its_own_addresses_and_no_other(client, ids, role):
    client.force_login(UserFactory(role=role))
    for address, roles in ADDRESSES.items():
        response = client.get(address.format(**ids))
        if role in roles:
            assert response.status_code == 200, address
        else:
            assert response.status_code in {302, 403}, address


def test_people_without_a_role_and_visitors_stay_outside(client, ids):
    for address in ADDRESSES:
        assert client.get(address.format(**ids)).status_code == 302, address
    client.force_login(UserFactory())
    for address in ADDRESSES:
        assert client.get(address.format(**ids)).status_code in {302, 403}, address


def test_every_name_in_the_table_is_a_permission():
    known = {
        f"{app}.{model}:{codename}"
        for app, model, codename in Permission.objects.values_list("content_type__app_label", "content_type__model", "codename")
    }
    for role, models in ROLES.items():
        for label, actions in models.items():
            model = label.split(".")[1]
            missing = {name for name in actions if not known & {f"{label}:{name}", f"{label}:{name}_{model}"}}
            assert not missing, (role, missing)


def test_migrating_again_brings_a_role_back_into_line():
    group = Group.objects.get(name=RELEASES)
    before = set(group.permissions.values_list("codename", flat=True))
    group.permissions.clear()
    call_command("migrate", verbosity=0)
    assert set(group.permissions.values_list("codename", flat=True)) == before


def test_groups_of_others_are_left_alone():
    group = Group.objects.create(name="Proofreaders")
    group.permissions.add(Permission.objects.first())
    call_command("migrate", verbosity=0)
    assert group.permissions.count() == 1


def test_release_managers_see_nothing_but_downloads_in_the_menu(client):
    client.force_login(UserFactory(role=RELEASES))
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "/admin/downloads/files/" in html
    assert "/admin/api-keys/" not in html
    assert "/admin/purges/" not in html
