"""Messages to customers: one queue, one function, the mail and text providers."""

from data.samples.generator.account import Account, allow
from data.samples.generator.stores import poll


def build(account: Account) -> None:
    """Create the sender; its queue came with fulfilment."""
    account.at("2025-01-28T08:50:00")
    out = account.arn("sqs", "messages-out")
    function = account.function(
        "messages-send",
        allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], out),
        runtime="nodejs20.x",
        timeout=10,
        environment={
            "MAIL_URL": "https://api.postlark.example/v1/messages",
            "MAIL_API_KEY": "SG.not-a-real-key-000000.not-a-real-key-0000000000000000",
            "TEXT_URL": "https://gateway.beacontext.example/send",
            "TEXT_TOKEN": "bt-4f2a9c71d6e8",
            "FROM": "orders@larkspurvane.example",
        },
    )
    poll(account, "messages-send", out, BatchSize=10, ScalingConfig={"MaximumConcurrency": 10})
    account.wrong("appvuln.secrets-env", function, "keys of the mail and the text provider stand in the environment")
    account.wrong("patch.runtime-deprecated", function, "nodejs20.x, deprecated 2026-04-30")
    account.wrong(
        "rest.env-kms", function, "environment under the default key: whoever reads the configuration reads the keys"
    )
