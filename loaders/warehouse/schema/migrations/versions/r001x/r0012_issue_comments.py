"""Comments on the tables of issues, messages, checks and quarantined rows, on the views, and on all their columns."""

from __future__ import annotations

from loaders.warehouse.schema.migrations.comments import Relation, write_comments

revision = "r0012"
down_revision = "r0011"

_W = "loaders.warehouse"
_RELATIONS: dict[str, Relation] = {
    "ops.issue": Relation(
        "table",
        "一行＝在一次判定中发现的一个问题。One row per issue found in a submission",
        f"{_W}.issues.issue_log, {_W}.cross_rules.issue_sync",
        {
            "issue_id": "主键。The key",
            "submission_id": "所在的报送。The submission",
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期。The period",
            "sheet": "工作表；涉及整份文件时为空。The sheet; null: the issue concerns the whole document",
            "row_number": "文件中的行号。The number of the row in the document",
            "column_name": "约定中的列名。The column's name in the contract",
            "cell": "单元格地址，如 D7。The address of the cell",
            "rule": "规则代码，见 huimin explain。The code of the rule",
            "severity": "document 整份退回，error 退回该行，warning 仅提示。"
            "document refuses the document, error the row, warning nothing",
            "found": "实际内容，个人信息已脱敏。What was found; personal values are masked",
            "expected": "应有的内容。What was expected",
            "message_zh": "中文说明。The message in Chinese",
            "message_en": "英文说明。The message in English",
            "problem_key": "问题的身份：同一身份只告知一次。The identity of the issue; its owner is notified once",
            "created_at": "发现时间。When it was found",
            "resolved_at": "问题因其他文件的变化而消失的时间。When a change of another document resolved it",
            "cross_rule": "发现该问题的跨报表规则（报表.规则）；为空表示文件本身的问题。"
            "The cross-report rule that found it; null: found in the document itself",
        },
    ),
    "ops.build": Relation(
        "table",
        "一行＝一次完成的指标计算，及其依据的状态。One row per finished build of the indicators",
        f"{_W}.queries.ledger_queries",
        {
            "build_id": "主键。The key",
            "data_fingerprint": "所依据的台账状态的摘要。Fingerprint of the ledger that it was built from",
            "built_at": "完成时间。When it ended",
            "models_fingerprint": "计算完成时模型文件及库中表、视图的摘要；为空表示旧版本未记录。"
            "Fingerprint of the models, as files and in the database; null: an earlier release did not keep it",
        },
    ),
    "ops.notification": Relation(
        "table",
        "一行＝发给报表负责人或数据工程师的一条消息。One row per message to a report owner or an operator",
        f"{_W}.issues.notifications",
        {
            "notification_id": "主键。The key",
            "report": "消息所涉报表；发给数据工程师、不限于一张报表的消息为空。The report; null: a message about several",
            "unit_code": "消息所涉单位；涉及多个单位时为空。The reporting unit; null: several",
            "period": "消息所涉报告期。The period",
            "recipient": "收件人。The recipient",
            "channel": "渠道，如 mail。The channel, such as mail",
            "subject": "标题。The subject",
            "created_at": "登记时间。When it was written into the ledger",
            "sent_at": "送达发送服务器的时间。When the server accepted it",
        },
    ),
    "ops.notified_issue": Relation(
        "table",
        "一行＝一个已告知的问题，不再重复告知。One row per issue of which the owner was notified",
        f"{_W}.issues.notifications",
        {"problem_key": "问题的身份。The identity of the issue", "notification_id": "告知它的消息。The message"},
    ),
    "ops.cross_check": Relation(
        "table",
        "一行＝一次跨报表核对，及其依据的状态。One row per run of the cross-report rules",
        f"{_W}.queries.ledger_queries",
        {
            "check_id": "主键。The key",
            "fingerprint": "所依据的台账与规则的摘要。Fingerprint of the ledger and of the rules",
            "checked_at": "核对时间。When it ended",
        },
    ),
    "ops.cross_rule": Relation(
        "table",
        "一行＝一条跨报表规则，及其上次核对所依据的状态。One row per cross-report rule that was run",
        f"{_W}.cross_rules.fingerprints",
        {
            "cross_rule": "规则（报表.规则）。The rule as report.rule",
            "mark": "上次核对所依据的状态的摘要。Fingerprint of the rule and of the reports that it was last run over",
        },
    ),
    "ops.notice": Relation(
        "table",
        "一行＝一件需告知一次的事（行、文件的问题之外），自出现至消失。"
        "One row per matter besides the issues of documents, from its appearance until it is resolved",
        f"{_W}.issues.notices",
        {
            "notice_id": "主键。The key",
            "topic": "同一次核对所见的一类事项，如 fetch:station。The kind of matter that is found together, e.g. fetch:station",
            "notice_key": "所涉对象，如文件位置。The subject: the location of a document, the name of a file",
            "reason": "原因；原因改变即再次告知。The reason; when it changes, a new notice is sent",
            "message": "告知的文字。The message",
            "created_at": "出现的时间。When it appeared",
            "resolved_at": "消失的时间；再次出现即再次告知。When it was resolved; a reappearance is a new row",
            "notification_id": "告知它的消息；为空表示尚未告知。The message; null: nobody was notified yet",
        },
    ),
    "quarantine.row": Relation(
        "table",
        "一行＝被退回的一行数据，按读到的样子保存，个人信息已脱敏。"
        "One row per quarantined row of a submission, as it was read; personal values are masked",
        f"{_W}.rows.quarantine",
        {
            "submission_id": "所在的报送。The submission",
            "sheet": "工作表。The sheet",
            "row_number": "文件中的行号。The number of the row in the document",
            "record": "读到的内容。The row as it was read",
            "state": "open 待告知，notified 已告知，corrected 已由新文件更正，reloaded 已重新判定，"
            "released 主键已空出、该行已入库，withdrawn 文件已不在来源处。The state; open and notified rows await a correction",
            "key_holder_id": "占用其主键的那一份；为空表示校验未通过。"
            "The submission whose current row has its key; null: the row failed validation",
            "created_at": "退回时间。When the row was quarantined",
        },
    ),
    "ops.alembic_version": Relation(
        "table",
        "一行＝数据库结构的当前版本。One row per head revision of the schema: there is one",
        f"{_W}.schema.migrations",
        {"version_num": "版本号。The revision"},
    ),
    "ops.raw_row_count": Relation(
        "view",
        "一行＝一次判定在各原始表中的行数。One row per submission that has rows in raw, over all raw tables",
        f"{_W}.schema.raw_tables",
        {
            "submission_id": "报送。The submission",
            "rows_count": "计为已入库的行数（含已被替代的）。Rows that count as loaded, superseded ones included",
            "current_rows_count": "当前有效的行数。Rows that are current",
        },
    ),
    "ops.account": Relation(
        "view",
        "一行＝一份文件（报表、内容、单位、报告期）：每一行要么已入库，要么已退回，要么属于表头、合计等非数据行。"
        "One row per landed file, report, unit and period: each of its rows is in raw, in quarantine, or furniture",
        f"{_W}.schema.migrations",
        {
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期。The period",
            "source_uri": "文件在来源处的位置。The location of the document",
            "source_uris": "相同内容的所有位置。All locations of the same bytes",
            "sha256": "文件内容的 SHA-256。The hash of its bytes",
            "state": "状态。The state of the submission that counts",
            "state_reason": "状态的原因。The reason of the state",
            "rows_total": "文件总行数。Rows of the document",
            "rows_loaded": "台账所记已入库行数。Rows in raw by the ledger",
            "rows_quarantined": "台账所记退回行数。Rows in quarantine by the ledger",
            "rows_furniture": "非数据行数。Rows of furniture",
            "raw_rows": "原始表中实有行数。Rows counted in raw",
            "held_rows": "隔离区实有行数；整份退回的文件全部计为退回。Rows counted in quarantine; all rows of a refused document",
            "difference": "三者之外的行数，应为零。Rows that are none of these: always zero",
        },
    ),
    "ops.expected_submission": Relation(
        "view",
        "一行＝一张报表、一个应报单位、一个应报期（从最早到最近一期）。"
        "One row per report, expected unit and period between the first and the last period that any unit sent",
        f"{_W}.schema.migrations",
        {
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期。The period",
            "period_start": "报告期首日。The first day of the period",
        },
    ),
    "ops.missing_submission": Relation(
        "view",
        "一行＝一份从未收到的报表。One row per report, unit and period of which no document arrived",
        f"{_W}.schema.migrations",
        {
            "report": "报表。The report",
            "unit_code": "填报单位代码。The reporting unit",
            "period": "报告期。The period",
            "period_start": "报告期首日。The first day of the period",
        },
    ),
    "ops.reporting_rate": Relation(
        "view",
        "一行＝一张报表的一期：应报、实报、按时上报的单位数。"
        "One row per report and period: how many of the expected units reported, and on time",
        f"{_W}.schema.migrations",
        {
            "report": "报表。The report",
            "period": "报告期。The period",
            "period_start": "报告期首日。The first day of the period",
            "expected_units_count": "应报单位数。Units that are expected to report",
            "received_units_count": "实报单位数。Units that reported",
            "accepted_units_count": "通过的单位数。Units with a document that was not refused",
            "on_time_units_count": "按时上报的单位数。Units that reported on time",
            "reporting_rate_pct": "实报率（%）。received / expected in percent",
            "on_time_rate_pct": "按时上报率（%）。on time / expected in percent",
        },
    ),
}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    write_comments(_RELATIONS)
