"""Claims of submissions, so that two moderators do not work on the same one."""

from django.db import transaction

from users.models import User

from .models import Claim


def find_claims() -> dict[str, Claim]:
    """Return the current claims by the name of the submission in the queue, such as "jobs-7"."""
    return {f"{claim.queue}-{claim.object_id}": claim for claim in Claim.objects.current().select_related("user")}


@transaction.atomic
def claim(queue: str, pk: int, *, by: User) -> User:
    """Claim a submission and return the moderator who has it: someone else, if they were faster."""
    Claim.objects.filter(queue=queue, object_id=pk).exclude(pk__in=Claim.objects.current().values("pk")).delete()
    found, _ = Claim.objects.get_or_create(queue=queue, object_id=pk, defaults={"user": by})
    return found.user


def release(queue: str, pk: int) -> None:
    Claim.objects.filter(queue=queue, object_id=pk).delete()
