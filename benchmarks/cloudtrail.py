"""Speed and memory of reading CloudTrail's log, against decoding the same file with ``json`` (and ``orjson``).

``python benchmarks/cloudtrail.py [--megabytes 500]`` writes a made-up log, one array of that size, reads it, and prints
megabytes per second of one core, the ratio to the others in the same run, and the memory above that of the bare
process. The events are those of real logs in size and kinds: sessions of functions, data events of buckets and tables,
calls of people and services.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from auditkit.exports._reading import Reading
from auditkit.exports.archive import open_export
from auditkit.exports.side.trails import Trails
from auditkit.inventory import Source

ACCOUNT, REGION = "111122223333", "eu-west-1"
MEGA = 1e6

_CALLS = (
    ("s3.amazonaws.com", "GetObject", "AWS::S3::Object"),
    ("s3.amazonaws.com", "PutObject", "AWS::S3::Object"),
    ("dynamodb.amazonaws.com", "PutItem", "AWS::DynamoDB::Table"),
    ("dynamodb.amazonaws.com", "Query", "AWS::DynamoDB::Table"),
    ("lambda.amazonaws.com", "Invoke", "AWS::Lambda::Function"),
    ("secretsmanager.amazonaws.com", "GetSecretValue", ""),
    ("kms.amazonaws.com", "Decrypt", "AWS::KMS::Key"),
    ("sts.amazonaws.com", "AssumeRole", "AWS::IAM::Role"),
    ("ec2.amazonaws.com", "DescribeNetworkInterfaces", ""),
)


def events(random: Random) -> Iterator[dict[str, Any]]:
    """Yield made-up events without end, about 1.7 kB each."""
    while True:
        source, name, kind = random.choice(_CALLS)
        function = f"function-{random.randrange(300)}"
        yield {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": f"AROA{random.getrandbits(64):016X}:{function}",
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{function}-role/{function}",
                "accountId": ACCOUNT,
                "accessKeyId": f"ASIA{random.getrandbits(64):016X}",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": f"AROA{random.getrandbits(64):016X}",
                        "arn": f"arn:aws:iam::{ACCOUNT}:role/{function}-role",
                        "accountId": ACCOUNT,
                        "userName": f"{function}-role",
                    },
                    "attributes": {"creationDate": "2026-03-01T09:58:11Z", "mfaAuthenticated": "false"},
                },
            },
            "eventTime": f"2026-03-{random.randint(1, 31):02d}T{random.randrange(24):02d}:17:00Z",
            "eventSource": source,
            "eventName": name,
            "awsRegion": REGION,
            "sourceIPAddress": f"10.0.{random.randrange(256)}.{random.randrange(256)}",
            "userAgent": "Boto3/1.35.0 md/Botocore#1.35.0 ua/2.0 os/linux#5.10 md/arch#x86_64 lang/python#3.13",
            "requestParameters": {
                "bucketName": f"bucket-{random.randrange(40)}",
                "key": f"orders/2026/03/{random.getrandbits(80):020x}.json",
                "Host": f"bucket.s3.{REGION}.amazonaws.com",
            },
            "responseElements": None,
            "additionalEventData": {
                "SignatureVersion": "SigV4",
                "CipherSuite": "TLS_AES_128_GCM_SHA256",
                "bytesTransferredIn": 0,
                "bytesTransferredOut": random.randrange(100_000),
                "x-amz-id-2": f"{random.getrandbits(256):064x}",
                "note": 'a "quoted" \\ text',
            },
            "requestID": f"{random.getrandbits(64):016X}",
            "eventID": f"{random.getrandbits(128):032x}",
            "readOnly": name.startswith(("Get", "Describe", "Query")),
            "resources": [
                {"type": kind, "ARN": f"arn:aws:s3:::bucket-{random.randrange(40)}/{random.getrandbits(64):x}"},
                {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::bucket-{random.randrange(40)}"},
            ]
            if kind
            else None,
            "eventType": "AwsApiCall",
            "managementEvent": not kind,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Data" if kind else "Management",
            "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
        }


def write_log(path: Path, size: float, *, pretty: bool) -> None:
    """Write a log of some size in bytes."""
    made = events(Random(20_260_301))  # noqa: S311 -- the same log every time
    shapes = [json.dumps(next(made), indent=2 if pretty else None, separators=None if pretty else (",", ":"))
              for _ in range(5_000)]  # fmt: skip
    with path.open("w", encoding="utf-8") as file:
        file.write('{"Records":[')
        written = 0
        while written < size:
            text = shapes[written % len(shapes)]
            written += file.write(text if not written else "," + text)
        file.write("]}")


def read_log(path: Path) -> int:
    """Read a log and return the number of records that it adds up to."""
    reading = Reading()
    trails = Trails(reading)

    def refuse(name: str, reason: str) -> None:
        raise SystemExit(f"{name}: {reason}")

    with open_export(path, refuse) as files, closing(files[0].open()) as stream:
        trails.read(stream, Source(path.name))
        trails.settle(stream.sha256())
    trails.finish()
    return len(reading.build())


def timed(read: Callable[[Path], object], path: Path) -> float:
    """Return the seconds of this process's own time that a reading takes."""
    start = time.process_time()
    read(path)
    return time.process_time() - start


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=500)
    parser.add_argument("--pretty", action="store_true", help="indented, as other tools write it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cloudtrail.json")
        write_log(path, given.megabytes * MEGA, pretty=given.pretty)
        size = path.stat().st_size / MEGA
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours = timed(read_log, path)
        unit = 1024 if sys.platform != "darwin" else 1
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit / MEGA
        print(f"{size:.0f} MB; auditkit {size / ours:.0f} MB/s, {peak:.0f} MB of memory above the bare process")
        others: dict[str, Callable[[Path], object]] = {"json.load": lambda path: json.loads(path.read_bytes())}
        try:
            orjson = importlib.import_module("orjson")
            others["orjson.loads"] = lambda path: orjson.loads(path.read_bytes())
        except ImportError:
            print("orjson is not installed")
        for name, read in others.items():
            seconds = timed(read, path)
            print(f"{name}: {size / seconds:.0f} MB/s; auditkit is {seconds / ours:.1f} times as fast")


if __name__ == "__main__":
    main()
