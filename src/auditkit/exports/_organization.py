"""An organization as iam-collect writes it, handed over as the answers of the API: units, accounts, policies."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from auditkit.exports._answers import Answers, Node, Place
from auditkit.inventory import Source
from auditkit.inventory.arn import arn_of, parse_arn

__all__ = ["Organization"]

_CONTROLS = {"scps": "SERVICE_CONTROL_POLICY", "rcps": "RESOURCE_CONTROL_POLICY"}
_GLOBAL = "global"


class Organization:
    """An organization while it is handed over.

    Parameters
    ----------
    parts
        What its files hold, by their path below its folder without the suffix.
    answers
        Takes the answers.
    """

    def __init__(self, parts: Mapping[str, Node], answers: Answers) -> None:
        self._parts = parts
        self._answers = answers
        self._metadata = parts.get("metadata", Node({}, Source("")))
        self._arn = parse_arn(self._metadata.text("arn"))
        self._master = self._metadata.text("rootAccountId") or (self._arn.account if self._arn else "")

    def _give(self, source: Source, call: str, tree: Mapping[str, Any], *arguments: str, complete: bool = True) -> None:
        place = Place(self._master, _GLOBAL)
        self._answers.give(f"organizations.{call}", tree, *arguments, place=place, source=source, complete=complete)

    def hand_over(self) -> None:
        """Hand over organization, units, accounts and policies."""
        if self._arn is not None:
            described = {
                "Arn": str(self._arn),
                "Id": self._metadata.text("id"),
                "MasterAccountId": self._master or None,
                "FeatureSet": "ALL" if "SERVICE_CONTROL_POLICY" in str(self._metadata.at("features")) else None,
            }
            self._give(self._metadata.source, "DescribeOrganization", {"Organization": described})
        self._units()
        self._accounts()
        targets = self._targets()
        for path in sorted(self._parts):
            kind, _, rest = path.partition("/")
            if kind in _CONTROLS and rest.endswith("/metadata"):
                policy = self._parts.get(path.removesuffix("metadata") + "policy")
                self._control(kind, self._parts[path], policy, targets)

    def _members(self, name: str) -> dict[str, Node]:
        holder = self._parts.get(name)
        if holder is None or not isinstance(holder.value, dict):
            return {}
        found = {str(key): holder.at(key) for key in sorted(holder.value)}
        return {key: node for key, node in found.items() if node is not None}

    def _units(self) -> None:
        features = self._metadata.at("features")
        switched = features.value if features is not None and isinstance(features.value, dict) else {}
        kinds = [{"Type": key, "Status": "ENABLED" if on is True else "DISABLED"} for key, on in switched.items()]
        for unit, node in self._members("ous").items():
            parent = node.text("parent")
            about = self._parts.get(f"ous/{unit.lower()}/metadata")
            shown = {"Id": unit, "Arn": about.at("arn") if about else None, "Name": about.at("name") if about else None}
            if parent:
                tree = {"OrganizationalUnits": [shown]}
                self._give(node.source, "ListOrganizationalUnitsForParent", tree, parent, complete=False)
            else:
                self._give(node.source, "ListRoots", {"Roots": [{**shown, "PolicyTypes": kinds}]})

    def _accounts(self) -> None:
        accounts = self._members("accounts")
        organization = self._metadata.text("id")
        for account, node in accounts.items():
            arn = arn_of("organizations", f"account/{organization}/{account}", account=self._master)
            self._give(node.source, "ListAccounts", {"Accounts": [{"Id": account, "Arn": arn}]}, complete=False)
            parent = node.text("ou")
            if parent:
                kind = "ROOT" if parent.startswith("r-") else "ORGANIZATIONAL_UNIT"
                self._give(node.source, "ListParents", {"Parents": [{"Id": parent, "Type": kind}]}, account)

    def _targets(self) -> dict[str, list[str]]:
        """Return what each policy is attached to, by its ARN."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in ("ous", "accounts"):
            for target, node in self._members(name).items():
                for kind in _CONTROLS:
                    listed = node.at(kind)
                    for arn in listed.value if listed is not None and isinstance(listed.value, list) else ():
                        found[str(arn)].append(target)
        return found

    def _control(self, kind: str, metadata: Node, policy: Node | None, targets: Mapping[str, list[str]]) -> None:
        arn = metadata.text("arn")
        identity = arn.rpartition("/")[2]
        summary = {
            "Id": identity,
            "Arn": arn,
            "Name": metadata.at("name"),
            "Description": metadata.at("description"),
            "Type": _CONTROLS[kind],
            "AwsManaged": metadata.at("awsManaged"),
        }
        if not arn:
            return
        self._give(metadata.source, "ListPolicies", {"Policies": [summary]}, complete=False)
        if policy is not None:
            described = {"PolicySummary": summary, "Content": policy}
            self._give(metadata.source, "DescribePolicy", {"Policy": described}, identity)
        attached = [{"TargetId": target} for target in targets.get(arn, [])]
        self._give(metadata.source, "ListTargetsForPolicy", {"Targets": attached}, identity)
