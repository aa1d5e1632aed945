# Snippet of type "deliver".

if (fastly_info.state ~ "^HIT") {
    set resp.http.X-Cache = "HIT";
} else {
    set resp.http.X-Cache = "MISS";
}
