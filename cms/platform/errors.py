"""Error reports to Sentry if SENTRY_DSN is set, with the request id and without personal data."""

from typing import Any

from django.conf import settings

from .logs import mask, request_id


def start_export() -> None:
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk  # noqa: PLC0415 -- slow to load, and most installations have none.
    from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.rq import RqIntegration  # noqa: PLC0415

    sentry_sdk.init(
        settings.SENTRY_DSN,
        release=settings.RELEASE,
        environment=settings.ENVIRONMENT,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), RqIntegration()] if settings.REDIS_URL else [DjangoIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrub,
        # Breadcrumbs reveal more about the visitor than about the error.
        max_breadcrumbs=0,
    )


def scrub(event: Any, hint: dict) -> Any:
    """Remove the user and the request data from an error report."""
    event.setdefault("tags", {})["request_id"] = request_id.get()
    event.pop("user", None)
    if request := event.get("request"):
        event["request"] = {"method": request.get("method"), "url": request.get("url")}
    return masked(event)


def masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    return [masked(inner) for inner in value] if isinstance(value, list) else value
