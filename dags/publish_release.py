"""Asks a person whether the values of a period are published, and freezes them with the answer. Started by hand.

prepare → decide (waits for a person) → freeze, when approved; or return_to_owner.

Airflow deletes its record of an answer with the run (`airflow db clean`), so `freeze` and `return_to_owner` copy it into the
warehouse.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import BaseNotifier, Context, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from dag_texts import links_to
from task_settings import notify_operators, settings_with_connections

from loaders.contract.release_rules import ReleaseRules, ReleaseRulesError, load_release_rules
from loaders.settings import release_rules_from_environment

PUBLISH, RETURN = "批准发布", "退回"
ANSWER = "answer"
RETRY = {"retries": 2, "retry_delay": dt.timedelta(seconds=30)}
PERIOD = Param(
    None, type=["null", "string"], description="期间，如 2023-12、2023Q4、2023；留空为上一个完整的月。Empty: the last whole month"
)
WORDS = Param("", type="string", title="意见", description="随数值一并冻结。The words that are frozen with the values")

DOC = """\
编制一个期间的数值，等待批准人决定；批准后冻结为一次发布，退回的写明意见。由人手动启动。

Drafts the values of a period and waits for the decision of an approver: freezes them as a release, or returns them with words.

{links}
"""
DAG_ARGUMENTS: dict[str, Any] = {
    "dag_id": "publish_release",
    "dag_display_name": "发布指标",
    "doc_md": DOC.format(links=links_to("releases", "figures")),
    "description": "发布指标：编制、批准、冻结 / publish the values of a period after a person approved them",
    "schedule": None,
    "catchup": False,
    "max_active_runs": 1,
    "tags": ["层：发布"],
    "params": {"period": PERIOD},
    "default_args": {"owner": "data engineers", "on_failure_callback": notify_operators, **RETRY},
}


class ApproverMail(BaseNotifier):
    """Mails the approvers that a decision waits, with the link to it."""

    def notify(self, context: Context) -> None:
        """Sends the mail. What the mail server does not take waits for the next run; the request stands in Airflow anyway."""
        from loaders import pipeline
        from loaders.operations.releases import notify_approvers

        settings = settings_with_connections()
        link = HITLBranchOperator.generate_link_to_ui_from_context(context=context)
        notify_approvers(settings, pipeline.Mailer(settings), _draft_of(context), link)


class DecideOperator(HITLBranchOperator):
    """Shows the draft, waits for the answer of a person, and keeps it for the next task."""

    def execute(self, context: Context) -> Any:
        """Asks with the page of the draft. It is no template: it holds names of files as their senders wrote them."""
        from loaders.operations.releases import draft_page, draft_subject

        settings, draft = settings_with_connections(), _draft_of(context)
        self.subject, self.body = draft_subject(settings, draft), draft_page(settings, draft)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Keeps who answered, when and in which words; without words, the choice is the answer."""
        # First, because a branch ends the task by an exception. An event with an error, such as a timeout, has no answer.
        if "error" not in event:
            user = event["responded_by_user"]
            answer = {
                "by": user["name"],
                "words": (event["params_input"] or {}).get("words", "").strip() or event["chosen_options"][0],
                "at": event["responded_at"].isoformat(),
                "place": f"Airflow: {context['run_id']}, user {user['id']}",
            }
            context["ti"].xcom_push(key=ANSWER, value=answer)
        return super().execute_complete(context, event)

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Fails for good when nobody answered in time: a retry would wait as long again. Other failures ask once more."""
        if event["error_type"] == "timeout":
            raise AirflowFailException("nobody decided in time; the draft is still open: start the DAG again")
        super().process_trigger_event_error(event)


def _draft_of(context: Context) -> int:
    return int(context["ti"].xcom_pull(task_ids="prepare"))


def publish_release_dag(rules: ReleaseRules) -> Any:
    """Builds the DAG by the rules of the deployment."""

    @dag(**DAG_ARGUMENTS)
    def publish_release() -> None:
        @task(task_display_name="编制", execution_timeout=dt.timedelta(minutes=30))
        def prepare() -> int:
            from loaders.operations.releases import prepare_draft

            return prepare_draft(settings_with_connections(), get_current_context()["params"]["period"])

        @task(task_display_name="冻结", execution_timeout=dt.timedelta(minutes=30))
        def freeze() -> None:
            from loaders.operations.releases import record_approval

            _record(record_approval)

        @task(task_display_name="退回", execution_timeout=dt.timedelta(minutes=30))
        def return_to_owner() -> None:
            from loaders.operations.releases import record_return

            _record(record_return)

        decide = DecideOperator(
            task_id="decide",
            task_display_name="批准",
            subject=PUBLISH,
            options=[PUBLISH, RETURN],
            options_mapping={PUBLISH: "freeze", RETURN: "return_to_owner"},
            params={"words": WORDS},
            notifiers=[ApproverMail()],
            assigned_users=[{"id": one.user, "name": one.name} for one in rules.approvers],
            response_timeout=dt.timedelta(days=rules.response_days),
        )
        prepare() >> decide >> [freeze(), return_to_owner()]

    return publish_release()


def _record(record: Any) -> None:
    """Records the answer by a function of the operations. What must not be published fails at once: no retry changes it."""
    from loaders.operations.releases import Answer, CannotBeReleased

    context = get_current_context()
    answer = context["ti"].xcom_pull(task_ids="decide", key=ANSWER)
    answer["at"] = dt.datetime.fromisoformat(answer["at"])
    try:
        record(settings_with_connections(), _draft_of(context), Answer(**answer))
    except CannotBeReleased as error:
        raise AirflowFailException(str(error)) from error


def _release_dags() -> dict[str, Any]:
    """Returns the DAG by its id; none when the rules are wrong, which `contract_errors.py` raises."""
    try:
        return {"publish_release": publish_release_dag(load_release_rules(release_rules_from_environment()))}
    except ReleaseRulesError:
        return {}


RELEASE_DAGS = _release_dags()
globals().update(RELEASE_DAGS)
