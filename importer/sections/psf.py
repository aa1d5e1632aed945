"""Import minutes, work groups, memberships and elections. Slugs, dates and IDs are kept."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.models import Page, Site

from cms.content import markup
from cms.content.conversion import convert
from cms.delivery import purging
from cms.platform.sequences import reset_sequence
from importer.core import (
    Report,
    importer,
    is_edited_here,
    person,
    publication,
    rendered,
    store,
    write,
    write_page,
)
from psf.models import (
    Acknowledgement,
    Election,
    ElectionKind,
    MeetingBody,
    Membership,
    MinutesIndexPage,
    MinutesPage,
    Nomination,
    Nominee,
    RecordsPage,
    WorkGroupIndexPage,
    WorkGroupMember,
    WorkGroupPage,
)
from psf.models.elections import free_slug
from psf.models.minutes import BOARD

USERS = "users.user"
MINUTES, GROUPS, MEMBERS = "minutes.minutes", "work_groups.workgroup", "users.membership"
KINDS, ELECTIONS = "nominations.electionkind", "nominations.election"
NOMINEES, NOMINATIONS = "nominations.nominee", "nominations.nomination"
CHARTER = {
    "active_time": "Time of activity",
    "core_values": "Core values",
    "rules": "Rules",
    "communication": "Communication",
    "support": "Support",
}
COUNCIL = "packaging_council"
FIRST_YEARS = {COUNCIL: 2025}
# Questions of the two nomination forms: column, key, label, required, public.
ACKNOWLEDGEMENTS = {
    "board": [
        ("coc_acknowledged", "coc", "I will follow the code of conduct of the Foundation.", True, False),
        ("mission_alignment", "mission", "My work for the Foundation will serve its mission.", False, True),
    ],
    COUNCIL: [
        ("coc_acknowledged", "coc", "I will follow the code of conduct of the Foundation.", True, False),
        (
            "eligibility_confirmed",
            "eligibility",
            "I am a voting member of the Foundation, not on its staff, and not on the Steering Council (PEP 772).",
            True,
            False,
        ),
    ],
}
KEYS = {"coc_acknowledged": "coc", "mission_alignment": "mission", "eligibility_confirmed": "eligibility"}
PATH = {"psf": "Python Software Foundation", "records": "Public records", "board": "Board records"}


def home() -> Page:
    return Site.objects.get(is_default_site=True).root_page


def section(slugs: list[str]) -> Page:
    """Return the page at a path under the front page. Missing pages are created as records pages."""
    page = home()
    for slug in slugs:
        below = Page.objects.child_of(page).filter(slug=slug).first()
        page = below or page.add_child(instance=RecordsPage(title=PATH[slug], slug=slug))
    return page


def people(references: list) -> list:
    return [user for user in map(person, references) if user]


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@importer(MINUTES, MinutesPage, after=[USERS, "pages.page"])
def import_minutes(rows: list[dict], report: Report) -> None:
    """Import board minutes. Second minutes of the same day are assigned to a second meeting."""
    index = minutes_index()
    seen: Counter[date] = Counter()
    for row in sorted(rows, key=lambda row: row["pk"]):
        fields = row["fields"]
        day = date.fromisoformat(fields["date"])
        seen[day] += 1
        body = _board(seen[day])
        if body.slug != BOARD:
            report.note(f"There are several minutes of {day}: those with the ID {row['pk']} are at …/minutes/{day}-{body.slug}/.")
        with report.row(MINUTES, row):
            page = MinutesPage.objects.filter(body=body, date=day).first() or MinutesPage(body=body, date=day)
            values = publication(fields, live=fields["is_published"])
            values["content"] = convert(rendered(fields, "content")).blocks
            write_page(MINUTES, row, values, (index, page), report)


def minutes_index() -> MinutesIndexPage:
    return MinutesIndexPage.objects.first() or section(["psf", "records", "board"]).add_child(
        instance=MinutesIndexPage(title="Minutes", slug="minutes", show_in_menus=True)
    )


def _board(meeting: int) -> MeetingBody:
    """Return the body for the first or a later board meeting of a day."""
    if meeting == 1:
        return MeetingBody.objects.get_or_create(slug=BOARD, defaults={"name": "Board of directors"})[0]
    name = f"Board of directors (meeting {meeting} of the day)"
    return MeetingBody.objects.get_or_create(slug=f"{BOARD}-{meeting}", defaults={"name": name})[0]


@importer(GROUPS, WorkGroupPage, after=[USERS, "pages.page"])
def import_work_groups(rows: list[dict], report: Report) -> None:
    index = WorkGroupIndexPage.objects.first() or section(["psf"]).add_child(
        instance=WorkGroupIndexPage(title="Work groups", slug="workgroups", show_in_menus=True)
    )
    here = {page.slug: page for page in WorkGroupPage.objects.child_of(index)}
    for row in rows:
        with report.row(GROUPS, row):
            page = here.get(row["fields"]["slug"]) or WorkGroupPage(slug=row["fields"]["slug"])
            values = group_values(row["fields"])
            if page.pk is None:
                page.members = roster(row["fields"])
            write_page(GROUPS, row, values, (index, page), report)


def group_values(fields: dict) -> dict:
    charter: list = []
    for name, title in CHARTER.items():
        if blocks := convert(rendered(fields, name)).blocks:
            charter += [("heading", {"text": title, "level": "3", "anchor": ""}), *blocks]
    return publication(fields, live=fields["approved"]) | {
        "title": fields["name"],
        "summary": fields["short_description"],
        "purpose": markup.plain_html(rendered(fields, "purpose")),
        "charter": charter,
        "website": fields["url"],
        "dissolved_on": None if fields["active"] else datetime.fromisoformat(fields["updated"]).date(),
    }


def roster(fields: dict) -> list[WorkGroupMember]:
    """Return the members of a new group. Later imports do not change the list."""
    organisers = people(fields["organizers"])
    others = [user for user in people(fields["members"]) if user not in organisers]
    role = WorkGroupMember.Role
    members = [(user, role.ORGANISER) for user in organisers] + [(user, role.MEMBER) for user in others]
    return [
        WorkGroupMember(user=user, name=user.get_full_name() or user.get_username(), role=kind, sort_order=number)
        for number, (user, kind) in enumerate(members)
    ]


@importer(MEMBERS, Membership, after=[USERS], in_parts=True)
def import_members(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        names = ("legal_name", "preferred_name", "city", "region", "country", "postal_code", "votes")
        user = person(fields["creator"])
        return {name: fields[name] for name in names} | {
            "user_id": user.pk if user else None,
            "kind": fields["membership_type"],
            "email": fields["email_address"],
            "code_of_conduct": fields["psf_code_of_conduct"],
            "announcements": fields["psf_announcements"],
            "last_vote_affirmation": moment(fields["last_vote_affirmation"]),
            "created_at": moment(fields["created"]),
            "updated_at": moment(fields["updated"]),
        }

    write(MEMBERS, Membership, rows, values, report, clean=False)


@importer(KINDS, ElectionKind)
def import_kinds(rows: list[dict], report: Report) -> None:
    wanted = []
    for row in rows:
        fields = row["fields"]
        colour = fields["accent_color"]
        first_year = FIRST_YEARS.get(fields["nomination_form"], 2001)
        wanted.append(
            ElectionKind(pk=row["pk"], name=fields["name"], slug=fields["slug"], accent_color=colour, first_year=first_year)
        )
    store(KINDS, wanted, ["name", "accent_color"], report)
    for row in rows:
        kind = ElectionKind.objects.filter(pk=row["pk"]).first()
        if kind and not kind.acknowledgements.exists():
            for place, (_, key, label, required, public) in enumerate(ACKNOWLEDGEMENTS[row["fields"]["nomination_form"]]):
                Acknowledgement.objects.create(
                    kind=kind, key=key, label=label, required=required, public=public, sort_order=place
                )


@importer(ELECTIONS, Election, after=[KINDS])
def import_elections(rows: list[dict], report: Report) -> None:
    kinds = set(ElectionKind.objects.values_list("pk", flat=True))
    taken: set[str] = set()
    wanted = []
    for row in rows:
        fields = row["fields"]
        slug = fields["slug"] or f"election-{row['pk']}"
        if slug in taken:
            report.note(
                f"Two elections have the slug {slug}: the one with the ID {row['pk']} now has the slug {slug}-{row['pk']}."
            )
            slug = f"{slug}-{row['pk']}"
        taken.add(slug)
        wanted.append(
            Election(
                pk=row["pk"],
                name=fields["name"],
                slug=slug,
                date=date.fromisoformat(fields["date"]),
                kind_id=fields["kind"] if fields["kind"] in kinds else None,
                nominations_open_at=moment(fields["nominations_open_at"]),
                nominations_close_at=moment(fields["nominations_close_at"]),
                description=fields["description"] or "",
                hide_previous_service=fields["hide_previous_service"],
            )
        )
    names = ["name", "date", "kind_id", "nominations_open_at", "nominations_close_at", "description", "hide_previous_service"]
    store(ELECTIONS, wanted, names, report)


def state_of(fields: dict, states: type[Nominee.State] | type[Nomination.State]) -> str:
    """Return the state that corresponds to the two flags of the old site."""
    if fields["accepted"]:
        return states.APPROVED if fields["approved"] else states.ACCEPTED
    return Nominee.State.PROPOSED if states is Nominee.State else Nomination.State.SUBMITTED


@importer(NOMINEES, Nominee, after=[USERS, ELECTIONS])
def import_nominees(rows: list[dict], report: Report) -> None:
    known = Nominee.objects.in_bulk([row["pk"] for row in rows])
    elections = Election.objects.in_bulk()
    for row in rows:
        with report.row(NOMINEES, row):
            fields = row["fields"]
            state = state_of(fields, Nominee.State)
            if fields["election"] not in elections:
                raise ValidationError("its election is missing.")
            if row["pk"] in known:
                if known[row["pk"]].election_id != fields["election"]:
                    raise ValidationError(f"its id belongs to {known[row['pk']]} here.")
                _take_state(NOMINEES, row, known[row["pk"]], {"state": state}, report)
                continue
            user = person(fields["user"])
            name_from_slug = (fields["slug"] or "candidate").replace("-", " ").title()
            name = (user.get_full_name() or user.get_username()) if user else name_from_slug
            others = Nominee.objects.filter(election=fields["election"])
            slug = free_slug(fields["slug"] or name, others)
            if user and others.filter(user=user).exists():
                user = None
            email = user.email if user else ""
            Nominee.objects.create(
                pk=row["pk"], election_id=fields["election"], user=user, name=name, slug=slug, email=email, state=state
            )
            report.count(NOMINEES, "created")
    reset_sequence(Nominee)


def _take_state(label: str, row: dict, known: Nominee | Nomination, values: dict, report: Report) -> None:
    """Update the fields of a candidacy that may change after the import."""
    if all(getattr(known, name) == value for name, value in values.items()):
        report.count(label, "unchanged")
    elif is_edited_here(known):
        report.keep(label, row["pk"], str(known))
    else:
        for name, value in values.items():
            setattr(known, name, value)
        known.save()
        report.count(label, "changed")


@importer(NOMINATIONS, Nomination, after=[NOMINEES])
def import_nominations(rows: list[dict], report: Report) -> None:
    """Import nominations. A nomination without a nominee gets one, matched by email address."""
    known = Nomination.objects.in_bulk([row["pk"] for row in rows])
    nominees = Nominee.objects.in_bulk()
    elections = Election.objects.in_bulk()
    for row in rows:
        with report.row(NOMINATIONS, row):
            fields = row["fields"]
            values = {
                "email": fields["email"] or "",
                "previous_service": fields["previous_board_service"] or "",
                "employer": fields["employer"] or "",
                "other_affiliations": fields["other_affiliations"] or "",
                "statement": fields["nomination_statement"] or "",
                "acknowledged": [key for column, key in KEYS.items() if fields[column]],
                "state": state_of(fields, Nomination.State),
            }
            if row["pk"] in known:
                _take_state(NOMINATIONS, row, known[row["pk"]], values, report)
                continue
            election = elections.get(fields["election"])
            if election is None:
                raise ValidationError("its election is missing.")
            nominee = nominees.get(fields["nominee"]) or _candidate(election, fields)
            nominator = person(fields["nominator"])
            Nomination.objects.create(
                pk=row["pk"],
                election=election,
                nominee=nominee,
                nominator=nominator,
                is_self=bool(nominator and nominator.pk == nominee.user_id),
                name=fields["name"] or nominee.name,
                **values,
            )
            if fields["name"] and nominee.name != fields["name"] and not nominee.user_id:
                nominee.name = fields["name"][:300]
                nominee.save()
            report.count(NOMINATIONS, "created")
    reset_sequence(Nomination)
    purging.purge("nominations")


def _candidate(election: Election, fields: dict) -> Nominee:
    email = (fields["email"] or "").strip()[:254]
    alike = election.nominees.filter(email__iexact=email).exclude(email="").first() if email else None
    return alike or Nominee.objects.create(election=election, name=(fields["name"] or "Candidate")[:300], email=email)
