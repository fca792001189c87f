#!/usr/bin/env bash
# Is docker-compose.yml accepted? By docker's plugin, or else by Debian's docker-compose, which root
# may install here. With neither the check fails: one that is left out looks like one that passed.
set -euo pipefail
cd "$(dirname "$0")/.."

install_compose() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    # The lists of packages may be missing, so a first attempt may fail.
    apt-get install -qq -y --no-install-recommends docker-compose >&2 \
        || { apt-get update -qq >&2 && apt-get install -qq -y --no-install-recommends docker-compose >&2; }
}

if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif command -v docker-compose >/dev/null || install_compose; then
    compose=(docker-compose)
else
    echo "Cannot check docker-compose.yml: install docker's compose plugin, or: apt-get install docker-compose" >&2
    exit 1
fi

# A .env of this machine must not decide.
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT
printf '%s=x\n' SECRET_KEY FIELD_ENCRYPTION_KEYS POSTGRES_PASSWORD ALLOWED_HOSTS >"$settings"
"${compose[@]}" --env-file "$settings" config --quiet
echo "docker-compose.yml is accepted by ${compose[*]}"
