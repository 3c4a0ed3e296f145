"""Documents in a folder, loaded without a scheduler."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
from click.testing import Result
from typer.testing import CliRunner

from loaders import pipeline
from loaders.cli import app
from loaders.settings import Settings
from sample_city.documents.workbook import DATE_STYLES, Form, render_form

VISIT_HEADER = "探访编号,探访日期,站点编号,镇（街道）,镇（街道）代码,社工编号,档案编号,服务对象身份证号,探访人次,探访方式,"
VISIT_HEADER += "探访时长（分钟）,志愿者人数,发现问题,转介去向"
STATION_HEADER = ["序号", "站点编号", "站点名称", "站点类型", "上级社工站编号", "县（区）", "镇（街道）", "镇（街道）代码"]
STATION_HEADER += [
    "村（社区）",
    "村（社区）代码",
    "覆盖村（社区）数",
    "启用日期",
    "停用日期",
    "在岗社工数",
    "站长",
    "联系电话",
    "备注",
]
STATION = [1, "SZ44130200100", "桥东街道社工站", "镇街社工站", None, "惠城区", "桥东街道", "441302001"]
STATION += [None, None, 3, "2021-01-05", None, 4, "张三", None, None]


def station_form() -> bytes:
    line = ("填报单位：惠城区", "统计月份：2023年5月", "填报日期：2023年6月3日")
    form = Form("双百社工站点名册", line, STATION_HEADER, [STATION], ("审核人：", "填表人："), DATE_STYLES["441303"])
    return render_form(form)


def put(settings: Settings, name: str, content: bytes, *, hours_ago: float = 48) -> Path:
    """Writes a file into the folder, with a modification time in the past (or, if negative, in the future)."""
    path = Path(settings.connection("social_work_sftp").removeprefix("file://")) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = time.time() - hours_ago * 3600
    os.utime(path, (moment, moment))
    return path


def visits(codes: Iterable[int], *, day: str = "2023-05-04", persons: int = 2) -> bytes:
    """Makes the CSV of a month of home visits."""
    lines = [f"TF{code},{day},S1,桥东街道,441302001,G1,D{code},,{persons},入户,30,0,," for code in codes]
    return "\r\n".join([VISIT_HEADER, *lines, ""]).encode("gb18030")


def query(settings: Settings, text: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Runs a query in the warehouse."""
    with psycopg.connect(settings.warehouse_url) as connection:
        return connection.execute(text, parameters or None).fetchall()


def check_account(settings: Settings) -> None:
    """Checks that each row of each document is counted once."""
    assert query(settings, "select source_uri, difference from ops.account where difference <> 0") == []


def huimin(settings: Settings, *words: str) -> Result:
    """Runs the command line with these settings."""
    own = {f"AIRFLOW_CONN_{name.upper()}": url for name, url in settings.connections.items()} | {
        "HUIMIN_HOME": str(settings.home),
        "HUIMIN_WAREHOUSE_URL": settings.warehouse_url,
        "HUIMIN_PII_KEY": settings.pii_key.decode(),
        "HUIMIN_BATCH_SIZE": str(settings.batch_size),
    }
    if settings.landing_address is not None:
        own["HUIMIN_LANDING"] = str(settings.landing_address)
        own["AIRFLOW_CONN_HUIMIN_LANDING"] = getattr(settings.landing_address, "connection", "")
    others = {name: None for name in os.environ if name.startswith(("HUIMIN_", "AIRFLOW")) and name not in own}
    return CliRunner().invoke(app, words, env=own | others)


def load(report: str, settings: Settings) -> None:
    for batch in pipeline.extract(report, settings):
        pipeline.load_batch(report, batch, settings)
