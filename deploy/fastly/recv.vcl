# Snippet of type "recv". The same rules as deploy/varnish/default.vcl, in Fastly's VCL.

# Nothing but the address and the host that was asked for decides about a page.
unset req.http.X-Forwarded-Host;
unset req.http.X-Original-URL;
unset req.http.X-Rewrite-URL;
unset req.http.X-HTTP-Method-Override;

# The address of the client, set by the node that it asked first, and the proof that it comes from here (EDGE_SECRET).
if (fastly.ff.visits_this_service == 0) {
    set req.http.X-Client-Address = client.ip;
}
set req.http.X-Edge-Secret = table.lookup(secrets, "edge_secret", "");

if (req.method != "GET" && req.method != "HEAD" && req.method != "FASTLYPURGE") {
    return(pass);
}

# The API v1 has three formats, and each program another Accept header.
if (req.url ~ "^/api/v1/" && req.http.Accept !~ "application/xml|text/xml|yaml|json") {
    unset req.http.Accept;
}

# The scheme is part of the cache key (snippet "hash"), so that a redirect to https answers no visitor who came by https.
if (req.is_ssl) {
    set req.http.X-Forwarded-Proto = "https";
} else {
    set req.http.X-Forwarded-Proto = "http";
}

if (req.url ~ "^/(admin|accounts|authenticated|documents)(/|$)" || req.http.Authorization || req.http.X-API-Key) {
    return(pass);
}

# Whoever is signed in has pages of their own, and may have the password of a private one.
if (req.http.Cookie ~ "(^|;\s*)sessionid=[a-z0-9]{32}(;|$)") {
    return(pass);
}

# No other cookie changes a page.
unset req.http.Cookie;

# Pages exist as HTML and as Markdown (cms/delivery/negotiation.py), and each program has another Accept header.
if (req.url !~ "^/api/") {
    if (req.http.Accept ~ "(?i)(^|,)\s*text/markdown\s*(;\s*q=1(\.0*)?\s*)?(,|$)") {
        set req.http.Accept = "text/markdown";
    } else {
        set req.http.Accept = "text/html";
    }
}

# Parameters that no page of this part of the site reads, and the order of the rest, make no other page.
if (req.url ~ "^/(api|users|nominations|report-a-problem|sponsors/application|_util)(/|$)") {
    set req.url = querystring.sort(querystring.clean(req.url));
} else if (req.url ~ "^/search/") {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(q|type|page)$"));
} else if (req.url ~ "^/jobs/") {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(q|category|type|country|location|remote|salary|page)$"));
} else if (req.url ~ "^/events/") {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(q|calendar|country|since|until|online|page)$"));
} else if (req.url ~ "^/downloads/") {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(series|os|q|version|page)$"));
} else if (req.url ~ "^/psf/") {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(q|year|result|body|page)$"));
} else if (req.url ~ "^/blogs/") {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(source|page)$"));
} else {
    set req.url = querystring.sort(querystring.regfilter_except(req.url, "^(page)$"));
}
