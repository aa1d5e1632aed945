import pytest
from django.contrib.auth.models import Group

from tests.factories.users import UserFactory
from users.groups import ROLES

pytestmark = pytest.mark.django_db


def test_the_page_shows_each_role_with_its_rights(client, django_assert_max_num_queries):
    client.force_login(UserFactory(role="Site admins"))
    UserFactory(role="Release managers")
    client.get("/admin/roles/")
    for number in range(10):
        Group.objects.create(name=f"Group {number}")
    with django_assert_max_num_queries(25):
        html = client.get("/admin/roles/").content.decode()
    for role in ROLES:
        assert f">{role}</h2>" in html
    assert "planned release" in html
    assert "“Root” and everything below it" in html


@pytest.mark.parametrize("role", ["Release managers", "Content editors", "Job board"])
def test_others_do_not_see_it(client, role):
    client.force_login(UserFactory(role=role))
    assert client.get("/admin/roles/").status_code in {302, 403}
    assert "Who may do what" not in client.get("/admin/").content.decode()
