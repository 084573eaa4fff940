"""`composite/graph`: several composite requests in one, each of them done wholly or not at all [D]."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from mock_crm.core.http import Request, Response, json_response
from mock_crm.core.routing import Route
from mock_crm.salesforce import errors
from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.routes.rest.composite import (
    Subrequest,
    check_references,
    halted,
    references,
    run_one,
)

_SINCE = 50
_MAX_GRAPHS = 75
_MAX_NODES = 500
_MAX_FAILURES = 14
_GRAPH_ID = re.compile(r"[A-Za-z0-9][^.]{0,39}")
_NODE = re.compile(r"/services/data/v\d\d\.0/sobjects/[^?]+")


class _Graph(msgspec.Struct, rename="camel"):
    graph_id: str
    composite_request: list[Subrequest]


class _Graphs(msgspec.Struct):
    graphs: list[_Graph]


class _UndoneError(Exception):
    """Undoes the transaction of one graph; never leaves this module."""


def routes() -> list[Route[SalesforceContext]]:
    return [Route("POST", "/services/data/{version}/composite/graph", graphs)]


def graphs(request: Request, org: SalesforceContext) -> Response:
    """Run the graphs in order; 200, whatever becomes of each."""
    body: _Graphs = request.json(_Graphs)
    _check(body.graphs)
    answers: list[dict[str, Any]] = []
    failures = 0
    for graph in body.graphs:
        if failures > _MAX_FAILURES:
            results = [halted(node.reference_id) for node in graph.composite_request]
        else:
            results = _run(request, org, graph)
        is_successful = all(result["httpStatusCode"] < 400 for result in results)
        failures += not is_successful
        answers.append(
            {
                "graphId": graph.graph_id,
                "graphResponse": {"compositeResponse": results},
                "isSuccessful": is_successful,
            }
        )
    return json_response({"graphs": answers})


def _check(asked: list[_Graph]) -> None:
    if not 0 < len(asked) <= _MAX_GRAPHS:
        raise errors.composite_input(f"Provide 1 to {_MAX_GRAPHS} graphs")
    nodes = [node for graph in asked for node in graph.composite_request]
    if len(nodes) > _MAX_NODES:
        raise errors.composite_input(f"Cannot have more than {_MAX_NODES} nodes")
    for node in nodes:
        if not _NODE.match(node.url):
            raise errors.composite_input(f"Unsupported URL in a composite graph: {node.url}")
    names = [graph.graph_id for graph in asked]
    if len(set(names)) < len(names):
        raise errors.composite_input("Duplicate graphId provided")
    for graph in asked:
        if not _GRAPH_ID.fullmatch(graph.graph_id):
            raise errors.composite_input(f"Invalid graphId: {graph.graph_id}")
        if not graph.composite_request:
            raise errors.composite_input("At least one subrequest is required")
        check_references(graph.composite_request, _SINCE)


def _run(request: Request, org: SalesforceContext, graph: _Graph) -> list[dict[str, Any]]:
    """The answers of one graph's nodes, in the order in which it lists them."""
    answers: dict[str, Any] = {}
    results: dict[str, dict[str, Any]] = {}
    try:
        with org.store.transaction():
            for position, node in _in_order(graph.composite_request):
                result = results[node.reference_id] = run_one(org, request, node, position, answers)
                if result["httpStatusCode"] >= 400:
                    raise _UndoneError
                answers[node.reference_id] = result["body"]
    except _UndoneError:
        failed = {name: result for name, result in results.items() if result["httpStatusCode"] >= 400}
        return [failed.get(n.reference_id, halted(n.reference_id)) for n in graph.composite_request]
    return [results[node.reference_id] for node in graph.composite_request]


def _in_order(nodes: list[Subrequest]) -> Iterator[tuple[int, Subrequest]]:
    """The nodes with their places, those that others refer to first; a circle is left as it stands."""
    waiting = dict(enumerate(nodes, 1))
    while waiting:
        open_names = {node.reference_id for node in waiting.values()}
        ready = (
            at for at, node in waiting.items() if not references(node) & (open_names - {node.reference_id})
        )
        at = next(ready, min(waiting))
        yield at, waiting.pop(at)
