"""How an org behaves where real ones differ from each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec


class AcceptedCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The credentials that an org accepts; see the same names of `OrgSettings`."""

    tokens: tuple[str, ...] = ()
    logins: Mapping[str, str] = {}
    clients: Mapping[str, str] = {}

    @classmethod
    def of_file(cls, path: Path) -> AcceptedCredentials:
        """The credentials that a YAML or JSON file names.

        Raises:
            OSError: It cannot be read.
            ValueError: It is in another form, or names nothing, which would accept everybody.
        """
        import yaml

        try:
            found = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), cls)
        except (yaml.YAMLError, msgspec.ValidationError) as error:
            raise ValueError(str(error)) from error
        if not (found.tokens or found.logins or found.clients):
            raise ValueError("it names no logins, clients or tokens")
        return found


class OrgSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an org behaves where real ones differ from each other.

    Attributes:
        limits: Whether rate limits and quotas are enforced; they are always counted.
        permissions: `real` keeps new custom fields invisible until someone is permitted to see them, as
            Salesforce does; `open` shows them at once.
        edition: The provider's edition or tier, which decides about limits; its own default when empty.
        state_and_country_picklists: Whether addresses have codes of states and countries beside their names,
            where the provider has that as a feature of an org.
        daily_requests: Requests per day, instead of the edition's.
        burst_requests: Requests per short window, instead of the edition's, where the provider has one.
        tokens: Access tokens that are accepted beside the issued ones. When any of `tokens`, `logins` and
            `clients` is given, everything that is not named is refused.
        logins: Passwords (with the security token appended, where there is one) by user name.
        clients: Client secrets by client id; an empty secret stands for a public client.
        scopes: What tokens are allowed, where the provider has scopes; everything when empty.
        token_lifetime_s: How long an access token lives on the org's clock; the provider's own when None.
        bulk_job_s: How long a bulk job takes on the org's clock, where the provider has them; until then it
            is seen waiting and in progress. 0 shows it complete at the next look.
        keep_history: Keep the earlier versions of changed records.
        search_lag_s: For how many seconds a changed record stays out of searches, where the provider's
            searches lag behind its writes.
        batch_order: `shuffled` gives the results of a batch in an order that follows from the seed and is
            never that of the inputs, where the provider promises none; `input` keeps the order of the inputs.
    """

    limits: bool = True
    permissions: Literal["real", "open"] = "real"
    edition: str = ""
    state_and_country_picklists: bool = False
    daily_requests: int | None = None
    burst_requests: int | None = None
    tokens: tuple[str, ...] = ()
    logins: Mapping[str, str] = {}
    clients: Mapping[str, str] = {}
    scopes: tuple[str, ...] = ()
    token_lifetime_s: float | None = None
    bulk_job_s: float = 0
    keep_history: bool = True
    search_lag_s: float = 0.0
    batch_order: Literal["shuffled", "input"] = "shuffled"

    @property
    def names_credentials(self) -> bool:
        """Whether only named credentials are accepted."""
        return bool(self.tokens or self.logins or self.clients)
