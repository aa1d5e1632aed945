#!/bin/sh
# Varnish with a line of JSON for each request, whose id the site and its workers log too.
varnishncsa -t off -F '{"time": "%{%Y-%m-%dT%H:%M:%SZ}t", "logger": "varnish", "request_id": "%{VCL_Log:request_id}x", "method": "%m", "path": "%U", "status": %s, "seconds": %{Varnish:time_firstbyte}x, "cache": "%{Varnish:handling}x"}' &
exec varnishd -F -p http_gzip_support=off -f /etc/varnish/default.vcl -a :80 -s "malloc,${VARNISH_SIZE:-128m}"
