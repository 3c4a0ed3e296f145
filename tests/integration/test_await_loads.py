"""A build waits for documents that are being loaded, and not for those whose load has died."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from loaders import pipeline
from loaders.settings import Settings
from tests.support.warehouse.file_drop import load, put, station_form

pytestmark = pytest.mark.integration


def test_nothing_waits_when_all_is_loaded(settings: Settings) -> None:
    put(settings, "station/2023-05/441302_名册.xlsx", station_form())
    load("station", settings)
    began = time.monotonic()
    assert pipeline.await_loads(settings) == 0
    assert time.monotonic() - began < 5


def test_a_document_that_does_not_move_is_given_up(settings: Settings) -> None:
    put(settings, "station/2023-05/441302_名册.xlsx", station_form())
    assert pipeline.extract("station", settings)
    assert pipeline.await_loads(settings, quiet_seconds=2) == 1


def test_a_document_that_was_left_behind_long_ago_delays_nothing(settings: Settings, warehouse_url: str) -> None:
    put(settings, "station/2023-05/441302_名册.xlsx", station_form())
    assert pipeline.extract("station", settings)
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("update ops.submission set landed_at = landed_at - interval '1 hour'")
    began = time.monotonic()
    assert pipeline.await_loads(settings, quiet_seconds=60) == 1
    assert time.monotonic() - began < 20


def test_a_load_under_way_is_waited_for(settings: Settings) -> None:
    put(settings, "station/2023-05/441302_名册.xlsx", station_form())
    (batch,) = pipeline.extract("station", settings)
    with ThreadPoolExecutor() as pool:
        loading = pool.submit(pipeline.load_batch, "station", batch, settings)
        assert pipeline.await_loads(settings, quiet_seconds=60) == 0
        assert loading.result() == {"accepted": 1}
