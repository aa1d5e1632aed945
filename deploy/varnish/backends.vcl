# The servers behind Varnish in deploy/compose.yaml: two web processes in turn, and the store with the media.

import directors;
import std;

probe health {.url = "/health"; .interval = 2s; .timeout = 3s; .window = 3; .threshold = 2; .initial = 1;}

backend web_1 {.host = "web-1"; .port = "8000"; .probe = health;}
backend web_2 {.host = "web-2"; .port = "8000"; .probe = health;}
backend media {.host = "s3"; .port = "9000";}

sub vcl_init {
    new site = directors.round_robin();
    site.add_backend(web_1);
    site.add_backend(web_2);
    new from_first = directors.fallback();
    from_first.add_backend(web_1);
    from_first.add_backend(web_2);
    new from_second = directors.fallback();
    from_second.add_backend(web_2);
    from_second.add_backend(web_1);
}

sub vcl_recv {
    set req.backend_hint = site.backend();
    if (req.url ~ "^/media/" && (req.method == "GET" || req.method == "HEAD")) {
        # Only what is below "media" in the bucket is public.
        if (req.url ~ "\.\.|(?i)%2e") {
            return (synth(404, "Not found"));
        }
        set req.backend_hint = media;
        set req.url = "/pydotorg" + regsub(req.url, "\?.*$", "");
        unset req.http.Cookie;
        unset req.http.Authorization;
        return (hash);
    }
}

sub vcl_backend_fetch {
    # One process after the other: turns could lead to the killed one again, as long as its probes have not noticed.
    if (bereq.retries == 1 && bereq.url !~ "^/pydotorg/media/") {
        set bereq.backend = from_first.backend();
    } elsif (bereq.retries == 2 && bereq.url !~ "^/pydotorg/media/") {
        set bereq.backend = from_second.backend();
    }
}

sub vcl_backend_error {
    # A process that was killed takes its requests along. One that changes nothing is asked again, elsewhere.
    if (bereq.retries < 2 && (bereq.method == "GET" || bereq.method == "HEAD")) {
        return (retry);
    }
}
