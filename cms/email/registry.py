"""Registry of email types. Each app declares its own in its `emails.py`."""

from dataclasses import dataclass

from django.template.loader import get_template

# Names of sections that are not the capitalized app label.
SECTIONS = {"account": "Accounts", "cms": "Pages", "psf": "PSF"}
# Names of emails whose keys are those of allauth's templates.
NAMES = {
    "account.deleted": "account deleted",
    "account.email_confirm": "email address confirmed",
    "account.email_confirmation": "confirm email address",
    "account.email_confirmation_signup": "confirm email address of a new account",
    "account.email_deleted": "email address removed",
    "account.password_reset_key": "password reset link",
    "account.totp_activated": "authenticator app added",
    "account.totp_deactivated": "authenticator app removed",
    "account.webauthn_added": "passkey or security key added",
    "account.webauthn_removed": "passkey or security key removed",
}


@dataclass(frozen=True)
class EmailType:
    """Type of email: its key, and an example value for each variable."""

    key: str
    example: dict[str, str]

    @property
    def name(self) -> str:
        """Return a readable name of the key: “Jobs: change approved”."""
        section, _, name = self.key.partition(".")
        name = NAMES.get(self.key, name.replace("_", " "))
        return f"{SECTIONS.get(section, section.capitalize())}: {name}"

    @property
    def default_content(self) -> tuple[str, str]:
        """Return subject and body from the template file, `templates/<app>/email/<name>.txt`."""
        app, name = self.key.split(".")
        subject, _, body = get_template(f"{app}/email/{name}.txt").template.source.partition("\n")  # type: ignore[attr-defined]
        return subject.strip(), body.strip()


EMAIL_TYPES: dict[str, EmailType] = {}


def declare(key: str, *, example: dict[str, str]) -> EmailType:
    EMAIL_TYPES[key] = EmailType(key, example)
    return EMAIL_TYPES[key]
