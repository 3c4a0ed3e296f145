"""The values for Airflow's chart: keys that the chart has, settings that Airflow has, and to each component only its secrets.

The chart is in no registry that the tests reach. The schema below has the keys of its `values.yaml` that ours uses, as its
documentation names them; everything else is refused, so that a key that is misspelled is found.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from loaders.contract import load_reports
from tests.support.compose_file import ROOT

PATH = ROOT / "docker" / "helm" / "values.yaml"
IS_SECRET = re.compile(r"URL|KEY|CONN|MAIL|PASSWORD|SECRET|TOKEN")
FLAG, NUMBER, TEXT = {"type": "boolean"}, {"type": "integer"}, {"type": "string"}
OPTIONAL_TEXT = {"type": ["string", "null"]}


def strict(**properties: object) -> dict[str, object]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


ENABLED = strict(enabled=FLAG)
SECRET_KEY = strict(secretKeyRef={**strict(name=TEXT, key=TEXT), "required": ["name", "key"]})
ENV = {
    "type": "array",
    "items": {
        **strict(name=TEXT, value=TEXT, valueFrom=SECRET_KEY),
        "oneOf": [{"required": ["name", "value"]}, {"required": ["name", "valueFrom"]}],
    },
}
QUANTITIES = strict(cpu=TEXT, memory=TEXT)
SCHEMA = strict(
    executor={"enum": ["KubernetesExecutor"]},
    airflowVersion=TEXT,
    airflowHome=TEXT,
    uid=NUMBER,
    gid=NUMBER,
    images=strict(
        airflow=strict(repository=TEXT, tag=TEXT, digest=OPTIONAL_TEXT, pullPolicy={"enum": ["Always", "IfNotPresent", "Never"]})
    ),
    postgresql=ENABLED,
    redis=ENABLED,
    statsd=ENABLED,
    flower=ENABLED,
    data=strict(metadataSecretName=TEXT),
    fernetKeySecretName=TEXT,
    apiSecretKeySecretName=TEXT,
    jwtSecretName=TEXT,
    env=ENV,
    config={"type": "object", "additionalProperties": {"type": "object"}},
    dags=strict(persistence=ENABLED, gitSync=ENABLED),
    logs=strict(persistence=ENABLED),
    workers=strict(
        env=ENV,
        resources=strict(requests=QUANTITIES, limits=QUANTITIES),
        extraVolumes={"type": "array", "items": strict(name=TEXT, emptyDir=strict(sizeLimit=TEXT))},
        extraVolumeMounts={"type": "array", "items": strict(name=TEXT, mountPath=TEXT)},
        persistence=ENABLED,
        terminationGracePeriodSeconds=NUMBER,
    ),
    scheduler=strict(replicas=NUMBER, env=ENV),
    dagProcessor=strict(enabled=FLAG, replicas=NUMBER, env=ENV),
    triggerer=strict(enabled=FLAG, replicas=NUMBER, persistence=ENABLED, env=ENV),
    apiServer=strict(replicas=NUMBER, env=ENV),
    migrateDatabaseJob=ENABLED,
    createUserJob=ENABLED,
)
MESSAGES = {"huimin-loader", "huimin-mail"}
ALLOWED = {
    "workers": MESSAGES | {"huimin-transformer", "huimin-pii-key", "huimin-sources", "huimin-landing", "huimin-logs"},
    "scheduler": {"huimin-logs"},
    "dagProcessor": MESSAGES,
    "triggerer": MESSAGES,
    "apiServer": {"huimin-loader", "huimin-transformer", "huimin-landing", "huimin-logs"},
}


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return found


def test_each_key_is_one_of_the_chart(values: dict[str, Any]) -> None:
    jsonschema.validate(values, SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"scheduler": {"extraEnvs": []}},
        {"workers": {"env": [{"name": "X"}]}},
        {"executor": "LocalExecutor"},
        {"fernetKey": "in-clear"},
        {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s"}}}]},
    ],
)
def test_a_key_that_is_none_is_found(values: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values | change, SCHEMA)


def test_no_component_has_a_secret_that_it_does_not_need(values: dict[str, Any]) -> None:
    found = {
        name: {one["valueFrom"]["secretKeyRef"]["name"] for one in values[name]["env"] if "valueFrom" in one} for name in ALLOWED
    }
    assert found == ALLOWED
    assert not [one for one in values["env"] if "valueFrom" in one], "what all have is no secret"
    written = [one for name in ALLOWED for one in values[name]["env"] if IS_SECRET.search(one["name"]) and "value" in one]
    assert written == []
    assert not re.search(r"://[^\s/]*:[^\s/]*@", PATH.read_text(encoding="utf-8")), "no password in the file"


def test_tasks_have_the_connection_of_every_report(values: dict[str, Any]) -> None:
    reports = load_reports(ROOT / "expectations").values()
    wanted = {report.source.connection for report in reports if report.retired is None}
    wanted |= {report.format.password for report in reports if getattr(report.format, "password", None)}
    names = {one["name"] for one in values["workers"]["env"]}
    assert {f"AIRFLOW_CONN_{name.upper()}" for name in wanted} <= names


def test_each_setting_is_one_of_the_installed_airflow(values: dict[str, Any]) -> None:
    known = {(section, option) for section, option in _options()}
    used = {(section, option) for section, options in values["config"].items() for option in options}
    assert used - known == set()


def _options() -> Iterator[tuple[str, str]]:
    spec = importlib.util.find_spec("airflow")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(next(iter(spec.submodule_search_locations)))
    core = yaml.safe_load((folder / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    from airflow.providers.cncf.kubernetes.get_provider_info import get_provider_info

    for sections in (core, get_provider_info()["config"]):
        for section, content in sections.items():
            yield from ((section, option) for option in content["options"])


def test_both_pages_name_all_secrets() -> None:
    names = set(re.findall(r"secretKeyRef: \{name: ([a-z-]+)", PATH.read_text(encoding="utf-8")))
    names |= {"huimin-airflow-database", "huimin-airflow-keys"}
    for page in ("machines.md", "machines.zh-CN.md"):
        text = (ROOT / "docs" / "operations" / page).read_text(encoding="utf-8")
        assert {name for name in names if f"`{name}`" not in text} == set()
