"""What logs and traces saw, in terms of the inventory: which function, role or store each end of a call is.

CloudTrail names who called by role and session; Lambda calls the sessions of a function's role by the function's name.
X-Ray names most resources by kind and name alone.
"""

from collections.abc import Iterator

import msgspec

from auditkit.graph._refs import reference
from auditkit.graph.edges._names import CALL_ACTIONS, DATA_ACTIONS
from auditkit.inventory import Inventory, Kind, Record
from auditkit.inventory.evidence.observed import ObservedCall, Party
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.keys import Secret

__all__ = ["Access", "Ends", "access_of"]

_KINDS = {  # X-Ray's type -> kinds that it may be
    "AWS::ApiGateway::Stage": (Kind.REST_API, Kind.HTTP_API, Kind.WEBSOCKET_API),
    "AWS::AppSync::GraphQLAPI": (Kind.GRAPHQL_API,),
    "AWS::DynamoDB::Table": (Kind.TABLE,),
    "AWS::Kinesis::Stream": (Kind.STREAM,),
    "AWS::Lambda": (Kind.FUNCTION,),
    "AWS::Lambda::Function": (Kind.FUNCTION,),
    "AWS::S3::Bucket": (Kind.BUCKET,),
    "AWS::SNS": (Kind.TOPIC,),
    "AWS::SNS::Topic": (Kind.TOPIC,),
    "AWS::SQS::Queue": (Kind.QUEUE,),
    "AWS::SecretsManager::Secret": (Kind.SECRET,),
    "AWS::StepFunctions::StateMachine": (Kind.STATE_MACHINE,),
}
_POLLERS = ("awslambda", "AWSLambda")
_EVENTS = {  # names that logs and traces have for calls -> an action that moves data in the same way
    "dynamodb:BatchExecuteStatement": "rds-data:ExecuteStatement",
    "dynamodb:ExecuteStatement": "rds-data:ExecuteStatement",
    "dynamodb:TransactGetItems": "dynamodb:GetItem",
    "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    "lambda:InvokeFunctionUrl": "lambda:InvokeFunction",
    "lambda:InvokeWithResponseStream": "lambda:InvokeFunction",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:PostObject": "s3:PutObject",
    "s3:SelectObjectContent": "s3:GetObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


class Access(msgspec.Struct, frozen=True):
    """Which way a call moves data: from what was called, to it, or by handing on.

    Attributes
    ----------
    reads, writes, calls
        Whether it does.
    """

    reads: bool = False
    writes: bool = False
    calls: bool = False


def access_of(action: str) -> Access | None:
    """Return which way an action moves data, ``None`` for one that moves none (it manages, lists or deletes)."""
    name = _EVENTS.get(action, action)
    found = Access(
        reads=name in DATA_ACTIONS["read"],
        writes=name in DATA_ACTIONS["write"],
        calls=name in CALL_ACTIONS,
    )
    return found if found != Access() else None


class Ends:
    """Finds the ends of calls.

    Parameters
    ----------
    inventory
        With the records that they may be.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._by_role: dict[str, list[Function]] = {}
        self._by_name: dict[tuple[Kind, str], list[Record]] = {}
        for function in inventory.of(Function):
            if function.role:
                self._by_role.setdefault(reference(function.role).id, []).append(function)
        wanted = {kind for kinds in _KINDS.values() for kind in kinds}
        for record in inventory:
            if record.kind in wanted and record.name:
                self._by_name.setdefault((record.kind, record.name), []).append(record)
        self._secrets = {secret.id.rpartition("-")[0]: secret.id for secret in inventory.of(Secret)}

    def caller(self, call: ObservedCall) -> str:
        """Return the id of the function, else of the role, user or account, that called; ``""`` where none is told."""
        return self._principal(call.caller) if call.caller.arn else self._named(call.caller, call)

    def target(self, call: ObservedCall) -> str:
        """Return the id of what was called, ``""`` where that is not told. Hosts outside are left to the caller."""
        party = call.target
        if not party.arn:
            return self._named(party, call)
        return self._secrets.get(party.arn) or reference(party.arn).id

    def _principal(self, party: Party) -> str:
        found = reference(party.arn)
        if found.kind is not Kind.ROLE:
            return found.id
        functions = self._by_role.get(found.id, [])
        named = [function for function in functions if function.name == party.session]
        if len(named) == 1:
            return named[0].id
        polled = party.service == "lambda.amazonaws.com" or party.session.startswith(_POLLERS)
        return functions[0].id if polled and len(functions) == 1 else found.id

    def _named(self, party: Party, call: ObservedCall) -> str:
        """Return the id of the only record of a name, in the account and region of the call."""
        name = party.name.rpartition("/")[0] if party.type == "AWS::ApiGateway::Stage" else party.name
        found = {record.id for record in self._records(party.type, name) if _near(record, call)}
        return found.pop() if len(found) == 1 else ""

    def _records(self, kind: str, name: str) -> Iterator[Record]:
        for one in _KINDS.get(kind, ()):
            yield from self._by_name.get((one, name), ())


def _near(record: Record, call: ObservedCall) -> bool:
    """Return whether a record is, as far as is known, in the account and region of a call."""
    return (not call.account or record.account in {call.account, ""}) and (
        not call.region or record.region in {call.region, "", "global"}
    )
