from django.http import HttpRequest

from .models import User


class AuthenticatedRequest(HttpRequest):
    """Request of a signed-in user: type annotation for views behind `login_required` or in the admin."""

    user: User
