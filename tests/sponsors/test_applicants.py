"""People who applied for a sponsorship without being a contact of the sponsor."""

import pytest

from sponsors.models import Sponsorship
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant(client):
    user = UserFactory()
    client.force_login(user)
    return user


def test_the_applicant_sees_the_sponsorship_and_may_change_nothing(client, applicant):
    sponsorship = SponsorshipFactory(submitted_by=applicant)
    other = SponsorshipFactory()
    base = f"/users/sponsorships/{sponsorship.pk}/"
    assert client.get(base).status_code == 200
    for old in ("assets/", "provided-assets/"):
        assert client.get(f"{base}{old}", follow=True).status_code == 200
    assert client.get(f"/users/sponsorships/{other.pk}/").status_code == 404
    assert str(sponsorship.sponsor) in client.get("/users/sponsorships/").content.decode()
    answers = [client.post(f"{base}{action}").status_code for action in ("withdraw/", "signed-copy/", "items/1/")]
    answers.append(client.post(f"/sponsors/application/renew/{sponsorship.pk}/").status_code)
    assert answers == [403] * 4
    assert list(Sponsorship.objects.visible_to(applicant)) == [sponsorship]
