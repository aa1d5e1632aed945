"""The list of people in the admin."""

import pytest
from allauth.mfa.models import Authenticator

from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/users/"


@pytest.fixture(autouse=True)
def admin(client):
    user = UserFactory(username="admin", role="Site admins")
    client.force_login(user)
    return user


def cells_of(client, username, query=""):
    """Values of a person's row."""
    page = client.get(PEOPLE + query)
    person = next(person for person in page.context["object_list"] if person.username == username)
    columns = page.context["table"].columns
    return {name: columns[name].get_value(person) for name in ("email", "roles", "has_second_factor")}


def test_the_list_says_who_somebody_is_to_the_site(client):
    ada = UserFactory(username="ada", email="ada@example.org", role="Release managers")
    cells = cells_of(client, "ada")
    assert (cells["email"], cells["roles"], cells["has_second_factor"]) == ("ada@example.org", "Release managers", False)
    Authenticator.objects.create(user=ada, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert not cells_of(client, "ada")["has_second_factor"]
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
    assert cells_of(client, "ada", "?ordering=-has_second_factor")["has_second_factor"]
    UserFactory(username="root", is_superuser=True)
    assert cells_of(client, "root")["roles"] == "Administrator"


def test_its_queries_do_not_grow_with_the_people(client, django_assert_max_num_queries):
    client.get(PEOPLE)
    with django_assert_max_num_queries(32) as few:
        client.get(PEOPLE)
    for _ in range(10):
        UserFactory(role="Job board")
    with django_assert_max_num_queries(len(few)):
        client.get(PEOPLE)
