from django.conf import settings


class AccountHintMiddleware:
    """Keep a cookie that says no more than "somebody is signed in".

    Pages are the same for everybody; their script looks for this cookie and fetches the account menu only where it is set.
    """

    COOKIE = "account"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        session = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if session is None:
            return response
        if session.value:
            response.set_cookie(
                self.COOKIE, "1", max_age=session["max-age"] or None, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
            )
        else:
            response.delete_cookie(self.COOKIE, samesite="Lax")
        return response
