"""What the pipelines make and share: layers, images, the bucket of packages, the pipeline's own role."""

from data.samples.generator.account import ACCOUNT, Account, allow, deny, document, tags, trust
from data.samples.generator.code import distributions, modules, zipped
from data.samples.generator.domains.organization import ORGANIZATION
from data.samples.generator.stores import bucket

PROVIDER = "token.actions.githubusercontent.com"

_COMMON = (
    ("2023-01-16T11:00:00", "one", {"urllib3": "1.26.4", "python-json-logger": "2.0.4"}),
    ("2024-09-10T08:00:00", "two", {"urllib3": "1.26.19", "python-json-logger": "2.0.7"}),
    ("2026-06-30T08:00:00", "three", {"urllib3": "2.6.3", "python-json-logger": "3.3.0"}),
)
"""Versions of the shared layer: when, which, and with which packages."""


def build(account: Account) -> None:
    """Create what the pipelines make."""
    account.at("2023-01-16T11:00:00")
    bucket(account, "larkspurvane-artifacts", owner="platform", data="internal", versioned=True)
    _pipeline(account)
    _layers(account)
    _images(account)


def _pipeline(account: Account) -> None:
    iam = account.client("iam")
    arn = iam.create_open_id_connect_provider(
        Url=f"https://{PROVIDER}",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"],
    )["OpenIDConnectProviderArn"]
    account.role(
        "pipeline-deploy",
        allow(
            ["lambda:UpdateFunctionCode", "lambda:PublishVersion", "lambda:UpdateAlias", "lambda:GetFunction"],
            account.arn("lambda", "function:*"),
        ),
        allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::larkspurvane-artifacts/*"),
        deny("lambda:UpdateFunctionCode", account.arn("lambda", "function:payments-*")),
        trusts=[
            trust(
                {"Federated": arn},
                "sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringEquals": {f"{PROVIDER}:aud": "sts.amazonaws.com"},
                    "StringLike": {f"{PROVIDER}:sub": "repo:larkspurvane/retail:ref:refs/heads/main"},
                },
            )
        ],
    )
    account.right(
        "perim.trust-policy",
        f"arn:aws:iam::{ACCOUNT}:role/pipeline-deploy",
        "federated trust pinned to one repository and branch by the sub claim",
    )


def _layers(account: Account) -> None:
    client = account.client("lambda")
    for number, (moment, note, packages) in enumerate(_COMMON, start=1):
        account.at(moment)
        content = zipped(
            {
                "python/larkspur_common/__init__.py": f'VERSION = "{note}"\n',
                **distributions(packages, below="python/"),
            }
        )
        account.hand_over(f"layer-code/larkspur-common,{number}", content)
        made = client.publish_layer_version(
            LayerName="larkspur-common",
            Description="Logging, tracing, event envelopes",
            Content={"ZipFile": content},
            CompatibleRuntimes=["python3.12", "python3.13"],
        )
        account.ids["layer:common"] = made["LayerVersionArn"]
    account.ids["layer:common-old"] = account.ids["layer:common"].rsplit(":", 1)[0] + ":1"
    client.add_layer_version_permission(
        LayerName="larkspur-common",
        VersionNumber=3,
        StatementId="organization",
        Action="lambda:GetLayerVersion",
        Principal="*",
        OrganizationId=ORGANIZATION,
    )
    _old_layer(account)
    account.wrong(
        "deps.shared-layer-blast", account.ids["layer:common"], "fifteen functions of nine teams run its code"
    )
    account.right("deps.layer-public", account.ids["layer:common"], "Principal * narrowed by aws:PrincipalOrgID")


def _old_layer(account: Account) -> None:
    """Publish what came with the acquisition, and still can be had by anyone."""
    client = account.client("lambda")
    account.at("2021-08-04T10:00:00")
    content = zipped(
        {
            "nodejs/node_modules/xml-tools/index.js": 'module.exports = require("xmldom");\n',
            **modules({"xml-tools": "0.3.0", "xmldom": "0.1.27"}, below="nodejs/"),
        }
    )
    account.hand_over("layer-code/xml-tools,1", content)
    old = client.publish_layer_version(
        LayerName="xml-tools",
        Description="XML and SOAP helpers",
        Content={"ZipFile": content},
        CompatibleRuntimes=["nodejs14.x", "nodejs16.x"],
    )
    account.ids["layer:xml"] = old["LayerVersionArn"]
    client.add_layer_version_permission(
        LayerName="xml-tools",
        VersionNumber=1,
        StatementId="everyone",
        Action="lambda:GetLayerVersion",
        Principal="*",
    )
    account.wrong("deps.layer-public", account.ids["layer:xml"], "the layer's policy lets anyone get it")


def _images(account: Account) -> None:
    account.at("2024-10-01T07:00:00")
    client = account.client("ecr")
    for name, mutability, scan in (("media/moderate", "MUTABLE", False), ("analytics/report", "IMMUTABLE", True)):
        owner = name.split("/")[0]
        client.create_repository(
            repositoryName=name,
            imageTagMutability=mutability,
            imageScanningConfiguration={"scanOnPush": scan},
            encryptionConfiguration={"encryptionType": "AES256"},
            tags=[{"Key": key, "Value": value} for key, value in sorted(tags(owner, "internal").items())],
        )
        client.put_image(
            repositoryName=name,
            imageTag="prod" if mutability == "MUTABLE" else "2026.09.2",
            imageManifest=_MANIFEST.replace("NAME", owner),
        )
    client.set_repository_policy(
        repositoryName="analytics/report",
        policyText=document(
            {
                "Sid": "OrganizationPulls",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
            }
        ),
    )
    arn = account.arn("ecr", "repository/analytics/report")
    account.right("rest.public-store", arn, "Principal * narrowed by aws:PrincipalOrgID")
    arn = account.arn("ecr", "repository/media/moderate")
    account.wrong("deps.image-mutable", arn, "tags of the repository can be moved to another image")


_MANIFEST = (
    '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    '"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":1512,'
    '"digest":"sha256:2b5d1f0c7c5a4d7f8e2d9a6b3c4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60"},'
    '"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":31357311,'
    '"digest":"sha256:9f0c1d9e3b7a4c1f9a540a4c7b6d2e115f0c1d9e3b7a4c1f9a540a4c7b6d2e11"}],'
    '"annotations":{"org.opencontainers.image.title":"NAME"}}'
)
