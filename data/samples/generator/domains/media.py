"""Pictures of products and of customers: uploads, thumbnails."""

from data.samples.generator.account import ACCOUNT, Account, allow
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
    notify(account, UPLOADS, {"function": thumbnail, "prefix": "incoming/", "suffix": ".jpg"})
