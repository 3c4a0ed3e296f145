"""Prometheus's own promtool reads the rules, the board's queries and our output; alarms fire when they should and not before.

Needs Debian's `prometheus`.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.monitoring.metrics import MetricSources, metrics_text
from loaders.warehouse.connection import connect
from tests.support.debian_packages import PROMETHEUS, require_packages
from tests.unit.test_monitoring_files import BOARD, RULES, expressions, rules

pytestmark = pytest.mark.system
UP = {"series": "huimin_warehouse_up", "values": "1x4000"}
CURRENT = {"series": "huimin_migrations_current", "values": "1x4000"}
# Each scenario: the alarm, the series (one value a minute), and the minute at which it must fire; at `quiet` it must not yet.
SCENARIOS: dict[str, dict[str, Any]] = {
    "HuiminMetricsMissing": {"series": {}, "fires": 11, "quiet": 5, "alone": True},
    "HuiminWarehouseDown": {"series": {"huimin_warehouse_up": "0x60"}, "fires": 5, "quiet": 1, "alone": True},
    "HuiminMigrationsMissing": {"series": {"huimin_migrations_current": "0x60"}, "fires": 15, "quiet": 5},
    "HuiminWatchSilent": {"series": {"huimin_last_watch_timestamp_seconds": "0x120"}, "fires": 50, "quiet": 20},
    "HuiminDiskAlmostFull": {
        "series": {"huimin_disk_free_bytes": "5e9x60", "huimin_disk_size_bytes": "1e12x60"},
        "fires": 10,
        "quiet": 2,
    },
    "HuiminSourceSilent": {
        "series": {
            'huimin_pull_due_timestamp_seconds{report="home_visit",source="drop"}': "600x200",
            'huimin_last_pull_timestamp_seconds{report="home_visit",source="drop"}': "60x200",
        },
        "fires": 100,
        "quiet": 60,
    },
    "HuiminBuildFailing": {"series": {"huimin_builds_since_last_good": "2x120"}, "fires": 40, "quiet": 20},
    "HuiminRowsUnaccounted": {"series": {'huimin_unaccounted_rows{report="home_visit"}': "0x10 3x60"}, "fires": 20, "quiet": 5},
    "HuiminOutboxStuck": {"series": {"huimin_outbox_oldest_message_timestamp_seconds": "0x300"}, "fires": 140, "quiet": 100},
    "HuiminOutboxServerFailing": {"series": {'huimin_outbox_failing_servers{channel="mail"}': "1x120"}, "fires": 70, "quiet": 30},
    "HuiminMessagesDead": {"series": {"huimin_outbox_dead_messages": "0x60 4x30"}, "fires": 65, "quiet": 50},
    "HuiminBuildSlow": {"series": {"huimin_last_build_seconds": "60x10 2000x60"}, "fires": 20, "quiet": 5},
}


def promtool(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    require_packages(PROMETHEUS)
    return subprocess.run(["promtool", *words], input=stdin, capture_output=True, text=True, timeout=120, check=False)


def test_the_rules_are_read() -> None:
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


def test_every_query_of_the_board_is_promql(tmp_path: Path) -> None:
    queries = list(expressions(json.loads(BOARD.read_text(encoding="utf-8"))))
    recorded = [{"record": f"board:{number}", "expr": text} for number, text in enumerate(queries)]
    file = tmp_path / "board.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": recorded}]}), encoding="utf-8")
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0 and f"{len(queries)} rules found" in done.stdout, done.stdout + done.stderr


def test_the_output_has_prometheus_own_form(tmp_path: Path) -> None:
    sources = MetricSources(lambda: connect("postgresql://nobody@127.0.0.1:9/none"), dict, tmp_path)
    done = promtool("check", "metrics", stdin=metrics_text(sources)[0].decode())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", SCENARIOS)
def test_an_alarm_fires_when_it_should_and_not_before(alert: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[alert]
    given = [] if scenario.get("alone") else [UP, *([CURRENT] if alert != "HuiminMigrationsMissing" else [])]
    series = [*given, *({"series": name, "values": values} for name, values in scenario["series"].items())]
    rule = next(one for one in rules() if one["alert"] == alert)
    # Only whether it fires, so that its words may be changed.
    text = RULES.read_text(encoding="utf-8")
    only = tmp_path / "rule.yml"
    only.write_text(
        yaml.safe_dump(
            {"groups": [{"name": "one", "rules": [{name: rule[name] for name in ("alert", "expr", "for") if name in rule}]}]}
        ),
        encoding="utf-8",
    )
    assert f"alert: {alert}" in text
    labels = dict(re.findall(r'(\w+)="([^"]*)"', next(iter(scenario["series"]), "")))
    tests = [
        {"eval_time": f"{scenario['quiet']}m", "alertname": alert, "exp_alerts": []},
        {"eval_time": f"{scenario['fires']}m", "alertname": alert, "exp_alerts": [{"exp_labels": labels}]},
    ]
    file = tmp_path / "tests.yml"
    content = {
        "rule_files": [str(only)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": tests}],
    }
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    done = promtool("test", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
