"""Demo minutes, work groups, memberships and elections. The people are made up."""

from datetime import date, timedelta

from django.utils import timezone
from wagtail.models import Page

from psf.models import (
    Acknowledgement,
    Election,
    ElectionKind,
    MeetingBody,
    MembershipKind,
    MembershipPage,
    MinutesIndexPage,
    MinutesPage,
    Nomination,
    Nominee,
    RecordsPage,
    Resolution,
    WorkGroupIndexPage,
    WorkGroupMember,
    WorkGroupPage,
)
from psf.models.minutes import BOARD

PRESENT = ["Ada Okafor", "Jonas Berg", "Mira Castellanos", "Theo Lund", "Ines Novak"]
KINDS = [
    (
        "Basic member",
        "Free",
        "For everybody who likes Python.",
        "News of the Foundation\nInvitations to its events",
        "Agree to the code of conduct",
        False,
    ),
    (
        "Supporting member",
        "US$ 99 a year, or less where money is short",
        "For those who give money.",
        "All of the basic membership\nA vote in the elections",
        "Pay the yearly fee",
        True,
    ),
    (
        "Contributing member",
        "Five hours a month",
        "For those who give time.",
        "All of the basic membership\nA vote in the elections",
        "Work at least five hours a month for projects that serve Python",
        True,
    ),
]
GROUPS = [
    ("Grants", "Decides about money for conferences, workshops and projects.", ["Ada Okafor", "Theo Lund", "Lena Park"]),
    ("Code of conduct", "Listens, helps, and says what follows.", ["Mira Castellanos", "Sam Reyes"]),
    ("Diversity and inclusion", "Brings people in who are few among us.", ["Ines Novak", "Femi Adeyemi"]),
]
CANDIDATES = ["Ada Okafor", "Femi Adeyemi", "Lena Park", "Sam Reyes", "Theo Lund"]
STATEMENT = """\
I have run a user group for six years, and kept the books of two conferences.

On the board I want to

- give small groups an answer within two weeks,
- publish what the Foundation spends, each quarter, in words that everybody understands.
"""


def make_pages(home: Page) -> None:
    """Create the pages of records, groups and membership below the page of the Foundation."""
    foundation = home.get_children().get(slug="psf")
    records = foundation.get_children().get(slug="records")
    board = records.add_child(
        instance=RecordsPage(
            title="Board records", slug="board", search_description="What the board of directors leaves in writing."
        )
    )
    board.add_child(
        instance=MinutesIndexPage(
            title="Minutes",
            slug="minutes",
            show_in_menus=True,
            introduction="What the board and its committees discussed and decided.",
        )
    )
    foundation.add_child(
        instance=WorkGroupIndexPage(
            title="Work groups",
            slug="workgroups",
            show_in_menus=True,
            introduction="Volunteers who do a part of the Foundation’s work, each by a charter.",
        )
    )
    foundation.add_child(
        instance=MembershipPage(
            title="Membership",
            slug="membership",
            introduction="Members keep the Foundation honest: they read, they ask, and many of them vote.",
            search_description="Membership types in the Python Software Foundation, what they give and what they take.",
        )
    )


def fill() -> None:
    """Create a year of minutes, groups, membership types and three elections, unless minutes exist."""
    if MinutesPage.objects.exists():
        return
    _minutes()
    _groups()
    for order, (name, price, summary, benefits, requirements, votes) in enumerate(KINDS):
        MembershipKind.objects.create(
            name=name, price=price, summary=summary, benefits=benefits, requirements=requirements, votes=votes, order=order
        )
    _elections()


def _minutes() -> None:
    index = MinutesIndexPage.objects.get()
    board = MeetingBody.objects.create(name="Board of directors", slug=BOARD)
    finance = MeetingBody.objects.create(name="Finance committee", slug="finance")
    today = timezone.now().date()
    for month in range(14):
        day = today - timedelta(days=30 * month + 5)
        page = MinutesPage(
            body=finance if month % 5 == 4 else board,  # noqa: PLR2004
            date=day,
            present="\n".join(PRESENT[: 4 + month % 2]),
            absent="" if month % 2 else PRESENT[4],
            guests="Lena Park, grants",
            content=[
                ("heading", {"text": "Reports", "level": "2", "anchor": ""}),
                ("text", "<p>The staff reported on the conference, the servers and the mail that came in.</p>"),
                ("heading", {"text": "Grants", "level": "2", "anchor": ""}),
                ("text", "<p>Eleven applications were read. Two need another budget.</p>"),
            ],
        )
        page.resolutions = [
            Resolution(
                number=f"{day}-1",
                text=f"RESOLVED, that the Foundation grant up to US$ {2 + month} 000 to a workshop for beginners.",
                mover=PRESENT[month % 4],
                seconder=PRESENT[(month + 1) % 4],
                votes_for=4,
                votes_against=month % 3 == 2,  # noqa: PLR2004
                abstentions=0,
                result=Resolution.Result.TABLED if month % 6 == 5 else Resolution.Result.CARRIED,  # noqa: PLR2004
                sort_order=0,
            )
        ]
        index.add_child(instance=page)


def _groups() -> None:
    index = WorkGroupIndexPage.objects.get()
    today = timezone.now().date()
    for title, summary, names in GROUPS:
        page = WorkGroupPage(
            title=title,
            summary=summary,
            purpose=f"{summary} The group meets each month, and reports to the board twice a year.",
            charter=[
                ("text", "<p>Decisions need two thirds of the members. Whoever has an interest of their own does not vote.</p>")
            ],
            founded_on=date(2019, 5, 1),
            review_date=today + timedelta(days=200),
        )
        page.members = [
            WorkGroupMember(
                name=name,
                role=WorkGroupMember.Role.MEMBER if place else WorkGroupMember.Role.CHAIR,
                starts_on=today - timedelta(days=300),
                sort_order=place,
            )
            for place, name in enumerate(names)
        ]
        index.add_child(instance=page)
    index.add_child(
        instance=WorkGroupPage(title="Twentieth birthday", summary="Planned a party.", dissolved_on=today - timedelta(days=900))
    )


def _elections() -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    board = ElectionKind.objects.create(
        name="Board", slug="board", introduction="Directors meet each month, and answer for what the Foundation does."
    )
    council = ElectionKind.objects.create(
        name="Packaging Council", slug="packaging-council", accent_color="#1d7a46", first_year=2025
    )
    for kind in (board, council):
        Acknowledgement.objects.create(kind=kind, key="coc", label="I will follow the code of conduct of the Foundation.")
    Acknowledgement.objects.create(
        kind=board,
        key="mission",
        label="My work for the Foundation will serve its mission.",
        required=False,
        public=True,
        sort_order=1,
    )
    year = now.year
    past = Election.objects.create(
        name=f"Board election {year - 1}",
        slug=f"{year - 1}-board-election",
        kind=board,
        date=(now - timedelta(days=300)).date(),
        nominations_open_at=now - timedelta(days=350),
        nominations_close_at=now - timedelta(days=320),
        description="Four seats, for three years each.",
    )
    for name in CANDIDATES:
        nominee = Nominee.objects.create(election=past, name=name, state=Nominee.State.APPROVED)
        Nomination.objects.create(
            election=past,
            nominee=nominee,
            name=name,
            is_self=True,
            previous_service=board.new_member_label,
            employer="Independent",
            statement=STATEMENT,
            acknowledged=["coc", "mission"],
            state=Nomination.State.APPROVED,
        )
    for kind, opens, days in ((board, -10, 60), (council, 30, 120)):
        Election.objects.create(
            name=f"{kind} election {year}",
            slug=f"{year}-{kind.slug}-election",
            kind=kind,
            date=(now + timedelta(days=days)).date(),
            nominations_open_at=now + timedelta(days=opens),
            nominations_close_at=now + timedelta(days=opens + 20),
            time_zone="America/New_York",
            description="Four seats, for three years each." if kind == board else "The first council: five seats.",
            hide_previous_service=kind == council,
        )
