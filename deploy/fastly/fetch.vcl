# Snippet of type "fetch". The same rules as deploy/varnish/default.vcl, in Fastly's VCL.

# What is stale is served for a day while the site is down, and never otherwise: a soft purge makes stale what nobody may see again.
set beresp.stale_while_revalidate = 0s;
set beresp.stale_if_error = 24h;

if (beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "(private|no-store|no-cache)") {
    set beresp.ttl = 60s;
    return(pass);
}

if (beresp.status >= 500 && beresp.status < 600 && stale.exists) {
    return(deliver_stale);
}
