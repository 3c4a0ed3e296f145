#!/bin/sh
# Runs once, when the database server starts with an empty volume: two databases, and a role for each who works with them.
# The schemas and grants inside the warehouse are made by `huimin migrate` (service warehouse-init), now and after each upgrade.
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v airflow="$AIRFLOW_DB_PASSWORD" -v loader="$HUIMIN_LOADER_PASSWORD" \
    -v transformer="$HUIMIN_TRANSFORMER_PASSWORD" -v reader="$HUIMIN_READER_PASSWORD" <<'SQL'
create role airflow login password :'airflow';
create role huimin_loader login password :'loader';
create role huimin_transformer login password :'transformer';
create role bi_reader login password :'reader';
create database airflow owner airflow;
create database warehouse;
revoke all on database airflow from public;
revoke connect on database postgres, template1 from public;
SQL
