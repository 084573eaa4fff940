"""Which route a path leads to."""

from __future__ import annotations

import pytest

from mock_crm.core.http import Request, Response, split_path
from mock_crm.core.routing import Route, Router


def handler(request: Request, org: object) -> Response:
    return Response()


@pytest.fixture
def router() -> Router[object]:
    patterns = ["/s/{object}", "/s/{object}/describe", "/s/{object}/{id}", "/s/{object}/{field}/{value...}"]
    return Router(Route("GET", pattern, handler) for pattern in patterns)


@pytest.mark.parametrize(
    ("path", "pattern", "params"),
    [
        ("/s/A", "/s/{object}", {"object": "A"}),
        ("/s/A/", "/s/{object}", {"object": "A"}),
        ("/s/A/describe", "/s/{object}/describe", {"object": "A"}),
        ("/s/A/1", "/s/{object}/{id}", {"object": "A", "id": "1"}),
        ("/s/A/E/a%2Fb", "/s/{object}/{field}/{value...}", {"object": "A", "field": "E", "value": "a/b"}),
        ("/s/A/E/a/b", "/s/{object}/{field}/{value...}", {"object": "A", "field": "E", "value": "a/b"}),
    ],
)
def test_literal_segments_win_and_the_rest_may_hold_slashes(
    router: Router[object], path: str, pattern: str, params: dict[str, str]
) -> None:
    found = router.find("GET", split_path(path))
    assert found is not None
    assert (found[0].pattern, found[1]) == (pattern, params)


def test_unknown_paths_have_no_methods(router: Router[object]) -> None:
    assert router.find("POST", ["s", "A"]) is None
    assert router.allowed(["s", "A"]) == ["GET"]
    assert router.allowed(["x"]) == []
