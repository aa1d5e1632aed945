"""Terms and spellings to avoid, with those to use instead. Patterns are valid in Python and in JavaScript."""

# Pattern -> term to use. Case is ignored. The interface, documents and code do not use these terms (docs/terminology.py).
TERMS = {
    r"adverts?": "job, job posting",
    r"(?<![-\w/_])mails?(?! server)(?![-:./_])": "email",
    r"e-mails?": "email",
    r"mend(s|ed|ing)?": "fix",
    r"canned": "saved reply",
    r"(?<!big )(?<!great )deals?(?! with)": "sponsorship",
    r"seasons?": "sponsorship year",
    r"(?<!license )agreements?": "contract",
    r"log(ged|s|ging)? (in|out)|(?<![/_])log-?(ins?|outs?)(?![/_])": "sign in, sign out",
    r"(?<![/_\"])sign-?ups?(?![/_\"])|sign(ed|ing)? up": "create an account",
    r"sums": "checksums",
    r"rehears\w*": "drill, failure test",
    r"release before": "previous release",
    r"(send|sends|sent|sending) (it |them |this )?back": "request changes, reject",
    r"to decide": "Moderation queue, to review",
    r"jump to": "go to",
    r"desk": "dashboard",
    r"stand(s|ing)? (on|in|below|above|beside|behind|there|here|for nothing)": "is in, appears on",
    r"(hang|hangs|lie|lies) (in|on|at|below|above)": "is in",
    r"put right": "fix",
    r"words (of|to) (the|your)|your (own )?words|own words": "message, text",
    r"gets? word": "is notified",
    r"who may do what": "roles and permissions",
    r"all about it": "open full record",
    r"the public has sent": "submissions",
    r"the clock": "scheduled task",
    r"due list": "deliverables",
    r"(web|page|its|old|missing|internet) address(es)?": "URL, link, path",
    r"address(es)? of (the |a |an |its )?(page|pages|site|file|release|documentation|feed|calendar)": "URL, link",
}
# British spelling, matched in texts only -> American spelling.
SPELLINGS = {
    r"catalogues?": "catalog",
    r"colour(s|ed|ing|ful)?": "color",
    r"behaviour(s|al)?": "behavior",
    r"(fav|hon|lab|neighb)our\w*": "-or",
    r"(organi|recogni|reali|summari|normali|seriali|initiali|customi|optimi|minimi|authori)s(e|ed|es|ing|ations?)": "-ize",
    r"(synchroni|utili|prioriti|anonymi|saniti)s(e|ed|es|ing|ations?)": "-ize",
    r"(licence|licences|licenced)": "license",
    r"(defence|offence|pretence)s?": "-ense",
    r"(centre|centres|centred|metre|metres|theatre|litre|fibre)s?": "-er",
    r"(cancel|label|travel|model|signal|total)l(ed|ing|er)": "a single l",
    r"(analys|paralys)(e|ed|ing)": "-yze",
    r"(programme|programmes|grey|greyed|cheque|cheques|whilst|amongst|learnt|spelt|dialogue box)": "American spelling",
}
# Patterns that content is checked for in the editor. The others have correct uses on the public site.
CONTENT_TERMS = {
    r"adverts?": "job, job posting",
    r"e-mails?": "email",
    r"log(ged|s|ging)? (in|out)|(?<![/_])log-?(ins?|outs?)(?![/_])": "sign in, sign out",
    r"sign-?ups?|sign(ed|ing)? up": "create an account",
    r"(web|page|internet) address(es)?": "URL, link",
} | SPELLINGS
