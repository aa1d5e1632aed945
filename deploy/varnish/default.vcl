vcl 4.1;

# The cache in front of the site. It obeys the Cache-Control of the site, serves what is stale for a day while the site is down,
# and purges by surrogate key: PURGE with the keys in the header Surrogate-Key and the shared secret in X-Purge-Token. A purge is
# soft: the next request fetches the page again, and if that fails, the purged page is served.
#
# The site compresses, also with Brotli, which Varnish does not know: start it with `-p http_gzip_support=off`.

import std;
# From the package varnish-modules.
import xkey;

# The servers behind it, and the parameters of its pages.
include "./backends.vcl";
include "./parameters.vcl";

sub vcl_recv {
    # One id from here to the worker, unless the caller has sent one.
    if (req.http.X-Request-ID !~ "^[A-Za-z0-9_.:=-]{1,128}$") {
        set req.http.X-Request-ID = "v" + std.time2integer(now, 0) + "-" + req.xid;
    }
    std.log("request_id:" + req.http.X-Request-ID);
    if (req.method == "PURGE") {
        # Without a secret in the environment nobody may purge.
        if (std.getenv("CDN_API_TOKEN") == "" || req.http.X-Purge-Token != std.getenv("CDN_API_TOKEN") || !req.http.Surrogate-Key) {
            return (synth(403, "A purge needs the token and at least one key."));
        }
        return (synth(200, "Purged " + xkey.softpurge(req.http.Surrogate-Key) + "."));
    }
    # While the site is up, nobody gets a page that was purged. A restart follows a failed fetch: then it is better than none.
    unset req.http.X-Last-Try;
    if (req.restarts > 0) {
        set req.http.X-Last-Try = "yes";
    }
    if (req.restarts == 0 && std.healthy(req.backend_hint)) {
        set req.grace = 0s;
    } else {
        set req.grace = 24h;
    }
    # The API v1 has three formats, and each program another Accept header.
    if (req.url ~ "^/api/v1/" && req.http.Accept !~ "application/xml|text/xml|yaml|json") {
        unset req.http.Accept;
    }
    # The scheme and the encoding are parts of the cache key (vcl_hash and Vary): one spelling of each.
    if (req.http.X-Forwarded-Proto ~ "(?i)^https") {
        set req.http.X-Forwarded-Proto = "https";
    } else {
        set req.http.X-Forwarded-Proto = "http";
    }
    if (req.http.Accept-Encoding ~ "(?i)(^|[\s,])br\s*(?!\s*;\s*q=0(\.0*)?\s*(,|$))(,|;|$)") {
        set req.http.Accept-Encoding = "br";
    } elsif (req.http.Accept-Encoding ~ "(?i)(^|[\s,])gzip\s*(?!\s*;\s*q=0(\.0*)?\s*(,|$))(,|;|$)") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
    # Nothing but the address and the host that was asked for decides about a page.
    unset req.http.X-May-Be-Stale;
    unset req.http.X-Forwarded-Host;
    unset req.http.X-Original-URL;
    unset req.http.X-Rewrite-URL;
    unset req.http.X-HTTP-Method-Override;
    if (req.method != "GET" && req.method != "HEAD") {
        # A slow client keeps Varnish waiting, which has threads for thousands, and not the site. Larger bodies go on as they arrive.
        if (std.integer(req.http.Content-Length, 0) > 0 && std.integer(req.http.Content-Length, 0) <= 16777216) {
            std.cache_req_body(16MB);
        }
        return (pass);
    }
    if (req.url ~ "^/(admin|accounts|authenticated|documents)(/|$)" || req.http.Authorization || req.http.X-API-Key) {
        return (pass);
    }
    # Whoever is signed in has pages of their own, and may have the password of a private one.
    if (req.http.Cookie ~ "(^|;\s*)sessionid=[a-z0-9]{32}(;|$)") {
        return (pass);
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
    set req.http.X-May-Be-Stale = "yes";
    # Parameters that no page of this part of the site reads, and the order of the rest, make no other page.
    call drop_parameters;
    set req.url = std.querysort(regsub(req.url, "[?&]+$", ""));
    return (hash);
}

sub vcl_hash {
    # A redirect to https must not answer those who came by https. The URL and the host follow.
    hash_data(req.http.X-Forwarded-Proto);
}

sub vcl_backend_response {
    if (beresp.status >= 500) {
        # Without an answer, vcl_synth asks the cache for an old copy.
        if (bereq.is_bgfetch || (bereq.http.X-May-Be-Stale && !bereq.http.X-Last-Try)) {
            return (abandon);
        }
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.keep = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    set beresp.grace = 24h;
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "(private|no-store|no-cache)") {
        set beresp.uncacheable = true;
        set beresp.ttl = 60s;
        return (deliver);
    }
}

sub vcl_backend_error {
    if (bereq.http.X-May-Be-Stale && !bereq.http.X-Last-Try) {
        return (abandon);
    }
}

sub vcl_synth {
    if (resp.status == 503 && req.restarts == 0 && req.http.X-May-Be-Stale) {
        return (restart);
    }
}

sub vcl_deliver {
    unset resp.http.xkey;
    # A cached copy has the id of the request that fetched it.
    set resp.http.X-Request-ID = req.http.X-Request-ID;
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
}
