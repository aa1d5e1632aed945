from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody with an account: a visitor who logs in, a submitter, a member of staff, a script’s owner."""

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
