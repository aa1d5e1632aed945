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

# What only counts visits, and the order of the rest, make no other page.
set req.url = querystring.regfilter(req.url, "^(utm_[a-z]+|gclid|fbclid|mc_cid|mc_eid)$");
set req.url = querystring.sort(querystring.clean(req.url));

if (req.url ~ "^/(admin|accounts|authenticated|documents)(/|$)" || req.http.Authorization || req.http.X-API-Key) {
    return(pass);
}

# Whoever is signed in has pages of their own, and may have the password of a private one.
if (req.http.Cookie ~ "(^|;\s*)sessionid=") {
    return(pass);
}

# No other cookie changes a page.
unset req.http.Cookie;
