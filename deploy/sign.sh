#!/usr/bin/env bash
# Sign an image by its digest, or check that this workflow has signed it, with the identity of this very run: there is no key.
#
#     bash deploy/sign.sh sign "$IMAGE"
#     bash deploy/sign.sh verify "$IMAGE"
set -euo pipefail
: "${COSIGN_IMAGE:?Set the variable COSIGN_IMAGE to the image of cosign, by digest.}"
[[ "$2" == *@sha256:* ]] || { echo "Name the image by its digest: $2" >&2; exit 1; }
case "$1" in
sign) options=(--yes) ;;
verify)
    options=(
        --certificate-oidc-issuer https://token.actions.githubusercontent.com
        --certificate-identity "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/.github/workflows/release.yml@refs/heads/main"
    )
    ;;
*) echo "$1 is neither sign nor verify." >&2; exit 1 ;;
esac
docker run --rm --volume "$HOME/.docker:/registry:ro" --env DOCKER_CONFIG=/registry \
    --env ACTIONS_ID_TOKEN_REQUEST_URL --env ACTIONS_ID_TOKEN_REQUEST_TOKEN "$COSIGN_IMAGE" "$1" "${options[@]}" "$2"
