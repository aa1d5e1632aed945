#!/bin/sh
# Varnish with a line of JSON for each request, whose id the site and its workers log too.
varnishncsa -t off -F '{"time": "%{%Y-%m-%dT%H:%M:%SZ}t", "logger": "varnish", "request_id": "%{VCL_Log:request_id}x", "method": "%m", "path": "%U", "status": %s, "seconds": %{Varnish:time_firstbyte}x, "cache": "%{Varnish:handling}x"}' &
# Its own limit of 60 seconds for commands can be too short on a busy machine.
exec varnishd -F -p http_gzip_support=off -p cli_timeout=120 -f /etc/varnish/default.vcl -a :80 -s "malloc,${VARNISH_SIZE:-128m}"
