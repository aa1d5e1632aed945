# Snippet of type "hash": the scheme is part of the cache key.

set req.hash += req.http.X-Forwarded-Proto;
