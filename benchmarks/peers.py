"""What peers make of an account, run by benchmarks/relation.py with the Python of their own environment.

``peers.py pmapper FOLDER SECONDS`` asks Principal Mapper's own authorization code about one principal, action and
resource after the other, until the time is over, and prints how many it has settled; ``peers.py cloudsplaining FOLDER``
scans the authorization details.
"""

import collections
import collections.abc
import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ACTIONS = {
    "s3": "s3:GetObject",
    "sqs": "sqs:SendMessage",
    "dynamodb": "dynamodb:GetItem",
    "lambda": "lambda:InvokeFunction",
}
"""What is asked about a resource, by the service of its ARN."""


def pmapper(folder: Path, seconds: float) -> dict[str, float]:
    """Return how many questions Principal Mapper has settled, and in how many seconds (of the processor)."""
    for name in ("Mapping", "MutableMapping", "Iterable"):  # it was written for a Python that had them here
        setattr(collections, name, getattr(collections.abc, name))
    from principalmapper.common import Node, Policy  # noqa: PLC0415
    from principalmapper.querying.query_interface import local_check_authorization_full  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    details = json.loads((folder / "authorization-details.json").read_text(encoding="utf-8"))
    resources = json.loads((folder / "resources.json").read_text(encoding="utf-8"))["Resources"]
    managed = {
        policy["Arn"]: Policy(policy["Arn"], policy["PolicyName"], version["Document"])
        for policy in details["Policies"]
        for version in policy["PolicyVersionList"]
        if version["IsDefaultVersion"]
    }

    def node(role: dict[str, Any]) -> Node:
        own = [Policy(role["Arn"], one["PolicyName"], one["PolicyDocument"]) for one in role["RolePolicyList"]]
        own += [managed[one["PolicyArn"]] for one in role["AttachedManagedPolicies"]]
        boundary = role.get("PermissionsBoundary")
        bound = managed[boundary["PermissionsBoundaryArn"]] if boundary else None
        trust = role["AssumeRolePolicyDocument"]
        return Node(role["Arn"], role["RoleId"], own, [], trust, [], 0, False, False, bound, False, {})  # noqa: FBT003

    asked = 0
    nodes = [node(role) for role in details["RoleDetailList"]]
    wanted = [(one, ACTIONS[service]) for one in resources if (service := one["Arn"].split(":")[2]) in ACTIONS]
    begin = time.process_time()
    for principal in nodes:
        for resource, action in wanted:
            local_check_authorization_full(
                principal,
                action,
                resource["Arn"],
                {},
                resource.get("Policy"),
                resource["Account"] if "Policy" in resource else None,
            )
            asked += 1
            if time.process_time() - begin > seconds:
                return {"settled": asked, "of": len(nodes) * len(wanted), "seconds": time.process_time() - begin}
    return {"settled": asked, "of": len(nodes) * len(wanted), "seconds": time.process_time() - begin}


def cloudsplaining(folder: Path) -> dict[str, float]:
    """Return how long Cloudsplaining's scan takes, in seconds (of the processor)."""
    from cloudsplaining.command.scan import scan_account_authorization_details  # noqa: PLC0415
    from cloudsplaining.shared.exclusions import DEFAULT_EXCLUSIONS  # noqa: PLC0415

    details = json.loads((folder / "authorization-details.json").read_text(encoding="utf-8"))
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as out:
        scan_account_authorization_details(
            account_authorization_details_cfg=details,
            exclusions=DEFAULT_EXCLUSIONS,
            account_name="made-up",
            output_directory=out,
            write_data_files=False,
            minimize=True,
        )
    return {"seconds": time.process_time() - begin}


if __name__ == "__main__":
    found = (
        pmapper(Path(sys.argv[2]), float(sys.argv[3]))
        if sys.argv[1] == "pmapper"
        else cloudsplaining(Path(sys.argv[2]))
    )
    print(json.dumps(found))
