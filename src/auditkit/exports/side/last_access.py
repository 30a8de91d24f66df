"""IAM last-accessed data: what ``aws iam get-service-last-accessed-details`` gives, one file per principal.

The response does not say whose it is. The file does, ``iam-get-service-last-accessed-details/<quoted ARN>.json``, or by
the name of the role, user or group; or it is named by its job, and
``iam-generate-service-last-accessed-details/<quoted ARN>.json`` holds the id of that.
"""

import msgspec

from auditkit.exports._reading import Reading, Response
from auditkit.inventory import UNSET, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.last_access import ActionAccess, LastAccess, ServiceAccess
from auditkit.inventory.moments import Moment, utc_second
from auditkit.inventory.records.identities import Group, ManagedPolicy, Role, User

__all__ = ["LastAccesses"]

_PRINCIPALS = (Role, User, Group, ManagedPolicy)


class _Action(msgspec.Struct, rename="pascal"):
    """API shape ``TrackedActionLastAccessed``."""

    action_name: str
    last_accessed_time: Moment = None
    last_accessed_region: str | None = None


class _Service(msgspec.Struct, rename="pascal"):
    """API shape ``ServiceLastAccessed``."""

    service_namespace: str
    last_authenticated: Moment = None
    last_authenticated_entity: str | None = None
    last_authenticated_region: str | None = None
    tracked_actions_last_accessed: tuple[_Action, ...] | None = None


class LastAccesses:
    """Reads the answers of jobs, and finds out whose they are."""

    def __init__(self) -> None:
        self._jobs: dict[str, str] = {}

    def read_job(self, response: Response, _: Reading) -> None:
        """Read the answer to the start of a job: for whom it is."""
        job = response.payload.get("JobId")
        if isinstance(job, str):
            self._jobs[job] = response.argument()

    def read(self, response: Response, reading: Reading) -> None:
        """Read what a job found."""
        status = response.payload.get("JobStatus", "COMPLETED")
        if status != "COMPLETED":
            reading.not_read(response.source, "the job that makes the list had not ended")
            return
        services: dict[str, ServiceAccess] = {}
        entities: set[str] = set()
        for _, item, source in reading.items(response, "ServicesLastAccessed"):
            found = reading.decode(_Service, item, source)
            if found is not None:
                services[found.service_namespace] = _access(found)
                entities |= {found.last_authenticated_entity or ""}
        made = response.payload.get("JobCompletionDate")
        record = LastAccess(
            account=response.account,
            region="global",
            sources=(response.source,),
            principal=response.argument(),
            services=tuple(services[name] for name in sorted(services)),
            as_of=utc_second(made) or None,
            complete=not response.payload.get("IsTruncated"),
        )
        reading.later(lambda reading: self._settle(record, entities - {""}, reading))

    def _settle(self, record: LastAccess, entities: set[str], reading: Reading) -> None:
        """Add a record when it can be told whose it is."""
        named = record.principal
        principal = self._principal(self._jobs.get(named, named), entities, record.account, reading)
        if not principal:
            reason = "nothing says whose last-accessed data this is: its file is to be named by the principal's ARN"
            reading.not_read(record.source, reason)
            return
        record.id = f"last-access:{principal}"
        record.principal = principal
        arn = parse_arn(principal)
        record.account = arn.account if arn is not None and arn.account else record.account
        record.name = principal.rpartition("/")[2]
        reading.add(record)

    @staticmethod
    def _principal(named: str, entities: set[str], account: str, reading: Reading) -> str:
        if parse_arn(named) is not None:
            return named
        if named:
            found = {record.id for cls in _PRINCIPALS for record in reading.find(cls, named, account=account)}
            if len(found) == 1:
                return found.pop()
        only = entities.pop() if len(entities) == 1 else ""
        return only if parse_arn(only) is not None else ""


def _access(found: _Service) -> ServiceAccess:
    actions: tuple[ActionAccess, ...] | UnsetType = UNSET
    if found.tracked_actions_last_accessed:
        prefix = found.service_namespace
        actions = tuple(
            sorted(
                (
                    ActionAccess(
                        f"{prefix}:{one.action_name.rpartition(':')[2]}",
                        utc_second(one.last_accessed_time) or None,
                        one.last_accessed_region or "",
                    )
                    for one in found.tracked_actions_last_accessed
                ),
                key=lambda one: one.action,
            )
        )
    return ServiceAccess(
        found.service_namespace,
        utc_second(found.last_authenticated) or None,
        found.last_authenticated_region or "",
        actions,
    )
