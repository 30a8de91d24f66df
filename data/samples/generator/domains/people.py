"""The people of the company: groups and users as IAM still has them, and the groups of the staff's pool."""

from data.samples.generator.account import ACCOUNT, Account, allow, deny, document, trust


def build(account: Account) -> None:
    """Create groups, users and what they may do."""
    account.at("2022-05-09T09:00:00")
    iam = account.client("iam")
    iam.create_group(GroupName="developers")
    iam.attach_group_policy(GroupName="developers", PolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    iam.put_group_policy(
        GroupName="developers",
        PolicyName="no-secrets-without-mfa",
        PolicyDocument=document(
            allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/break-glass"),
            deny(
                ["secretsmanager:GetSecretValue", "ssm:GetParameter*"],
                "*",
                Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            ),
        ),
    )
    for name in ("ines.moreau", "tomasz.wilk"):
        iam.create_user(UserName=name, Tags=[{"Key": "owner", "Value": "platform"}])
        iam.add_user_to_group(GroupName="developers", UserName=name)
    role = account.role(
        "break-glass",
        managed=["arn:aws:iam::aws:policy/PowerUserAccess"],
        trusts=[
            trust(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                Condition={
                    "Bool": {"aws:MultiFactorAuthPresent": "true"},
                    "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
                },
            )
        ],
        owner="platform",
    )
    account.right(
        "perim.role-admin", role, "no function runs as it, and taking it on needs a second factor within the hour"
    )
    cognito = account.client("cognito-idp")
    pool = account.ids["staff-pool-arn"].rpartition("/")[2]
    cognito.create_group(UserPoolId=pool, GroupName="finance", Description="Reads reports", Precedence=10)
