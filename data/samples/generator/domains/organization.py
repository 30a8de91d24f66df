"""The organization around the account; moto gives accounts numbers by chance, so its answers stand here as they are."""

import json
from typing import Any

from data.samples.generator.account import ACCOUNT, HOME, LOG_ARCHIVE, MANAGEMENT, STATES, Account

ORGANIZATION = "o-lv8q3m2x1z"
ROOT = "r-lv01"
UNITS = {"ou-lv01-workloads": "Workloads", "ou-lv01-security0": "Security"}
PREFIX = f"arn:aws:organizations::{MANAGEMENT}"


def build(account: Account) -> None:
    """Say what the organization's calls answer; the account is its delegated administrator for policies."""
    account.gaps.default(
        "organizations",
        "DescribeOrganization",
        {
            "Organization": {
                "Id": ORGANIZATION,
                "Arn": f"{PREFIX}:organization/{ORGANIZATION}",
                "FeatureSet": "ALL",
                "MasterAccountArn": f"{PREFIX}:account/{ORGANIZATION}/{MANAGEMENT}",
                "MasterAccountId": MANAGEMENT,
                "MasterAccountEmail": "aws-management@larkspurvane.example",
            }
        },
    )
    members = {MANAGEMENT: "Management", ACCOUNT: "Retail production", LOG_ARCHIVE: "Log archive"}
    account.gaps.default("organizations", "ListAccounts", {"Accounts": [_member(*item) for item in members.items()]})
    root = {"Id": ROOT, "Arn": f"{PREFIX}:root/{ORGANIZATION}/{ROOT}", "Name": "Root", "PolicyTypes": [_ENABLED]}
    account.gaps.default("organizations", "ListRoots", {"Roots": [root]})
    workloads, security = UNITS
    parents = {MANAGEMENT: ROOT, ACCOUNT: workloads, LOG_ARCHIVE: security, workloads: ROOT, security: ROOT}
    for child, parent in parents.items():
        kind = "ROOT" if parent == ROOT else "ORGANIZATIONAL_UNIT"
        account.gaps.say("organizations", "ListParents", child, {"Parents": [{"Id": parent, "Type": kind}]})
    for parent in (ROOT, *UNITS):
        below = UNITS if parent == ROOT else {}
        units = [
            {"Id": number, "Arn": f"{PREFIX}:ou/{ORGANIZATION}/{number}", "Name": name}
            for number, name in below.items()
        ]
        account.gaps.say("organizations", "ListOrganizationalUnitsForParent", parent, {"OrganizationalUnits": units})
    _policies(account, workloads, security)


_ENABLED = {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}


def _member(number: str, name: str) -> dict[str, Any]:
    return {
        "Id": number,
        "Arn": f"{PREFIX}:account/{ORGANIZATION}/{number}",
        "Email": f"aws-{name.lower().replace(' ', '-')}@larkspurvane.example",
        "Name": name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": "2022-01-10T09:00:00+00:00",
    }


def _policies(account: Account, workloads: str, security: str) -> None:
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    guard = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "KeepTheTrails",
                "Effect": "Deny",
                "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "organizations:LeaveOrganization"],
                "Resource": "*",
            },
            {
                "Sid": "OnlyOurRegions",
                "Effect": "Deny",
                "NotAction": [
                    "iam:*",
                    "organizations:*",
                    "cloudfront:*",
                    "route53:*",
                    "support:*",
                    "sts:*",
                    "s3:ListAllMyBuckets",
                ],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": [HOME, STATES]}},
            },
        ],
    }
    targets = [(ROOT, "Root", "ROOT"), (workloads, UNITS[workloads], "ORGANIZATIONAL_UNIT")]
    every = [*targets, (security, UNITS[security], "ORGANIZATIONAL_UNIT")]
    every += [
        (number, name, "ACCOUNT") for number, name in ((ACCOUNT, "Retail production"), (LOG_ARCHIVE, "Log archive"))
    ]
    known = (
        ("p-FullAWSAccess", "FullAWSAccess", True, everything, every),
        ("p-lv4guard7", "workload-guardrails", False, guard, targets[1:]),
    )
    summaries = []
    for number, name, managed, content, attached in known:
        owner = "arn:aws:organizations::aws" if managed else PREFIX
        where = "" if managed else f"{ORGANIZATION}/"
        summary = {
            "Id": number,
            "Arn": f"{owner}:policy/{where}service_control_policy/{number}",
            "Name": name,
            "Description": "Allows access to every operation" if managed else "What no workload account may do",
            "Type": "SERVICE_CONTROL_POLICY",
            "AwsManaged": managed,
        }
        summaries.append(summary)
        described = {"Policy": {"PolicySummary": summary, "Content": json.dumps(content)}}
        account.gaps.say("organizations", "DescribePolicy", number, described)
        listed = [
            {"TargetId": target, "Arn": _target_arn(target, kind), "Name": label, "Type": kind}
            for target, label, kind in attached
        ]
        account.gaps.say("organizations", "ListTargetsForPolicy", number, {"Targets": listed})
    account.gaps.say("organizations", "ListPolicies", "SERVICE_CONTROL_POLICY", {"Policies": summaries})
    account.gaps.say("organizations", "ListPolicies", "RESOURCE_CONTROL_POLICY", {"Policies": []})


def _target_arn(target: str, kind: str) -> str:
    part = {"ROOT": "root", "ORGANIZATIONAL_UNIT": "ou", "ACCOUNT": "account"}[kind]
    return f"{PREFIX}:{part}/{ORGANIZATION}/{target}"
