"""Faults of the SMTP server."""

import time
from collections.abc import Callable

from django.core.mail import send_mail

from cms.email.models import SentEmail
from cms.email.tasks import retry_emails
from deploy.drills.servers import EmailServer
from deploy.drills.site import Outcome, Site
from deploy.drills.stage import until

from .common import ADMIN_HOME, NUMBER, attempted, emails, finish_emails, make_due, states


def smtp_refuses(site: Site) -> Outcome:
    site.smtp.close()
    rows = emails()
    until(lambda: attempted(rows), "The emails fail", seconds=60)
    site.smtp = EmailServer(site.ports["smtp"])
    return finish_emails(site, rows)


def smtp_in_mode(mode: str) -> Callable[[Site], Outcome]:
    def drill(site: Site) -> Outcome:
        site.smtp.mode = mode
        started = time.monotonic()
        send_mail("Reset your password", "Text", None, ["drill@example.org"])
        took = time.monotonic() - started
        rows = [*SentEmail.objects.order_by("-pk")[:1], *emails(NUMBER - 1)]
        until(lambda: SentEmail.objects.filter(pk=rows[0].pk, attempts__gt=0).exists(), "One email is tried", seconds=90)
        site.smtp.mode = "accept"
        return finish_emails(site, rows)._replace(seen=f"a password reset waits {took:.2f} s")

    return drill


def smtp_rejects(site: Site) -> Outcome:
    site.smtp.mode = "refuse"
    rows = emails()
    until(lambda: states(rows)["rejected"] == len(rows), "The emails are rejected", seconds=60)
    make_due()
    retry_emails.call()
    time.sleep(1)
    attempts = SentEmail.objects.filter(pk__in=[row.pk for row in rows], attempts=1).count()
    site.smtp.mode = "accept"
    recovery = f"{attempts} of {len(rows)} tried once and not again; staff send them again by a button"
    return Outcome(len(rows) - attempts, 0, recovery, f"error log and Sentry at once, {ADMIN_HOME}")
