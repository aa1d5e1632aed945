# The parameters that the pages of each part of the site read. APIs check their own; the others leave the cache key, so that an
# invented parameter is no other page. `tests/deploy/test_parameters.py` compares the names with the forms of the site.

sub drop_parameters {
    if (req.url !~ "\?" || req.url ~ "^/(api|users|nominations|report-a-problem|sponsors/application|_util)(/|$)") {
        return;
    }
    if (req.url ~ "^/search/") {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(q|type|page)(=|&|$))[^&]*(&|$)", "");
    } elsif (req.url ~ "^/jobs/") {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(q|category|type|country|location|remote|salary|page)(=|&|$))[^&]*(&|$)", "");
    } elsif (req.url ~ "^/events/") {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(q|calendar|country|since|until|online|page)(=|&|$))[^&]*(&|$)", "");
    } elsif (req.url ~ "^/downloads/") {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(series|os|q|version|page)(=|&|$))[^&]*(&|$)", "");
    } elsif (req.url ~ "^/psf/") {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(q|year|result|body|page)(=|&|$))[^&]*(&|$)", "");
    } elsif (req.url ~ "^/blogs/") {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(source|page)(=|&|$))[^&]*(&|$)", "");
    } else {
        set req.url = regsuball(req.url, "(?<=[?&])(?!(page)(=|&|$))[^&]*(&|$)", "");
    }
}
