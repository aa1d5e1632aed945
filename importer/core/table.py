"""Every model of the previous site, with the model here or the reason why its rows are not imported."""

IMPORTED_MODELS = {
    "users.user": "User accounts with IDs, password hashes, dates, groups and permissions. Hashes are upgraded to Argon2 at the "
    "next sign-in. A profile is public if it was both public and searchable.",
    "auth.group": "Groups, by name. “Job Board Admin” becomes the role Job board. Permissions carry over if their model exists.",
    "account.emailaddress": "Email addresses of accounts, verified or not.",
    "tastypie.apikey": "Keys of API v1, stored as digests. They expire after one year.",
    "authtoken.token": "Tokens of API v2, stored as digests. They expire after one year.",
    "users.membership": "Memberships with IDs.",
    "pages.page": "Pages at their paths; missing parent pages are created; text becomes blocks.",
    "pages.image": "Images, where the text of their page shows them.",
    "pages.documentfile": "Documents, linked from their page.",
    "boxes.box": "Boxes by label, placed on landing pages. Boxes that this site generates from data keep their URLs.",
    "banners.banner": "Banners, for all pages or for pages of the Foundation.",
    "sitetree.tree": "Menu locations.",
    "sitetree.treeitem": "Menus of the header, the footer and the Foundation.",
    "redirects.redirect": "Redirects. One without a target means 410 Gone, here too.",
    "waffle.flag": "Settings, imported once: visibility of the membership page, and the end of sponsorship applications.",
    "codesamples.codesample": "Published code samples of the home page, in order.",
    "downloads.os": "Operating systems with IDs.",
    "downloads.release": "Releases with IDs, slugs, dates and notes.",
    "downloads.releasefile": "Release files with IDs and checksums.",
    "events.calendar": "Calendars.",
    "events.eventcategory": "Event categories.",
    "events.eventlocation": "Locations.",
    "events.event": "Events with IDs.",
    "events.occurringrule": "Dates of single events.",
    "events.recurringrule": "Recurrence rules of events.",
    "jobs.jobtype": "Job types.",
    "jobs.jobcategory": "Job categories.",
    "jobs.job": "Jobs with IDs, dates and states; descriptions as Markdown.",
    "jobs.jobreviewcomment": "Comments of moderators and posters.",
    "companies.company": "Companies.",
    "successstories.storycategory": "Story categories.",
    "successstories.story": "Success stories as pages with their slugs.",
    "community.post": "Community posts as pages with their numbers.",
    "blogs.feed": "Feeds.",
    "blogs.blogentry": "Blog entries.",
    "blogs.feedaggregate": "Feed aggregates.",
    "minutes.minutes": "Minutes as pages, by date.",
    "work_groups.workgroup": "Work groups as pages.",
    "nominations.electionkind": "Election types.",
    "nominations.election": "Elections.",
    "nominations.nominee": "Nominees.",
    "nominations.nomination": "Nominations.",
    "sponsors.sponsorshipprogram": "Sponsorship programs.",
    "sponsors.sponsorshippackage": "Packages with IDs.",
    "sponsors.sponsorshipbenefit": "Benefits with IDs.",
    "sponsors.sponsorshipcurrentyear": "The current sponsorship year.",
    "sponsors.legalclause": "Legal clauses.",
    "sponsors.sponsor": "Sponsors with IDs; anchors on the list of sponsors do not change.",
    "sponsors.sponsorcontact": "Contacts of sponsors.",
    "sponsors.sponsorship": "Sponsorships with IDs and states.",
    "sponsors.sponsorbenefit": "Benefits of a sponsorship.",
    "sponsors.contract": "Contracts; files go to private storage.",
    "sponsors.sponsoremailnotificationtemplate": "Message templates.",
    "sponsors.genericasset": "Owner and key of a sponsor asset.",
    "sponsors.imgasset": "Sponsor assets: images, in private storage.",
    "sponsors.fileasset": "Sponsor assets: files, in private storage.",
    "sponsors.textasset": "Sponsor assets: text.",
    "sponsors.responseasset": "Sponsor assets: yes or no.",
    "sponsors.benefitfeatureconfiguration": "Benefit of a deliverable.",
    "sponsors.benefitfeature": "Sponsorship benefit of a deliverable.",
    "sponsors.tieredbenefitconfiguration": "Quantities of a package.",
    "sponsors.tieredbenefit": "Quantities of a sponsorship benefit.",
} | {
    f"sponsors.{name}{suffix}": f"{subject} of a {owner}."
    for name, subject in {
        "logoplacement": "Logo placements",
        "emailtargetable": "Mailings",
        "requiredimgasset": "Required images",
        "requiredtextasset": "Required texts",
        "requiredresponseasset": "Required answers",
        "providedtextasset": "Provided texts",
        "providedfileasset": "Provided files",
    }.items()
    for suffix, owner in {"configuration": "benefit", "": "sponsorship"}.items()
}
OMITTED_MODELS = {
    "admin.logentry": "The history refers to forms that no longer exist. Keep the old dump.",
    "sessions.session": "Users have to sign in again. Sessions contain nothing else.",
    "contenttypes.contenttype": "Each site numbers its models; rows name models by app and model.",
    "auth.permission": "Each site creates its own. Groups and users name permissions by app, model and codename.",
    "sites.site": "The site takes its URL from its settings.",
    "account.emailconfirmation": "Confirmations expire after three days. Users request a new one.",
    "socialaccount.socialapp": "Keys of other sites are environment variables.",
    "socialaccount.socialaccount": "The previous site had no sign-in with other sites.",
    "socialaccount.socialtoken": "The previous site had no sign-in with other sites.",
    "tastypie.apiaccess": "Never written by the previous site.",
    "waffle.switch": "None was in use.",
    "waffle.sample": "None was in use.",
    "events.alarm": "Never sent by the previous site.",
    "blogs.relatedblog": "Never shown by the previous site. Add the important ones as feeds.",
    "users.usergroup": "Never shown by the previous site, not even in its admin.",
    "community.link": "The previous site did not show attachments of posts.",
    "community.photo": "The previous site did not show attachments of posts.",
    "community.video": "The previous site did not show attachments of posts.",
    "admin_interface.theme": "Colors of the previous admin.",
    "thumbnail.kvstore": "Index of scaled images. This site scales images itself.",
    "taggit.tag": "Tags were not used.",
    "taggit.taggeditem": "Tags were not used.",
    **dict.fromkeys(
        [
            f"django_celery_{app}"
            for app in (
                *("beat.clockedschedule", "beat.crontabschedule", "beat.intervalschedule", "beat.periodictask"),
                *("beat.periodictasks", "beat.solarschedule", "results.taskresult"),
            )
        ],
        "Scheduled tasks are defined in code.",
    ),
}


def as_markdown() -> str:
    """Return the table for docs/importing.md."""
    rows = [(label, text) for label, text in IMPORTED_MODELS.items()]
    rows += [(label, f"Omitted. {text}") for label, text in OMITTED_MODELS.items()]
    return "\n".join(["| old model | destination |", "|---|---|", *(f"| `{label}` | {text} |" for label, text in sorted(rows))])
