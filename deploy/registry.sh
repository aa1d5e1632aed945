#!/usr/bin/env bash
# Sign in to the registry of the image, ECR or Docker Hub, as $REGISTRY says.
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
