"""Every mail of the site goes through here: the words are a template that staff can change, a task sends it, a row keeps it.

An app declares its mails in its `emails.py`; the words stand in `templates/<app>/email/<name>.txt`, subject on the first line::

    JOB_APPROVED = declare("jobs.approved", example={"title": "Data engineer", "url": "https://www.python.org/jobs/1/"})

    def send_job_approved(job):
        send(JOB_APPROVED, to=[job.email], about=job, variables={"title": job.title, "url": job.full_url})
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.template.loader import get_template

from .email_limits import current_sender, reached_limit
from .models import EmailTemplate, SentMail
from .models.emails import fill_in

# What staff call a section, where its first letter alone does not say it.
SECTIONS = {"cms": "Pages", "psf": "PSF"}


@dataclass(frozen=True)
class Mail:
    """A mail that the site sends: its name, and a value for each variable, for the preview."""

    key: str
    example: dict[str, str]

    @property
    def name(self) -> str:
        """How staff read the key: “Jobs: change approved”."""
        section, _, name = self.key.partition(".")
        return f"{SECTIONS.get(section, section.capitalize())}: {name.replace('_', ' ')}"

    @property
    def words(self) -> tuple[str, str]:
        """Subject and body as staff have written them, or else as they come with the software."""
        written = EmailTemplate.objects.filter(key=self.key).first()
        if written:
            return written.subject, written.body
        app, name = self.key.split(".")
        subject, _, body = get_template(f"{app}/email/{name}.txt").template.source.partition("\n")  # type: ignore[attr-defined]
        return subject.strip(), body.strip()


MAILS: dict[str, Mail] = {}


def declare(key: str, *, example: dict[str, str]) -> Mail:
    MAILS[key] = Mail(key, example)
    return MAILS[key]


def about_key(record: models.Model) -> str:
    """How a row of `SentMail` names the record that it is about."""
    return f"{record._meta.label_lower}:{record.pk}"


def send(
    mail: Mail, *, to: Sequence[str], variables: dict[str, str], about: models.Model | None = None, reply_to: str = ""
) -> SentMail:
    """Record an email and send it after the commit, from a task. Variables are strings, all of those in the example.

    An email above the limits of `cms.email_limits` is recorded with the status "limited" and not sent.
    """
    from .tasks import deliver_mail  # noqa: PLC0415 -- the task reads what is written down here.

    missing = mail.example.keys() - variables.keys()
    if missing:
        raise ValueError(f"The mail {mail.key} lacks {', '.join(sorted(missing))}.")
    subject, body = mail.words
    sender, about_text = current_sender(), about_key(about) if about else ""
    limit = reached_limit(sender=sender, to=to, key=mail.key, about=about_text)
    sent = SentMail.objects.create(
        key=mail.key,
        to=list(to),
        reply_to=reply_to,
        # A line break in a subject would start another header.
        subject=" ".join(fill_in(subject, variables).split())[:300],
        body=fill_in(body, variables),
        about=about_text,
        sender=sender,
        status=SentMail.Status.LIMITED if limit else SentMail.Status.WAITING,
        error=limit,
    )
    if not limit:
        transaction.on_commit(partial(deliver_mail.enqueue, sent.pk))
    return sent


def send_or_refuse(mail: Mail, **kwargs) -> SentMail:
    """Send an email that is the whole purpose of an action. Raises ValidationError if a limit is reached."""
    sent = send(mail, **kwargs)
    if sent.status == SentMail.Status.LIMITED:
        raise ValidationError("Too many emails were sent from your account in the last hour. Try again later.")
    return sent
