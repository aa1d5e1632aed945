vcl 4.1;

# The cache in front of the site. It obeys the Cache-Control of the site, keeps what is stale for a day in case the site is
# down, and forgets by surrogate key: PURGE with the keys in the header Surrogate-Key and the shared secret in X-Purge-Token.

import std;

# The servers behind it.
include "./backends.vcl";

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
        set req.http.keys = "(^|\s)(" + regsuball(regsuball(req.http.Surrogate-Key, "[^\w. -]", ""), " +", "|") + ")(\s|$)";
        ban("obj.http.Surrogate-Key ~ " + req.http.keys);
        return (synth(200, "Purged."));
    }
    # Nothing but the address and the host that was asked for decides about a page.
    unset req.http.X-Forwarded-Host;
    unset req.http.X-Original-URL;
    unset req.http.X-Rewrite-URL;
    unset req.http.X-HTTP-Method-Override;
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # What only counts visits, and the order of the rest, make no other page.
    set req.url = regsuball(req.url, "(?<=[?&])(utm_[a-z]+|gclid|fbclid|mc_cid|mc_eid)=[^&]*&?", "");
    set req.url = std.querysort(regsub(req.url, "[?&]+$", ""));
    if (req.url ~ "^/(admin|accounts|authenticated|documents)(/|$)" || req.http.Authorization || req.http.X-API-Key) {
        return (pass);
    }
    # Whoever is signed in has pages of their own, and may have the password of a private one.
    if (req.http.Cookie ~ "(^|;\s*)sessionid=") {
        return (pass);
    }
    # No other cookie changes a page.
    unset req.http.Cookie;
    return (hash);
}

sub vcl_backend_response {
    set beresp.grace = 24h;
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "(private|no-store|no-cache)") {
        set beresp.uncacheable = true;
        set beresp.ttl = 60s;
        return (deliver);
    }
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
}

sub vcl_deliver {
    # A cached copy has the id of the request that fetched it.
    set resp.http.X-Request-ID = req.http.X-Request-ID;
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
}
