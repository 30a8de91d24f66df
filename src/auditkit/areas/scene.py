"""What a rule looks at: the inventory, the graph, what both reach, and the decisions of the audit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from auditkit.advisories import Advisories
from auditkit.areas._documents import Documents, Standing
from auditkit.areas.beside import Beside, is_given, not_decided
from auditkit.areas.owners import is_critical
from auditkit.areas.partly import Unread, not_understood
from auditkit.areas.reach import Reaching
from auditkit.areas.scoping import Scoping
from auditkit.areas.versions import live_versions
from auditkit.case import Case, matches
from auditkit.graph.escalation import escalations_of
from auditkit.graph.permissions import Permissions, permissions_of
from auditkit.graph.schema import Graph
from auditkit.inventory import (
    Inventory,
    Kind,
    NotRead,
    PolicyText,
    Source,
    UnsetType,
)
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.evidence.weaknesses import Vulnerability
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.apis import RestApi, RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute, HttpApi, WebSocketApi
from auditkit.inventory.records.functions import Function, FunctionAlias, FunctionUrl
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.network import SecurityGroup
from auditkit.policy import PrincipalPolicies, TargetPolicies
from auditkit.score import Compact, Weights

__all__ = ["Api", "Scene", "is_given", "not_decided", "unqualified"]

T = TypeVar("T")


Api = RestApi | HttpApi | WebSocketApi


class Scene(Beside):
    """All that rules may look at. It is read only, and each part is worked out once.

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    graph
        Its graph.
    date
        Audit date, ``YYYY-MM-DD``; ``""`` where none is given, and ages are then unknown.
    case
        Decisions of the audit.
    weights
        Weights of the scores.
    advisories
        Of packages; ``None`` where there is no database of them.
    compact
        The graph under these weights, where it was read for scores before; it is read here otherwise.
    """

    def __init__(
        self,
        inventory: Inventory,
        graph: Graph,
        *,
        date: str = "",
        case: Case | None = None,
        weights: Weights | None = None,
        advisories: Advisories | None = None,
        compact: Compact | None = None,
    ) -> None:
        super().__init__(inventory, compact or Compact(graph, weights=weights))
        self.graph = graph
        self.date = _day(date)
        self.case = case or Case()
        self.advisories = advisories

    @property
    def functions(self) -> tuple[Function, ...]:
        """All functions, sorted by ARN."""
        return self.inventory.of(Function)

    @cached_property
    def reach(self) -> Reaching:
        """Who outside reaches what, and what that reaches."""
        return Reaching(self.compact)

    @cached_property
    def vulnerabilities(self) -> Mapping[str, list[Vulnerability]]:
        """What scanners found, by the ARN of the function (without version or alias) or layer version."""
        found = ((arn, one) for one in self.inventory.of(Vulnerability) for arn in sorted(_runs_in(one)))
        return _grouped(found)

    @cached_property
    def aliases(self) -> Mapping[str, list[FunctionAlias]]:
        """Aliases by the ARN of their function."""
        return _grouped((alias.id.rpartition(":")[0], alias) for alias in self.inventory.of(FunctionAlias))

    @cached_property
    def mappings(self) -> Mapping[str, list[EventSourceMapping]]:
        """Event source mappings by the ARN of their function, without version or alias."""
        mappings = self.inventory.of(EventSourceMapping)
        return _grouped((unqualified(mapping.function_arn), mapping) for mapping in mappings)

    @cached_property
    def telling(self) -> frozenset[str]:
        """ARNs of the alarms that tell somebody when they go off: themselves, or by an alarm that they set off."""
        alarms = {alarm.id: alarm for alarm in self.inventory.of(Alarm)}
        by_name = {(one.account, one.region, name): one.id for one in alarms.values() for name in (one.name, one.id)}
        telling = {alarm.id for alarm in alarms.values() if alarm.acts}
        waiting = sorted(telling)
        while waiting:
            above = alarms[waiting.pop()]
            below = {by_name.get((above.account, above.region, name), above.id) for name in above.any_of} - telling
            telling |= below
            waiting += below
        return frozenset(telling)

    @cached_property
    def security_groups(self) -> Mapping[str, SecurityGroup]:
        """Security groups by their id."""
        return {group.group_id: group for group in self.inventory.of(SecurityGroup)}

    @cached_property
    def urls(self) -> Mapping[str, list[FunctionUrl]]:
        """Function URLs by the ARN of their function, without alias."""
        return _grouped((unqualified(url.function_arn), url) for url in self.inventory.of(FunctionUrl))

    @cached_property
    def functions_of_role(self) -> Mapping[str, list[Function]]:
        """Functions by the ARN of the role that they, or versions of them in use, run as."""
        found: dict[tuple[str, str], Function] = {}
        for function in self.functions:
            for code in (function, *(version for version, _ in live_versions(function, self))):
                found.setdefault((code.role or "", function.id), function)
        return _grouped((role, function) for (role, _), function in found.items() if role)

    def functions_as(self, principal: str) -> list[Function]:
        """Return the functions that act as a principal: those that run as a role, or the function that it is."""
        function = self.inventory.get(principal)
        return [function] if isinstance(function, Function) else self.functions_of_role.get(principal, [])

    @property
    def roles_of_code(self) -> Iterator[tuple[str, Role | None, list[Function]]]:
        """Roles that functions run as, by ARN: the record (``None`` if it was not exported) and the functions."""
        for arn in sorted(self.functions_of_role):
            record = self.inventory.get(arn)
            yield arn, record if isinstance(record, Role) else None, self.functions_of_role[arn]

    @property
    def roles_of_runs(self) -> Iterator[tuple[str, Role | None, list[Source]]]:
        """Roles that functions or anything else acts in, by ARN: the record (``None``: not exported), who says so."""
        said: dict[str, list[Source]] = {
            arn: [function.source.at("Role") for function in functions]
            for arn, functions in self.functions_of_role.items()
        }
        for origin, role, edge in self.neighbours.runs:
            if self.nodes[origin].kind is not Kind.FUNCTION:
                said.setdefault(role, []).extend(edge.sources)
        for arn, at in sorted(said.items()):
            record = self.inventory.get(arn)
            yield arn, record if isinstance(record, Role) else None, at

    @cached_property
    def administrators(self) -> frozenset[str]:
        """ARNs of the users and roles that are administrators as they stand."""
        return frozenset(one.principal for one in escalations_of(self.inventory).principals if one.admin)

    @cached_property
    def own_accounts(self) -> frozenset[str]:
        """Accounts of the export."""
        return frozenset(self.graph.graph["accounts"])

    def trusted(self, principal: str) -> bool:
        """Return whether the case trusts the account of a principal (an ARN, or twelve digits)."""
        arn = parse_arn(principal)
        return (arn.account if arn is not None else principal) in self.case.accounts

    def attested(self, host: str) -> bool:
        """Return whether the case attests a third party, by its host name."""
        return any(matches(pattern, host) for pattern in self.case.third_parties)

    @cached_property
    def scoping(self) -> Scoping:
        """What the case leaves out of scope."""
        return Scoping(self.inventory, self.case)

    def is_critical(self, function: Function) -> bool:
        """Return whether the business hangs on a function: by its tags, or by the case."""
        tagged = not isinstance(function.tags, UnsetType) and is_critical(function.tags)
        return tagged or any(matches(pattern, function.id, function.name) for pattern in self.case.critical)

    @property
    def critical_words(self) -> str:
        """How critical functions are known, in words."""
        return "tagged critical, or critical by the case" if self.case.critical else "tagged critical"

    def validated(self, function: str) -> str | None:
        """Return the pattern under which the case attests that a function checks its input; ``None`` for none."""
        names = (function, self.label(function))
        return next((pattern for pattern in sorted(self.case.validated) if matches(pattern, *names)), None)

    def exists(self, arn: str) -> bool:
        """Return whether the export holds a resource; of a route of an API, the API."""
        return self.inventory.get(arn) is not None or arn in self._apis

    def known_of(self, service: str) -> tuple[str, ...]:
        """Return the ARNs of what the export holds of a service, sorted; of ``execute-api`` the APIs."""
        if service == "execute-api":
            return tuple(sorted(self._apis))
        return self._by_service.get(service, ())

    @cached_property
    def _apis(self) -> frozenset[str]:
        """APIs by the ARN under which they are invoked."""
        return frozenset(arn_of("execute-api", api.api_id, account=api.account, region=api.region) for api in self.apis)

    @cached_property
    def apis(self) -> tuple[Api, ...]:
        """REST, HTTP and WebSocket APIs."""
        found: list[Api] = [*self.inventory.of(RestApi)]
        return (*found, *self.inventory.of(HttpApi), *self.inventory.of(WebSocketApi))

    @cached_property
    def _by_service(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for record in self.inventory:
            arn = parse_arn(record.id)
            if arn is not None:
                found.setdefault(arn.service, []).append(record.id)
        return {service: tuple(sorted(ids)) for service, ids in found.items()}

    @property
    def permissions(self) -> Permissions:
        """What principals may do to targets."""
        return permissions_of(self.inventory)

    @cached_property
    def principals(self) -> Mapping[str, PrincipalPolicies]:
        """Principals with their policies, by ARN."""
        return {one.arn: one for one in self.permissions.principals}

    @cached_property
    def targets(self) -> Mapping[str, TargetPolicies]:
        """Resources with their policies, by ARN."""
        return {one.arn: one for one in self.permissions.targets}

    @cached_property
    def unread(self) -> Unread:
        """What of records and settings could not be read or understood, and what may not be there at all."""
        return Unread(self.inventory, self.not_understood)

    @cached_property
    def not_understood(self) -> dict[str, tuple[NotRead, ...]]:
        """Statements that allow a principal something, nobody knows what, by its ARN."""
        return not_understood(self.permissions.principals)

    def age(self, moment: str | None) -> int | None:
        """Return the days from a moment to the audit date; ``None`` where either is not known.

        Parameters
        ----------
        moment
            ISO 8601 text, as API answers hold it.
        """
        day = _day((moment or "")[:10])
        return None if day is None or self.date is None else (self.date - day).days

    def function_of(self, arn: str) -> Function | None:
        """Return the function that an ARN names, also with a version or alias; ``None`` where there is none."""
        found = self.inventory.get(unqualified(arn))
        return found if isinstance(found, Function) else None

    @cached_property
    def routes(self) -> Mapping[str, list[RestMethod | ApiRoute]]:
        """Routes by the id of their API."""
        found: list[RestMethod | ApiRoute] = [*self.inventory.of(RestMethod), *self.inventory.of(ApiRoute)]
        return _grouped((route.api, route) for route in found)

    @cached_property
    def documents_of(self) -> Mapping[str, Documents]:
        """The policies of each principal that was seen, those of its groups among them."""
        return {
            one.arn: Documents(text.source for doc in one.identity if isinstance(text := doc.source, PolicyText))
            for one in self.permissions.principals
            if not isinstance(one.identity, UnsetType)
        }

    @cached_property
    def standing(self) -> Standing:
        """Which edges were read in policies of principals."""
        return Standing(self.compact.reading.edges.grounds, self.documents_of.values())


def unqualified(arn: str) -> str:
    """Return the ARN of a function without version or alias."""
    return ":".join(arn.split(":")[:7])


def _runs_in(one: Vulnerability) -> set[str]:
    return {arn if ":layer:" in arn else unqualified(arn) for arn in one.resources}


def _grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


@lru_cache(maxsize=1 << 12)
def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
