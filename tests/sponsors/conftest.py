import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from sponsors.models import Contract
from tests.factories.users import UserFactory


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    """Give each test its own folder for uploaded logos."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def manager():
    return UserFactory(username="manager", role="Sponsorship")


def png(width=300, height=200, name="logo.png"):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(buffer, "PNG")
    return ContentFile(buffer.getvalue(), name=name)


def pdf(name="signed.pdf"):
    return ContentFile(b"%PDF-1.7 signed", name=name)


def ready_contract(sponsorship, **kwargs):
    contract = Contract.objects.create(sponsorship=sponsorship, **kwargs)
    contract.docx.save("contract.docx", ContentFile(b"docx"))
    return contract
