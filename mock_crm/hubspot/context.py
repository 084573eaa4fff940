"""The mock HubSpot account as its endpoints see it: its parts, who may do what, and the frame of answers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mock_crm.core.clock import Clock, epoch_ms
from mock_crm.core.context import OrgContext
from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Rule
from mock_crm.core.http import BodyError, Request, Response, json_response
from mock_crm.core.ids import stable_int
from mock_crm.core.quota import Window
from mock_crm.core.routing import Route, Router
from mock_crm.core.settings import OrgSettings
from mock_crm.hubspot import errors, middleware, responses
from mock_crm.hubspot.associations import Associations
from mock_crm.hubspot.catalogue import object_types
from mock_crm.hubspot.derivation import Derivation
from mock_crm.hubspot.editions import OAUTH_BURST_REQUESTS, Plan, plan_of
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.owners import owners_of
from mock_crm.hubspot.pipelines import Pipelines
from mock_crm.hubspot.portal import TIME_ZONE, UI_DOMAIN
from mock_crm.hubspot.records import Records
from mock_crm.hubspot.schema import Schema, TypeSchema
from mock_crm.hubspot.scopes import record_scopes
from mock_crm.hubspot.search import prepare
from mock_crm.hubspot.timestamps import iso_short
from mock_crm.hubspot.tokens import Access, Caller

_BURST_S = 10


class Account(OrgContext):
    """One HubSpot account, as its endpoints see it.

    Attributes:
        portal_id: The account's number.
        app_id: The number of the app through which everything is written.
        plan: The edition's limits.
        schema: Object types, properties, association types.
        records_of: The rules of creating and changing records.
        associations: The links between records.
        pipelines: Pipelines and their stages.
        access: Tokens.
        owners: The users that records can belong to.
        search_lag_s: For how long a changed record stays out of searches, as it does in HubSpot for some
            seconds; 0 finds everything at once.
    """

    max_body_bytes = 20 * 2**20

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        self.plan: Plan = plan_of(settings.edition)
        super().__init__(
            name,
            random_seed,
            clock,
            path,
            settings,
            self._windows(clock, settings),
            self._extra_windows(clock, settings),
        )
        seed = f"{random_seed}/{name}"
        self.portal_id = 10_000_000 + stable_int(seed, "portal", bits=25)
        self.app_id = str(10_000_000 + stable_int(seed, "app", bits=23))
        self.search_lag_s = settings.search_lag_s
        self._seed = seed
        self._correlations = random.Random(stable_int(seed, "correlations"))
        self.owners = owners_of(seed)
        self._owner_ids = {owner.id for owner in self.owners}
        self.schema = Schema(self.store, self.portal_id)
        self.associations = Associations(self.store, self.schema)
        self.pipelines = Pipelines(self.store, {kind.id: kind.plural for kind in object_types()})
        self.access = Access(self.store, clock, settings, seed)
        self.token = self.access.private_token
        self.records_of = Records(
            self.store,
            self.associations,
            self.pipelines,
            self._owner_ids.__contains__,
            self.portal_id,
            self._derivation,
            self._next_ids,
        )
        prepare(self.store)
        self.store.mark_baseline()

    # -- for the endpoints -----------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """The present moment in epoch milliseconds."""
        return epoch_ms(self.clock.now())

    @property
    def time_zone(self) -> tzinfo:
        """The account's time zone, in which its days begin."""
        try:
            return ZoneInfo(TIME_ZONE)
        except ZoneInfoNotFoundError:
            return UTC

    def type_for(self, request: Request, access: str) -> TypeSchema:
        """The object type of a request's path, when the caller may `read` or `write` its records.

        Raises:
            HubSpotError: There is no such type, it cannot be written, or the scope is missing.
        """
        schema = self.schema.need(request.params["objectType"])
        self.need_scope(request, record_scopes(schema.type, access))
        if access == "write" and schema.type.read_only:
            raise errors.read_only_type(schema.type.plural)
        return schema

    def need_scope(self, request: Request, scopes: Sequence[str], *, in_context: bool = False) -> None:
        """Refuse a caller who has none of `scopes`.

        Raises:
            HubSpotError: The scopes are missing.
        """
        caller: Caller = request.user
        if not caller.may(scopes):
            raise errors.missing_scopes(scopes, in_context=in_context)

    def archive_records(self, schema: TypeSchema, ids: Sequence[str]) -> None:
        """Move living records to the recycle bin; their links go."""
        with self.store.transaction():
            living = [row.id for row in self.store.get_many(schema.type.id, ids).values() if not row.archived]
            self.store.archive(schema.type.id, living, self.now_ms())
            for record_id in living:
                self.associations.remove_all(schema.type.id, record_id)

    def struck(self, request: Request, position: int) -> HubSpotError | None:
        """What a fault rule does to the record at `position` of a request."""
        rule = request.strike.for_record(position) if request.strike is not None else None
        return None if rule is None else middleware.of_rule(rule, self.now_ms())

    def strike_record(self, request: Request, position: int) -> None:
        """Refuse a single record when a fault rule says so.

        Raises:
            HubSpotError: It does.
        """
        error = self.struck(request, position)
        if error is not None:
            raise error

    def record_url(self, type_id: str, record_id: str) -> str:
        """Where a record is shown in HubSpot's own interface."""
        return f"https://{UI_DOMAIN}/contacts/{self.portal_id}/record/{type_id}/{record_id}"

    def correlation_id(self) -> str:
        """A new UUID of version 7 that names one answer."""
        now = self.now_ms() & 0xFFFFFFFFFFFF
        drawn = self._correlations.getrandbits(74)
        high, low = drawn >> 62, drawn & 0x3FFFFFFFFFFFFFFF
        number = (now << 80) | (0x7 << 76) | (high << 64) | (0x2 << 62) | low
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def refusal(self, request: Request, error: HubSpotError) -> Response:
        """The answer that a refusal becomes."""
        correlation = self.correlation_id()
        response = responses.answer(error.body(correlation), error.status)
        response.headers.append(("x-hubspot-correlation-id", correlation))
        return response

    # -- for the app -----------------------------------------------------------------------------------------

    def _windows(self, clock: Clock, settings: OrgSettings) -> list[Window]:
        """Requests per day of the account, and per ten seconds of the app."""
        plan = self.plan
        daily = settings.daily_requests if settings.daily_requests is not None else plan.daily_requests
        burst = settings.burst_requests if settings.burst_requests is not None else plan.burst_requests
        return [
            Window("daily", clock, daily, midnight=self.time_zone),
            Window("burst", clock, burst, _BURST_S),
        ]

    def _extra_windows(self, clock: Clock, settings: OrgSettings) -> list[Window]:
        """Searches per second, and what apps that sign in with OAuth may send."""
        burst = settings.burst_requests
        return [
            Window("search", clock, self.plan.searches_per_second, 1),
            Window("oauth", clock, OAUTH_BURST_REQUESTS if burst is None else burst, _BURST_S),
        ]

    def spend(self, request: Request, route: Route[Any]) -> Window | None:
        """Count a request: a private app's for the day and the burst, an OAuth app's for its own burst."""
        if request.user.is_private_app:
            return self.quota.take(route.windows)
        return self.quota.take_only(("oauth", *route.windows))

    def reload(self) -> None:
        """Read schema, pipelines and tokens anew, as after a restore."""
        super().reload()
        self.schema.forget()
        self.pipelines.forget()
        self.access.forget()
        self.associations.prepare()

    def prepare(self, request: Request) -> None:
        """Nothing is changed before requests are routed."""

    def refused(self, request: Request, error: CrmError) -> Response:
        """The answer for a refusal of the data layer, which endpoints translate themselves."""
        return json_response({"code": error.code, "message": error.message}, 400)

    def object_of(self, request: Request) -> str | None:
        """The plural name of the object type in the path, where there is one."""
        for segment in request.segments[2:5]:
            found = self.schema.find(segment)
            if found is not None:
                return found.type.plural
        return None

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        """Find out who calls, or refuse."""
        try:
            request.user = self.access.caller(request.header("authorization"))
        except HubSpotError as error:
            return self.refusal(request, error)
        return None

    def finish(self, request: Request, response: Response) -> Response:
        """Add the correlation id and what is left of the quota."""
        headers = response.headers
        if not any(name == "x-hubspot-correlation-id" for name, _ in headers):
            headers.append(("x-hubspot-correlation-id", self.correlation_id()))
        if isinstance(request.user, Caller) and request.segments[-1:] != ["search"]:
            headers += middleware.rate_headers(self.quota, is_private_app=request.user.is_private_app)
        return response

    def no_route(self, request: Request, allowed: list[str]) -> Response:
        """Unknown paths get the page of HubSpot's web server; known APIs that are absent say so."""
        if allowed:
            return middleware.html_page(405, "Method Not Allowed", request.path)
        absent = middleware.absent_api(request.path)
        if absent:
            return self.refusal(request, errors.not_simulated(absent))
        return middleware.html_page(404, "Not Found", request.path)

    def limited(self, request: Request, window: Window) -> Response:
        """The answer to a request too many."""
        return self.refusal(request, middleware.of_window(window.name))

    def unreadable(self, request: Request, error: BodyError) -> Response:
        """The answer to a body that is too long or damaged."""
        if "longer than" in str(error):
            return self.refusal(request, HubSpotError(413, "HTTP 413 Request Entity Too Large"))
        return self.refusal(request, errors.invalid_json(1, 1, str(error)))

    def fault(self, request: Request, rule: Rule) -> Response:
        """The answer of a fault rule."""
        return self.refusal(request, middleware.of_rule(rule, self.now_ms()))

    # -- inside ----------------------------------------------------------------------------------------------

    def _derivation(self) -> Derivation:
        now = self.now_ms()
        return Derivation(now, iso_short(now), self.app_id, self.pipelines.stage_metadata)

    def _next_ids(self, type_id: str, count: int) -> range:
        if not count:
            return range(0)
        base = 100_000_000_000 + stable_int(self._seed, "records", type_id, bits=36)
        first = base + self.store.next_number(f"records {type_id}", count)
        return range(first, first + count)


@cache
def router() -> Router[Any]:
    """The router that all accounts share."""
    from mock_crm.hubspot.endpoint import routes_of
    from mock_crm.hubspot.routes import all_endpoints

    return Router(routes_of(all_endpoints()))
