"""Fixtures of the tests of accounts."""

from collections.abc import Sequence

import pytest
from django.core import mail

from cms.email.models import SentEmail
from cms.email.tasks import deliver_email


class Outbox(Sequence):
    """Emails sent so far. Reading delivers pending ones, because the transaction of a test never commits."""

    def _sent(self):
        for pk in SentEmail.objects.due().order_by("pk").values_list("pk", flat=True):
            deliver_email.call(pk)
        return mail.outbox

    def __getitem__(self, index):
        return self._sent()[index]

    def __len__(self):
        return len(self._sent())


@pytest.fixture
def mailoutbox(_dj_autoclear_mailbox, db):
    return Outbox()
