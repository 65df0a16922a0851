#!/bin/sh
# Run once by the database's own image, on an empty data folder: the owner of the tables, and the role of the services, which
# `kept migrate` then gives the rights it needs and no others.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
     --set=owner_password="$KEPT_OWNER_PASSWORD" --set=service_password="$KEPT_SERVICE_PASSWORD" <<'SQL'
create role kept_owner login password :'owner_password';
create role kept_service login password :'service_password';
create database kept owner kept_owner;
SQL
