"""What the operations of Ampersand's API work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import compare_digest

from starlette.requests import Request

from ampsandbox.clock import Clock
from ampsandbox.server.ampersand_api.consent_sessions import ConsentSessions
from ampsandbox.server.ampersand_api.problems import ProblemError, Problems
from ampsandbox.server.ampersand_api.uploads import Uploads
from ampsandbox.server.ampersand_api.views import ApiViews
from ampsandbox.server.runner_options import RunnerOptions
from ampsandbox.service.platform import Platform
from ampsandbox.service.sandbox_service import SandboxService


@dataclass(slots=True)
class ApiContext:
    """The API of one sandbox.

    Attributes:
        service: What runs: its manifest can be deployed.
        options: The key that is asked for, and the origins that are let in.
        problems: Answers refusals.
        consent: The consent pages that are open.
        uploads: The zips that wait for their deployment.
    """

    service: SandboxService
    options: RunnerOptions
    consent: ConsentSessions = field(default_factory=ConsentSessions)
    uploads: Uploads = field(default_factory=Uploads)
    problems: Problems = field(init=False)
    views: ApiViews = field(init=False)

    def __post_init__(self) -> None:
        self.problems = Problems(self.clock)
        self.views = ApiViews(self.platform, self.clock.now())

    @property
    def clock(self) -> Clock:
        return self.service.context.clock

    @property
    def platform(self) -> Platform:
        return self.service.platform

    def check_key(self, request: Request) -> None:
        """Refuse a request without the key that the sandbox was started with, if it was.

        Raises:
            ProblemError: The key is missing or wrong.
        """
        wanted = self.options.api_key
        if wanted is None or compare_digest(request.headers.get("x-api-key", "").encode(), wanted.encode()):
            return
        raise ProblemError(
            401,
            "The X-Api-Key header is missing or wrong.",
            "Send the key that the sandbox was started with (--api-key).",
        )
