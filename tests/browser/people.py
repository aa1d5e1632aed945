"""Users, each with a browser and a mailbox, who follow the links in their emails."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page

from tests.factories.users import UserFactory
from users.models import User

PASSWORD = "correct horse battery"
LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass
class People:
    """Browsers and mailboxes of users, keyed by name."""

    browser: Browser
    base_url: str
    outbox: list
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, name: str) -> Page:
        """Return the page in the browser of a person."""
        if name not in self.pages:
            self.pages[name] = self.browser.new_context().new_page()
        return self.pages[name]

    def open(self, name: str, path: str) -> Page:
        page = self.page(name)
        page.goto(path if path.startswith("http") else self.base_url + path)
        return page

    def email(self, name: str, subject: str = ""):
        """Return the newest email to a person whose subject contains a string."""
        found = [mail for mail in self.outbox if f"{name}@example.org" in mail.to and subject in mail.subject]
        assert found, (name, subject, [(mail.to, mail.subject) for mail in self.outbox])
        return found[-1]

    def open_email(self, name: str, subject: str = "", link: str = "") -> Page:
        """Open the first link, or the one that contains a string, from an email in the browser of its recipient."""
        mail = self.email(name, subject)
        links = [one.rstrip(".,") for one in LINK.findall(mail.body) if link in one]
        assert links, mail.body
        assert links[0].startswith(self.base_url), links[0]
        html = mail.alternatives[0][0]
        assert links[0].replace("&", "&amp;") in html
        return self.open(name, links[0])

    def visit(self, path: str) -> str:
        """Return the text of a page for a first-time visitor."""
        context = self.browser.new_context()
        page = context.new_page()
        page.goto(self.base_url + path)
        text = page.inner_text("main")
        context.close()
        return text


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def sign_in(page: Page, name: str) -> None:
    """Sign in on the page that requires it."""
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    press(page, "Sign in")


def sign_up(people: People, name: str) -> Page:
    """Create an account from the sign-in page, and confirm the email address."""
    page = people.page(name)
    page.locator("main a[href*='/accounts/signup/']").first.click()
    page.fill("#id_email", f"{name}@example.org")
    page.fill("#id_username", name)
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    people.open_email(name, "Confirm your email address")
    press(page, "Confirm")
    return page


def make_staff(name: str, role: str) -> User:
    user = UserFactory(username=name, role=role)
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user
