"""SQL lives in sql/, each query has a caller, and no value is ever spliced into one."""

import ast
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from psycopg import _queries

from ingest.database import Queries

HERE = Path(__file__).parent.parent.parent
CODE = [*sorted((HERE / "bot").rglob("*.py")), *sorted((HERE / "ingest").rglob("*.py"))]
STRINGS = {
    node.value
    for file in CODE
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}


@pytest.mark.parametrize("name", sorted(Queries.load()))
def test_every_query_has_a_caller(name: str) -> None:
    assert name in STRINGS


def test_no_name_is_used_twice() -> None:
    with pytest.raises(ValueError, match=r"b\.sql: the query one is named twice"):
        Queries({"a.sql": "-- name: one\nSELECT 1", "b.sql": "-- name: one\nSELECT 2"})


def test_nothing_stands_before_the_first_name_but_comments() -> None:
    for file in resources.files("sql").iterdir():
        if file.name.endswith(".sql"):
            head = file.read_text(encoding="utf-8").split("-- name:")[0]
            assert all(line.startswith("--") or not line for line in head.splitlines()), file.name


def test_a_query_ends_where_the_next_begins() -> None:
    queries = Queries({"a.sql": "-- About.\n\n-- name: one\nSELECT 1\n\n-- name: two\nSELECT 2\n"})
    assert dict(queries) == {"one": "SELECT 1", "two": "SELECT 2"}


def test_what_is_not_a_parameter_belongs_to_a_vector_index() -> None:
    for name, query in Queries.load().items():
        braces = set(re.findall(r"(?<!\{)\{(\w+)\}(?!\})", query))
        allowed = {"space", "dimensions", "filtered", "index"} if "vector" in query else set()
        assert braces <= allowed, name


def _executions() -> Iterator[tuple[str, ast.expr]]:
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("execute", "executemany", "copy", "SQL")
                and node.args
            ):
                yield f"{file.relative_to(HERE)}:{node.lineno}", node.args[0]


def test_no_sql_is_put_together_in_python() -> None:
    found = list(_executions())
    assert found
    for place, query in found:
        assert not isinstance(query, ast.JoinedStr | ast.BinOp), f"{place}: an f-string or a sum"
        if isinstance(query, ast.Call) and isinstance(query.func, ast.Attribute):
            # psycopg's own composition quotes what it takes in; a string's methods do not.
            composed = ast.unparse(query.func.value).startswith("sql.SQL(")
            spliced = query.func.attr in ("format", "join", "replace", "substitute")
            assert composed or not spliced, f"{place}: put together"


def test_the_query_that_writes_an_article_is_parsed_once() -> None:
    # Longer ones psycopg reads anew each time (MAX_CACHED_STATEMENT_LENGTH in its _queries.py).
    assert len(Queries.load()["write_article"]) <= _queries.MAX_CACHED_STATEMENT_LENGTH
