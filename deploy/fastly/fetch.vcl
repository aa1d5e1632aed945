# Snippet of type "fetch". The same rules as deploy/varnish/default.vcl, in Fastly's VCL.

# What is stale is served while a new copy is fetched, and for a day in case the site is down. A soft purge makes stale.
set beresp.stale_while_revalidate = 24h;
set beresp.stale_if_error = 24h;

if (beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "(private|no-store|no-cache)") {
    set beresp.ttl = 60s;
    return(pass);
}

if (beresp.status >= 500 && beresp.status < 600 && stale.exists) {
    return(deliver_stale);
}
