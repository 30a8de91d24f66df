"""catalogue-import: reads the lists that suppliers put into the drop bucket."""

import re

import boto3
import openpyxl
from larkspur_common import VERSION

NAME = re.compile(r"^(\w+\s?)+$")
NUMBER = re.compile(r"^[0-9]{4,12}$")


def handler(event, context):
    """Import the products of one list."""
    found = 0
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
        stream = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
        for name, number in openpyxl.load_workbook(stream).active.iter_rows(values_only=True):
            found += bool(NAME.match(str(name)) and NUMBER.match(str(number)))
    return {"products": found, "with": VERSION}
