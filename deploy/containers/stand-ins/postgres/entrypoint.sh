#!/bin/bash
set -e
if [ "$(id -u)" = 0 ]; then
    install --directory --owner=postgres --mode=700 "$PGDATA"
    install --directory --owner=postgres /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s' "$POSTGRES_PASSWORD") --auth-host=scram-sha-256 --encoding=UTF8 "$PGDATA"
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses=''" start
    createdb --username="$POSTGRES_USER" "$POSTGRES_DB" || true
    pg_ctl --wait stop
fi
exec postgres -c "listen_addresses=*" "$@"
