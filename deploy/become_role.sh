#!/usr/bin/env bash
# Amazon's tools find a token of this very run, good for minutes, and the role that it may become: no key is kept anywhere.
set -euo pipefail
: "${AWS_ROLE_ARN:?Set the variable AWS_ROLE_ARN of this environment.}"
: "${ACTIONS_ID_TOKEN_REQUEST_URL:?This job lacks the permission id-token: write.}"
file="${RUNNER_TEMP:-/tmp}/token"
curl --silent --show-error --fail --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
    "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["value"], end="")' >"$file"
echo "AWS_WEB_IDENTITY_TOKEN_FILE=$file" >>"$GITHUB_ENV"
