import os
import random
import signal
import subprocess
import time

import psutil
import pytest

from tests.support.city.city_site import CitySite

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
KILLS = 10
SEED = int(os.environ.get("HUIMIN_FAULT_SEED", "20231231"))


def kill_with_children(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    psutil.wait_procs(children, timeout=10)
    assert not [child for child in children if child.is_running()], "a killed loader leaves its readers running"


def test_a_loader_killed_at_ten_moments_comes_to_the_same_end(
    city_site: CitySite, undisturbed: tuple[str, list[dict[str, object]]]
) -> None:
    fingerprint, accounts = undisturbed
    moments = random.Random(SEED)
    warehouse = city_site.open_warehouse("killed_loader")
    killed = 0
    while killed < KILLS:
        process = warehouse.start_load()
        try:
            process.wait(moments.uniform(0.5, 12.0))
        except subprocess.TimeoutExpired:
            kill_with_children(process)
        killed += 1
        assert warehouse.query("select count(*) from ops.account where difference <> 0") == [(0,)]
    warehouse.load()
    assert warehouse.build_and_fingerprint() == fingerprint, f"seed {SEED}"
    assert warehouse.accounts() == accounts


def test_a_server_killed_under_a_load_comes_to_the_same_end(
    city_site: CitySite, undisturbed: tuple[str, list[dict[str, object]]]
) -> None:
    fingerprint, accounts = undisturbed
    moments = random.Random(SEED)
    warehouse = city_site.open_warehouse("killed_server")
    for _ in range(3):
        process = warehouse.start_load()
        time.sleep(moments.uniform(3.0, 10.0))
        server = city_site.server.process_id()
        assert server is not None
        os.kill(server, signal.SIGKILL)
        process.wait(120)
        city_site.server.start()
    warehouse.load()
    assert warehouse.build_and_fingerprint() == fingerprint
    assert warehouse.accounts() == accounts


def test_two_loads_at_once_come_to_the_same_end(city_site: CitySite, undisturbed: tuple[str, list[dict[str, object]]]) -> None:
    fingerprint, accounts = undisturbed
    warehouse = city_site.open_warehouse("two_at_once")
    both = [warehouse.start_load(), warehouse.start_load()]
    for process in both:
        process.wait(300)
    warehouse.load()
    assert warehouse.build_and_fingerprint() == fingerprint
    assert warehouse.accounts() == accounts


def test_another_order_of_months_comes_to_the_same_end(
    city_site: CitySite, undisturbed: tuple[str, list[dict[str, object]]]
) -> None:
    fingerprint, accounts = undisturbed
    warehouse = city_site.open_warehouse("other_order")
    months = [f"2021-{month:02d}" for month in range(1, 7)]
    random.Random(SEED).shuffle(months)
    for month in months:
        warehouse.load("station", "home_visit", "community_fund", "--period", month)
    for quarter in ("2021Q2", "2021Q1"):
        warehouse.load("town_coverage", "--period", quarter)
    warehouse.load()
    assert warehouse.build_and_fingerprint() == fingerprint
    assert warehouse.accounts() == accounts


def test_everything_loaded_twice_over_changes_nothing(
    city_site: CitySite, undisturbed: tuple[str, list[dict[str, object]]]
) -> None:
    fingerprint, accounts = undisturbed
    warehouse = city_site.open_warehouse("twice")
    warehouse.load()
    warehouse.load("--again")
    warehouse.load("--again")
    assert warehouse.build_and_fingerprint() == fingerprint
    assert warehouse.accounts() == accounts
