#!/usr/bin/env bash
# Push an image under all its names, to ECR or to Docker Hub, as $REGISTRY says, and hand its name by digest to the next step.
#
#     bash deploy/push.sh pydotorg:scanned         # a local image: the commit $GITHUB_SHA, and $VERSION if it is set
#     bash deploy/push.sh "$REGISTRY@sha256:…"     # an image that is there already gets the names of $VERSION
set -euo pipefail
: "${REGISTRY:?Set REGISTRY to the name of the image with its registry.}"
commit=$GITHUB_SHA
if [[ "$1" == *@sha256:* ]]; then
    docker pull "$1"
    commit=
fi
names=$(python3 deploy/release.py tags "$REGISTRY" "$commit" ${VERSION:+"$VERSION"})
for name in $names; do
    # The repository takes no name twice; one that is there already is this very commit.
    docker tag "$1" "$name"
    docker push "$name"
done
image=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" | grep --max-count=1 --fixed-strings "$REGISTRY@sha256:")
echo "image=$image" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
