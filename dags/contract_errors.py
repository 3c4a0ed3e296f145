"""Says in Airflow's list of import errors what is wrong with which contract. Defines no DAG of its own.

A file of its own, because Airflow takes all DAGs of a file away that has an error: those of the sound contracts stand in
`load_reports.py`, which leaves the faulty ones out. `check_contracts.py` mails the same to the data engineers.
"""

from __future__ import annotations

from loaders.contract import ContractError, load_contracts
from loaders.contract.release_rules import load_release_rules
from loaders.settings import expectations_from_environment, release_rules_from_environment

CONTRACT_ERRORS = load_contracts(expectations_from_environment()).errors
if CONTRACT_ERRORS:
    raise ContractError("nothing is loaded of these reports; all others go on\n" + "\n".join(map(str, CONTRACT_ERRORS)))
# Wrong rules of releases stop the DAG `publish_release` alone.
load_release_rules(release_rules_from_environment())
