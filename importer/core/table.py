"""Every model of the old site: the place of its rows here, or why they are omitted."""

IMPORTED_MODELS = {
    "users.user": "Users, with ids, password hashes, dates, groups and permissions. A hash becomes Argon2 at the next log-in. "
    "A profile is public where it was both public and open to search.",
    "auth.group": "Groups, by name. “Job Board Admin” becomes the role Job board. Permissions come where the model lives on.",
    "account.emailaddress": "E-mail addresses of accounts, verified or not.",
    "tastypie.apikey": "Keys of API v1, stored as digests. They work for a year more.",
    "authtoken.token": "Tokens of API v2, stored as digests. They work for a year more.",
    "users.membership": "Memberships, with their ids.",
    "pages.page": "Pages of the tree at their paths, with missing parents made; the text as blocks.",
    "pages.image": "Images, in the place of their page’s text that shows them.",
    "pages.documentfile": "Documents, linked from their page.",
    "boxes.box": "Boxes by label, which fill the areas of landing pages. Those that the site renders from its data stay behind.",
    "banners.banner": "Banners, for all pages or those of the Foundation.",
    "sitetree.tree": "The places of menus.",
    "sitetree.treeitem": "Menus of the header, the footer and the Foundation.",
    "redirects.redirect": "Redirects. One that led nowhere answered “gone”, and so does this site: “not found”.",
    "waffle.flag": "Settings, once: whether the page of the membership shows, and until when the season takes applications.",
    "codesamples.codesample": "Code samples of the front page, published ones in their order.",
    "downloads.os": "Operating systems, with their ids.",
    "downloads.release": "Releases with ids, slugs, dates and notes.",
    "downloads.releasefile": "Release files with ids and sums.",
    "events.calendar": "Calendars.",
    "events.eventcategory": "Categories of events.",
    "events.eventlocation": "Places of events.",
    "events.event": "Events with their ids.",
    "events.occurringrule": "The dates of single events.",
    "events.recurringrule": "The rules of events that come again.",
    "jobs.jobtype": "Fields of work.",
    "jobs.jobcategory": "Categories of jobs.",
    "jobs.job": "Adverts with ids, dates and states; their text as Markdown.",
    "jobs.jobreviewcomment": "Comments of moderators and posters.",
    "companies.company": "Companies.",
    "successstories.storycategory": "Categories of stories.",
    "successstories.story": "Stories as pages at their slugs.",
    "community.post": "Posts as pages, at their numbers.",
    "blogs.feed": "Feeds.",
    "blogs.blogentry": "Entries of feeds.",
    "blogs.feedaggregate": "Sets of feeds.",
    "minutes.minutes": "Minutes as pages, by date.",
    "work_groups.workgroup": "Work groups as pages.",
    "nominations.electionkind": "Kinds of elections.",
    "nominations.election": "Elections.",
    "nominations.nominee": "Candidates.",
    "nominations.nomination": "Nominations.",
    "sponsors.sponsorshipprogram": "Programmes.",
    "sponsors.sponsorshippackage": "Packages, with their ids.",
    "sponsors.sponsorshipbenefit": "Benefits, with their ids.",
    "sponsors.sponsorshipcurrentyear": "The season that visitors see.",
    "sponsors.legalclause": "Legal clauses.",
    "sponsors.sponsor": "Sponsors, with their ids; the anchor on the list of sponsors is kept.",
    "sponsors.sponsorcontact": "Contacts of sponsors.",
    "sponsors.sponsorship": "Deals, with their ids and states.",
    "sponsors.sponsorbenefit": "Lines of deals.",
    "sponsors.contract": "Agreements; their files in private storage.",
    "sponsors.sponsoremailnotificationtemplate": "Message templates.",
    "sponsors.genericasset": "The owner and the key of an answer.",
    "sponsors.imgasset": "Answers: images, in private storage.",
    "sponsors.fileasset": "Answers: files, in private storage.",
    "sponsors.textasset": "Answers: text.",
    "sponsors.responseasset": "Answers: yes or no.",
    "sponsors.benefitfeatureconfiguration": "The benefit of a deliverable.",
    "sponsors.benefitfeature": "The line of an item.",
    "sponsors.tieredbenefitconfiguration": "Quantities of a package.",
    "sponsors.tieredbenefit": "Quantities of a line.",
} | {
    f"sponsors.{name}{suffix}": f"{words} {place}."
    for name, words in {
        "logoplacement": "Placements of the logo",
        "emailtargetable": "Mailings",
        "requiredimgasset": "Images to bring",
        "requiredtextasset": "Texts to bring",
        "requiredresponseasset": "Questions to answer",
        "providedtextasset": "Texts to hand out",
        "providedfileasset": "Files to hand out",
    }.items()
    for suffix, place in {"configuration": "that a benefit promises", "": "that a deal holds"}.items()
}
OMITTED_MODELS = {
    "admin.logentry": "The history of the old admin speaks of forms that are gone. Keep the old dump for it.",
    "sessions.session": "People log in once more; a session holds nothing else.",
    "contenttypes.contenttype": "Each site numbers its models by itself; rows name them by app and model.",
    "auth.permission": "Each site makes its own. Groups and users name them by app, model and codename.",
    "sites.site": "This site knows its address from its settings.",
    "account.emailconfirmation": "Confirmations run for three days. People ask for a new one.",
    "socialaccount.socialapp": "Keys of other sites are settings of the environment.",
    "socialaccount.socialaccount": "The old site offered no log-in by other sites.",
    "socialaccount.socialtoken": "The old site offered no log-in by other sites.",
    "tastypie.apiaccess": "The old site never wrote it.",
    "waffle.switch": "None was in use.",
    "waffle.sample": "None was in use.",
    "events.alarm": "The old site never sent any.",
    "blogs.relatedblog": "The old site showed them nowhere. Add those that matter as feeds.",
    "users.usergroup": "The old site showed them nowhere, not even in its admin.",
    "community.link": "The old site showed attachments of posts nowhere.",
    "community.photo": "The old site showed attachments of posts nowhere.",
    "community.video": "The old site showed attachments of posts nowhere.",
    "admin_interface.theme": "Colours of the old admin.",
    "taggit.tag": "The old site tagged nothing.",
    "taggit.taggeditem": "The old site tagged nothing.",
    **dict.fromkeys(
        [
            f"django_celery_{app}"
            for app in (
                *("beat.clockedschedule", "beat.crontabschedule", "beat.intervalschedule", "beat.periodictask"),
                *("beat.periodictasks", "beat.solarschedule", "results.taskresult"),
            )
        ],
        "Tasks and their times stand in the code.",
    ),
}


def as_markdown() -> str:
    """Return the table for docs/importing.md."""
    rows = [(label, text) for label, text in IMPORTED_MODELS.items()]
    rows += [(label, f"Left behind. {text}") for label, text in OMITTED_MODELS.items()]
    return "\n".join(["| old model | where it goes |", "|---|---|", *(f"| `{label}` | {text} |" for label, text in sorted(rows))])
