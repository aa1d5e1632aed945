#!/usr/bin/env bash
# Push a local image under all its names, to ECR or to Docker Hub, as $REGISTRY says.
set -euo pipefail
: "${REGISTRY:?Set REGISTRY to the name of the image with its registry.}"
case "$REGISTRY" in
*.dkr.ecr.*.amazonaws.com/*)
    aws ecr get-login-password | docker login --username AWS --password-stdin "${REGISTRY%%/*}"
    ;;
*)
    docker login --username "${DOCKERHUB_USER:?}" --password-stdin <<<"${DOCKERHUB_TOKEN:?}"
    ;;
esac
python3 deploy/release.py tags "$REGISTRY" "$GITHUB_SHA" ${VERSION:+"$VERSION"} | while read -r name; do
    # The repository takes no name twice; one that is there already is this very commit.
    docker tag "$1" "$name"
    docker push "$name"
done
