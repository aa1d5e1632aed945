import pytest

from tests.factories.users import UserFactory


@pytest.fixture
def manager(client):
    """A release manager, who is logged in."""
    user = UserFactory(role="Release managers")
    client.force_login(user)
    return user
