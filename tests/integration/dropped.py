"""Documents put into a folder and loaded from there without a scheduler."""

import os
import time
from pathlib import Path

from loaders import pipeline
from loaders.settings import Settings
from sample_city.workbook import DATE_STYLES, Form, render_form

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


def put(settings: Settings, name: str, content: bytes) -> None:
    path = Path(settings.connection("social_work_sftp").removeprefix("file://")) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))


def load(report: str, settings: Settings) -> None:
    for batch in pipeline.extract(report, settings):
        pipeline.load_batch(report, batch, settings)
