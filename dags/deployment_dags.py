"""The product's DAGs for a deployment that is an Airflow DAG bundle of its own, such as a git repository. Defines none by itself.

A file of the bundle calls these functions with the deployment's folder (`huimin init` writes it); this folder is on PYTHONPATH.
Airflow checks each version of a bundle out to another path, so the path cannot be a variable of the environment: the process that
reads the file, to list DAGs or to run one of their tasks, sets it for itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loaders.settings import use_deployment


def define_dags(deployment: Path) -> dict[str, Any]:
    """Returns the DAGs of a deployment by their ids.

    Raises:
        DeploymentError: the folder has no `deployment.yml`, or it is wrong.
    """
    use_deployment(deployment)
    # Only now: these modules read the deployment's contracts when they are imported.
    import build_indicators
    import chase_reports
    import check_contracts
    import clean_up
    import load_reports
    import publish_release
    import send_outbox

    found = [build_indicators.build_indicators_dag, check_contracts.check_contracts_dag, *publish_release.RELEASE_DAGS.values()]
    found += [chase_reports.chase_reports_dag, send_outbox.send_outbox_dag, clean_up.clean_up_dag]
    found += load_reports.LOAD_DAGS.values()
    return {dag.dag_id: dag for dag in found}


def raise_contract_errors(deployment: Path) -> None:
    """Raises what is wrong with the contracts of a deployment, for Airflow's list of import errors.

    Raises:
        ContractError: some contracts are wrong; DAGs of the others are defined by another file.
    """
    use_deployment(deployment)
    import contract_errors  # noqa: F401 - it raises when it is imported
