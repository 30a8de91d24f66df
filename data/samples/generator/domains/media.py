"""Pictures of products and of customers: uploads, thumbnails."""

from data.samples.generator.account import ACCOUNT, Account, allow
from data.samples.generator.entries import rule
from data.samples.generator.stores import bucket, notify

UPLOADS = "larkspurvane-media-upload"
PICTURES = "larkspurvane-media"


def build(account: Account) -> None:
    """Create the picture service."""
    account.at("2024-01-15T12:00:00")
    uploads = bucket(account, UPLOADS, owner="media", data="internal", expire_days=7)
    pictures = bucket(account, PICTURES, owner="media", data="public", versioned=True)
    account.at("2026-03-03T10:25:00")
    thumbnail = account.function(
        "media-thumbnail",
        allow("s3:GetObject", f"{uploads}/incoming/*"),
        allow("s3:PutObject", f"{pictures}/thumbnails/*"),
        runtime="python3.12",
        memory=1536,
        timeout=60,
        packages={"pillow": "11.1.0"},
        environment={"UPLOAD_BUCKET": UPLOADS, "PICTURE_BUCKET": PICTURES},
        EphemeralStorage={"Size": 1024},
        reserved=40,
    )
    account.permit("media-thumbnail", "s3.amazonaws.com", source=uploads, account=ACCOUNT)
    notify(account, UPLOADS, {"function": thumbnail, "prefix": "incoming/", "suffix": ".jpg"}, events=True)
    account.right("dos.recursion", thumbnail, "reads from one bucket and writes to another")
    account.right("deps.known-vuln", thumbnail, "pillow 11.1.0")
    account.right("appvuln.code-findings", thumbnail, "literals only are evaluated, and its pattern does not backtrack")
    account.right("perim.invoke-policy", thumbnail, "pinned by SourceArn and SourceAccount")
    _moderate(account, uploads)


def _moderate(account: Account, uploads: str) -> None:
    """Create a function from an image that nobody owns, rebuilt last in 2024."""
    account.at("2024-10-01T07:30:00")
    client = account.client("ecr")
    image = client.describe_repositories(repositoryNames=["media/moderate"])["repositories"][0]["repositoryUri"]
    function = account.function(
        "media-moderate",
        allow("s3:GetObject", f"{uploads}/incoming/*"),
        allow(["rekognition:DetectModerationLabels"], "*"),
        allow("dynamodb:UpdateItem", account.arn("dynamodb", "table/reviews")),
        image=f"{image}:prod",
        memory=2048,
        timeout=120,
        labels={"env": "prod"},
        environment={"UPLOAD_BUCKET": UPLOADS, "REVIEWS_TABLE": "reviews"},
    )
    source = rule(
        account,
        "media-uploaded",
        function,
        pattern={"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [UPLOADS]}}},
    )
    account.ids["rule:media-uploaded"] = source
    account.wrong("patch.os-only-runtime-owner", function, "container image without a tag that names who patches it")
    account.wrong("sprawl.owner", function, "no owner, team or app tag")
    account.wrong("deps.stale-build", function, "not rebuilt since October 2024")
