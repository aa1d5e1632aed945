"""Roles of the site and their permissions. `manage.py migrate` applies this table and does not change other groups."""

from typing import Any

from django.apps import apps as installed
from django.db.models import Q

EDIT = ["add", "change", "delete", "view"]

# Tables of {model label: actions}. An action is a word such as "view", or the full name of a permission.
# A role with admin access needs "wagtailadmin.admin": ["access"].
ADMIN = {"wagtailadmin.admin": ["access"]}
# Drafts that are published together. Publishing requires the permission for each of them.
BUNDLES = {"cms.bundle": EDIT}
# Wagtail checks the permissions of its own models even if the site's models replace them.
MEDIA = {"wagtailimages.image": ["add", "change", "choose"], "wagtaildocs.document": ["add", "change", "choose"]}
DOWNLOADS = {
    "downloads.os": EDIT,
    "downloads.releaseseries": EDIT,
    "downloads.plannedrelease": EDIT,
    "downloads.release": [*EDIT, "publish", "lock", "unlock"],
    "downloads.releasefile": EDIT,
    "downloads.filecheck": ["view"],
    "downloads.releasestep": EDIT,
    "downloads.releasetask": EDIT,
    "downloads.releasetext": EDIT,
    "downloads.outlet": EDIT,
    "downloads.advisory": ["change", "view"],
    "downloads.advisoryrun": ["change", "view"],
    "downloads.cyclerun": ["change", "view"],
    "downloads.downloadssettings": ["change"],
}
# Jobs are created by posters and end by transitions, so they are not added or deleted in the admin.
JOBS = {
    "jobs.job": ["change", "moderate", "view"],
    "jobs.jobtype": EDIT,
    "jobs.jobcategory": EDIT,
    "jobs.savedreply": EDIT,
    "jobs.jobboardsettings": ["change"],
}
EVENTS = {
    "events.calendar": EDIT,
    "events.category": EDIT,
    "events.location": EDIT,
    "events.event": [*EDIT, "publish", "lock", "unlock"],
    "events.eventsavedreply": EDIT,
    "events.syncrun": ["view"],
}
REDIRECTS_AND_SEARCH = {
    "wagtailredirects.redirect": EDIT,
    "wagtailsearchpromotions.searchpromotion": EDIT,
    "cms.synonymgroup": EDIT,
}
SNIPPET = [*EDIT, "publish", "lock", "unlock"]
FRAME = {
    "cms.menu": SNIPPET,
    "cms.box": SNIPPET,
    "cms.banner": SNIPPET,
    "cms.missingurl": ["view"],
    "cms.brokenlink": ["view"],
    "cms.emptysearch": ["view"],
    "cms.pagefeedback": ["delete", "view"],
    "cms.problemreport": ["change", "view"],
}
# Who translates starts translations of any page, and works on the pages of other languages (cms.editor.translations).
TRANSLATIONS = {
    "wagtail_localize.translation": ["submit_translation"],
    "cms.menu": ["change", "view"],
    "cms.box": ["change", "view"],
    "cms.banner": ["change", "view"],
}
# Everything in the admin's Settings menu. Purges result from content changes; staff can view and resend them.
SETTINGS = {
    "auth.group": EDIT,
    "cms.emailtemplate": EDIT,
    "cms.purge": ["change", "view"],
    "cms.sentemail": ["change", "view"],
    "cms.livecheck": ["view"],
    "cms.sitesettings": ["change"],
    "cms.taskrun": ["change", "view"],
    "users.servicekey": EDIT,
    "users.user": EDIT,
    "wagtailcore.apitoken": EDIT,
    "wagtailcore.locale": EDIT,
    "wagtailcore.site": EDIT,
    "wagtailcore.task": EDIT,
    "wagtailcore.groupapprovaltask": EDIT,
    "cms.pagereviewtask": EDIT,
    "wagtailcore.workflow": EDIT,
}
# Entries come from feeds; staff can hide and pin them. Stories and posts are pages.
COMMUNITY = {
    "community.company": EDIT,
    "community.storycategory": EDIT,
    "community.storysavedreply": EDIT,
    "community.feed": EDIT,
    "community.feedaggregate": EDIT,
    "community.blogentry": ["change", "view"],
}
# Minutes and work groups are pages. Resolutions belong to minutes; membership records come from the old site.
PSF = {
    "psf.election": EDIT,
    "psf.electionkind": EDIT,
    "psf.nominee": ["change", "view"],
    "psf.meetingbody": EDIT,
    "psf.resolution": ["view"],
    "psf.membershipkind": EDIT,
    "psf.membership": ["view"],
    "psf.membershipsettings": ["change"],
}
SPONSOR_WORDS = {"sponsors.contracttemplate": EDIT, "sponsors.legalclause": EDIT}
SPONSOR_PEOPLE = {"sponsors.sponsor": EDIT, "sponsors.contact": EDIT}
SPONSOR_VIEWS = {
    f"sponsors.{model}": ["view"]
    for model in (
        "sponsor",
        "contact",
        "sponsorshipyear",
        "package",
        "benefit",
        "sponsorshipprogram",
        "sponsorship",
        "sponsorshipdeliverable",
        "contract",
        "legalclause",
    )
}
SPONSORS: dict[str, list[str]] = {
    **SPONSOR_WORDS,
    **SPONSOR_PEOPLE,
    "sponsors.sponsorshipyear": EDIT,
    "sponsors.package": EDIT,
    "sponsors.benefit": EDIT,
    "sponsors.sponsorshipprogram": EDIT,
    "sponsors.messagetemplate": EDIT,
    "sponsors.sponsorshipsettings": ["change"],
    "sponsors.sponsorship": ["add", "change", "view", "move", "mail", "bill", "export"],
    "sponsors.sponsorshipdeliverable": ["change", "view"],
    "sponsors.contract": ["change", "view"],
}
ROLES: dict[str, dict[str, list[str]]] = {
    "Release managers": ADMIN | DOWNLOADS | BUNDLES,
    "Content editors": ADMIN
    | MEDIA
    | REDIRECTS_AND_SEARCH
    | FRAME
    | COMMUNITY
    | BUNDLES
    | {"wagtail_localize.translation": ["submit_translation"]},
    "Translators": ADMIN | TRANSLATIONS,
    "Events": ADMIN | MEDIA | EVENTS,
    "Job board": ADMIN | JOBS,
    "Sponsorship": ADMIN | MEDIA | SPONSORS,
    "Sponsorship coordinators": ADMIN
    | SPONSOR_VIEWS
    | SPONSOR_PEOPLE
    | {
        "sponsors.sponsorshipdeliverable": ["change", "view"],
        "sponsors.sponsorship": ["view", "mail", "export"],
        "sponsors.messagetemplate": EDIT,
    },
    "Sponsorship legal": ADMIN | SPONSOR_VIEWS | SPONSOR_WORDS | {"sponsors.contract": ["change", "view"]},
    "Sponsorship finance": ADMIN | SPONSOR_VIEWS | {"sponsors.sponsorship": ["view", "bill", "export"]},
    "Sponsorship auditors": ADMIN | SPONSOR_VIEWS,
    # For programs that read placements and assets by the API, without access to the admin.
    "Sponsor publishers": {"sponsors.sponsorship": ["sponsor_publisher"]},
    "PSF staff": ADMIN | MEDIA | PSF,
    # They can view a page that is waiting for their review, and decide on it.
    "Legal reviewers": ADMIN,
    "Security reviewers": ADMIN,
    "Site admins": ADMIN
    | MEDIA
    | DOWNLOADS
    | EVENTS
    | JOBS
    | SPONSORS
    | COMMUNITY
    | PSF
    | REDIRECTS_AND_SEARCH
    | FRAME
    | BUNDLES
    | SETTINGS
    | {"wagtail_localize.translation": ["submit_translation"]}
    # Users cannot grant a role with more permissions than their own (users/authority.py), and site admins grant all roles.
    | {"sponsors.sponsorship": [*SPONSORS["sponsors.sponsorship"], "sponsor_publisher"]},
}
# role -> permissions of its members on every page under the home page.
PAGE_RIGHTS = {
    "Content editors": ["add_page", "change_page", "publish_page", "lock_page"],
    "Site admins": ["add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page"],
}
# Permissions of translators on the front page of each language other than English, and on every page under it.
TRANSLATORS = "Translators"
TRANSLATION_RIGHTS = ["add_page", "change_page", "publish_page"]
# Permissions of a role on the files of every collection, and on collections.
MEDIA_RIGHTS = [f"{action}_{model}" for action in ("add", "change", "choose") for model in ("image", "document")]
COLLECTION_RIGHTS = {role: MEDIA_RIGHTS for role, models in ROLES.items() if MEDIA.keys() <= models.keys()}
COLLECTION_RIGHTS["Site admins"] = [*MEDIA_RIGHTS, "add_collection", "change_collection", "delete_collection"]


def apply_roles(sender: Any, **kwargs: Any) -> None:
    """Update the groups from the table after the last app has created its permissions. Idempotent."""
    if sender != [config for config in installed.get_app_configs() if config.models_module][-1]:
        return
    Group = installed.get_model("auth", "Group")
    root = installed.get_model("wagtailcore", "Page").objects.filter(depth=1).first()
    collection = installed.get_model("wagtailcore", "Collection").objects.filter(depth=1).first()
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions_of(role))
        if root:
            _grant(group, "GroupPagePermission", PAGE_RIGHTS.get(role, []), page=root)
        if collection:
            _grant(group, "GroupCollectionPermission", COLLECTION_RIGHTS.get(role, []), collection=collection)


def let_translate(front_page: Any) -> None:
    """Grant the translators their permissions on the pages of a language."""
    group, _ = installed.get_model("auth", "Group").objects.get_or_create(name=TRANSLATORS)
    _grant(group, "GroupPagePermission", TRANSLATION_RIGHTS, page=front_page)


def _grant(group: Any, through: str, codenames: list[str], **where: Any) -> None:
    Permission = installed.get_model("auth", "Permission")
    through_model = installed.get_model("wagtailcore", through)
    for permission in Permission.objects.filter(codename__in=codenames):
        through_model.objects.get_or_create(group=group, permission=permission, **where)


def permissions_of(role: str) -> Any:
    """Return a queryset of the permissions that the table grants to a role."""
    Permission = installed.get_model("auth", "Permission")
    wanted = Q(pk__in=[])
    for label, actions in ROLES[role].items():
        app_label, model = label.split(".")
        wanted |= Q(content_type__app_label=app_label, codename__in=[*actions, *[f"{action}_{model}" for action in actions]])
    return Permission.objects.filter(wanted)
