"""What every make of database must do, by PostgreSQL, and by the same server under the version text of KingbaseES."""

from collections.abc import Iterator

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.support.databases.other_system import OtherSystem
from tests.support.databases.postgres import PostgresSystem
from tests.support.databases.source_suite import DatabaseSourceSuite, create_fund, names, source_at

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
    running.start()
    yield running
    running.remove()


class TestPostgreSql(DatabaseSourceSuite):
    @pytest.fixture
    def system(self, server: EmbeddedPostgres) -> OtherSystem:
        system = PostgresSystem(server)
        system.reset()
        return system


VERSION = "KingbaseES V008R006C008B0014 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 4.8.5, 64-bit"


def test_a_server_with_the_version_text_of_kingbase(server: EmbeddedPostgres) -> None:
    """SQLAlchemy's own dialect cannot read that text; the rest of the protocol is PostgreSQL's."""
    system = PostgresSystem(server, scheme="kingbase")
    system.reset()
    create_fund(system)
    version = "create or replace function pg_catalog.version() returns text language sql stable as $$ select '{}' $$"
    system.run(version.format(VERSION))
    with pytest.raises(AssertionError, match="Could not determine version"):
        source_at(system.url().replace("kingbase:", "postgresql:")).pull(None, (), None)
    assert names(source_at(system.url()).pull(None, (), None)) == ["/2023-05", "/2023-06"]
