# Snippet of type "error": the site did not answer. An old copy is better than none.

if (obj.status >= 500 && obj.status < 600 && stale.exists) {
    return(deliver_stale);
}
