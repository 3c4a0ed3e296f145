"""Backup and restore: the warehouse at one point in time, the landed files behind it, and the deployment.

objects/ab/cd/abcd…                  landed bytes under their SHA-256, written once for all backups
records/arrivals/2026-11/….json      the landing's records, written once for all backups
backups/20261130T010203Z/            one backup; it counts once `manifest.json` is there, which is written last
    ledger.dump, figures.dump        the schemas of the loader and those of dbt, from one snapshot
    landing.txt                      the landed files and records that belong to it
    deployment.tar.gz                contracts, models and seeds
    manifest.json                    times, versions, sizes and hashes of all of this

The key of personal numbers is not part of a backup; its fingerprint is, so that a restore with another key is refused.
"""
