#!/bin/sh
# Run once by PostgreSQL's image when it makes the cluster: the account of web and workers. `migrate` makes the other
# roles, but cannot know this one's password.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set password="$LOGIN_PASSWORD" <<'SQL'
CREATE ROLE plumbline_login LOGIN NOINHERIT PASSWORD :'password';
SQL
