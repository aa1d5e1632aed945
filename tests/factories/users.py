import factory
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from users.models import ServiceKey, User


class UserFactory(DjangoModelFactory):
    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")

    class Meta:
        model = User
        skip_postgeneration_save = True

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        """Assign a role of `users/groups.py` by its name."""
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))


def key_for(owner: User, api: str) -> str:
    """Return a new key of an API with all scopes that its owner can have."""
    return ServiceKey.make(owner=owner, name="Script", scopes=ServiceKey.scopes_of(owner), days=90, api=api)[1]
