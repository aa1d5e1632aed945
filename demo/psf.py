"""Demo minutes, work groups, memberships and elections. The people are invented."""

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
        "For everyone who supports the PSF’s mission.",
        "PSF announcements by email",
        "Agree to the code of conduct",
        False,
    ),
    (
        "Supporting member",
        "US$99 a year (sliding scale available)",
        "For people who support the PSF financially.",
        "All benefits of basic membership\nVoting in PSF elections",
        "Pay the annual fee",
        True,
    ),
    (
        "Contributing member",
        "Free, for volunteers",
        "For people who volunteer their time.",
        "All benefits of basic membership\nVoting in PSF elections",
        "Volunteer at least five hours a month for projects that support the PSF’s mission",
        True,
    ),
]
GROUPS = [
    (
        "Grants",
        "Reviews grant applications for conferences, workshops and community projects.",
        ["Ada Okafor", "Theo Lund", "Lena Park"],
    ),
    ("Code of conduct", "Handles code of conduct reports.", ["Mira Castellanos", "Sam Reyes"]),
    ("Diversity and inclusion", "Works to include underrepresented people in the community.", ["Ines Novak", "Femi Adeyemi"]),
]
CANDIDATES = ["Ada Okafor", "Femi Adeyemi", "Lena Park", "Sam Reyes", "Theo Lund"]
STATEMENT = """\
I have organized a user group for six years and was the treasurer of two conferences.

As a director, I want to

- answer grant applications of small groups within two weeks,
- publish a quarterly financial report that is easy to understand.
"""


def make_pages(home: Page) -> None:
    """Create the pages of records, groups and membership under the page of the Foundation."""
    foundation = home.get_children().get(slug="psf")
    records = foundation.get_children().get(slug="records")
    board = records.add_child(
        instance=RecordsPage(title="Board records", slug="board", search_description="Records of the board of directors.")
    )
    board.add_child(
        instance=MinutesIndexPage(
            title="Minutes",
            slug="minutes",
            show_in_menus=True,
            introduction="Minutes of board and committee meetings.",
        )
    )
    foundation.add_child(
        instance=WorkGroupIndexPage(
            title="Work groups",
            slug="workgroups",
            show_in_menus=True,
            introduction="Volunteer groups chartered by the board.",
        )
    )
    foundation.add_child(
        instance=MembershipPage(
            title="Membership",
            slug="membership",
            introduction="Join the Python Software Foundation. Voting members elect the board of directors.",
            search_description="Membership types of the Python Software Foundation, their benefits and requirements.",
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
                ("text", "<p>Staff reported on PyCon US, the infrastructure and correspondence.</p>"),
                ("heading", {"text": "Grants", "level": "2", "anchor": ""}),
                ("text", "<p>The committee reviewed 11 applications. Two applicants were asked to revise their budgets.</p>"),
            ],
        )
        page.resolutions = [
            Resolution(
                number=f"{day}-1",
                text=f"RESOLVED, that the Python Software Foundation grant up to US${2 + month},000 to a workshop for beginners.",
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
            purpose=f"{summary} The group meets monthly and reports to the board twice a year.",
            charter=[
                ("text", "<p>Decisions require a two-thirds majority. Members with a conflict of interest do not vote.</p>")
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
        instance=WorkGroupPage(
            title="Twentieth anniversary",
            summary="Planned the celebration of the PSF’s anniversary.",
            dissolved_on=today - timedelta(days=900),
        )
    )


def _elections() -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    board = ElectionKind.objects.create(
        name="Board",
        slug="board",
        introduction="Directors set the strategy of the foundation and oversee its finances. They meet monthly.",
    )
    council = ElectionKind.objects.create(
        name="Packaging Council", slug="packaging-council", accent_color="#1d7a46", first_year=2025
    )
    for kind in (board, council):
        Acknowledgement.objects.create(kind=kind, key="coc", label="I will follow the PSF code of conduct.")
    Acknowledgement.objects.create(
        kind=board,
        key="mission",
        label="My work for the PSF will support its mission.",
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
        description="Four seats with three-year terms.",
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
            description="Four seats with three-year terms."
            if kind == board
            else "First election of the council, with five seats.",
            hide_previous_service=kind == council,
        )
