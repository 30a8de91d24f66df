import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.exports.secrets import environment_value, reduced


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("AWS_KEY", "AKIAIOSFODNN7EXAMPLE", "AWS access key id"),
        ("SIGNING", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "private key"),
        ("SESSION", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "JSON web token"),
        ("PSP", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "payment provider key"),
        ("DATABASE_URL", "postgres://app:hunter22@db.example.com:5432/shop", "userinfo in URL"),
        ("CALLBACK", "https://hooks.example.com/in?token=abcdef", "credential in the query of a URL"),
        ("DB_PASSWORD", "Winter2023!", "named like a credential"),
        ("SMTP_PASS", "correct horse", "named like a credential"),
        ("SMTP_PASS", "horse", "named like a credential"),
        ("API_SECRET", "changeme", "named like a credential"),
        ("API_TOKEN", "t0ken-4711", "named like a credential"),
        ("API_KEY", "mysecretkey", "named like a credential"),
        ("JWT_SECRET", "supersecretkey", "named like a credential"),
        ("JWT_SECRET", "my-jwt-secret", "named like a credential"),
        ("SECRET_KEY", "do-not-tell", "named like a credential"),
        ("ENCRYPTION_KEY", "Zm9vYmFyYmF6", "named like a credential"),
        ("OPAQUE", "q8Zr4TnB0vXy7LkWc2PdHs9JmFa3EuGi", "dense text like a key"),
        ("ALERTS", "https://hooks.slack.com/services/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", "web hook"),
        ("MODEL", "sk-proj-q8Zr4TnB0vXy7LkWc2PdHs9JmFa3EuGi", "AI provider key"),
        ("REGISTRY", "npm_q8Zr4TnB0vXy7LkWc2PdHs9JmFa3EuGi1234", "package registry token"),
        ("DB", "Server=db;User Id=app;Password=Winter2023!;", "password in a connection string"),
        ("QUEUE", "Endpoint=sb://x/;SharedAccessKey=Zm9vYmFyYmF6;", "password in a connection string"),
        ("SETTINGS", '{"host": "db", "password": "Winter2023!"}', "a field named like a credential"),
        ("API_KEY", "{{resolve:secretsmanager:shop/search}}", "written out at deployment"),
        ("SEARCH", "{{resolve:secretsmanager:shop/search:SecretString:key}}", "written out at deployment"),
        ("DSN", "host=db;auth={{resolve:ssm-secure:/shop/db:2}}", "written out at deployment"),
        ("API_KEY", "{{resolve:ssm:/shop/search}}", "written out at deployment"),
    ],
)
def test_credential_is_seen(key, value, reason):
    found = environment_value(value, key=key)
    assert found.secret
    assert found.reason == reason


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ORDERS_TABLE", "orders"),
        ("DB_SECRET", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-a1b2c3"),
        ("DB_SECRET", "orders/database"),
        ("DB_SECRET", "orders-database"),
        ("LEDGER_SECRET", "ledger"),
        ("API_TOKEN", "/shop/search/token"),
        ("SECRET_NAME", "orders-database"),
        ("TOKEN_TTL", "3600"),
        ("ENCRYPTION_KEY", "1b2c3d4e-0000-4444-8888-1234567890ab"),
        ("ENCRYPTION_KEY", "alias/orders"),
        ("JWT_SECRET", "/shop/jwt"),
        ("PARTNER_TOKEN", "partner-token"),
        ("USE_PASSWORD", "false"),
        ("ENDPOINT", "https://api.example.com/v1"),
        ("COMMIT", "9f2c1d7e8b3a4f5061728394a5b6c7d8e9f00112"),
        ("DB", "Server=db;User Id=app;Password=${password};"),
        ("SETTINGS", '{"host": "db", "password": "/shop/db/password"}'),
        ("SEARCH", "{{resolve:ssm:/shop/search}}"),
        ("MODEL", "risk-assessment"),
        ("PICTURE", "task-force-of-the-sk-region"),
    ],
)
def test_reference_is_no_credential(key, value):
    assert not environment_value(value, key=key).secret


@pytest.mark.parametrize(
    ("value", "scheme", "host", "port"),
    [
        ("https://api.example.com/v1?x=1", "https", "api.example.com", None),
        (
            "redis://sessions.abc.ng.0001.euw1.cache.amazonaws.com:6379",
            "redis",
            "sessions.abc.ng.0001.euw1.cache.amazonaws.com",
            6379,
        ),
        ("jdbc:postgresql://orders-db.example.com:5432/orders", "postgresql", "orders-db.example.com", 5432),
        (
            "orders-db.cluster-abc.eu-west-1.rds.amazonaws.com",
            "",
            "orders-db.cluster-abc.eu-west-1.rds.amazonaws.com",
            None,
        ),
        ("mail.example.com:25", "", "mail.example.com", 25),
        ("com.larkspur.orders.Handler", "", "", None),
        ("index.handler", "", "", None),
        ("http://[broken", "", "", None),
        ("https://example.com:99999/", "https", "example.com", None),
    ],
)
def test_host_is_kept(value, scheme, host, port):
    found = environment_value(value)
    assert (found.scheme, found.host, found.port) == (scheme, host, port)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0", "verification off"),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "1", ""),
        ("OPTIONS", "host=db.internal sslmode=disable", "sslmode=disable"),
        ("ANY", "postgres://db.internal/shop?sslmode=disable", "sslmode=disable"),
        ("ANY", "postgres://db.internal/shop?sslmode=verify-full", ""),
        ("ANY", "mysql://db.internal/shop?ssl-mode=PREFERRED", "ssl-mode=preferred"),
        ("ANY", "Server=db.internal;TrustServerCertificate=True;", "trustservercertificate=true"),
        ("PGSSLMODE", "disable", "TLS off"),
        ("DB_SSL", "false", "TLS off"),
        ("DB_SSL", "true", ""),
        ("SSL_VERIFY", "no", "verification off"),
        ("SEARCH_TLS_INSECURE", "true", "verification off"),
        ("TLS_TABLE", "off", ""),
    ],
)
def test_switched_off_protection_is_named(key, value, reason):
    found = environment_value(value, key=key)
    assert not found.secret
    assert found.reason == reason


def test_credential_leaves_no_digest_and_hides_no_other_fault():
    found = environment_value("postgres://app:hunter22@db.example.com/shop?sslmode=disable")
    assert found.sha256 == ""
    assert found.reason == "userinfo in URL; sslmode=disable"


@given(st.text(min_size=9), st.text())
def test_value_is_never_kept(value, key):
    found = environment_value(value, key=key)
    assert found.length == len(value)
    assert value not in (found.sha256, found.scheme, found.reason)


def test_response_is_reduced_where_secrets_stand():
    response = {
        "Configuration": {
            "FunctionName": "pay",
            "Environment": {"Variables": {"DB_PASSWORD": "Winter2023!", "MODE": "live"}},
        },
        "Code": {"RepositoryType": "S3", "Location": "https://bucket.s3.amazonaws.com/x?X-Amz-Signature=abc"},
    }
    result = reduced("lambda", "GetFunction", response)
    assert "Winter2023" not in json.dumps(result)
    assert result["Configuration"]["Environment"]["Variables"]["DB_PASSWORD"]["secret"] is True
    assert result["Configuration"]["Environment"]["Variables"]["MODE"] == {
        "length": 4,
        "sha256": hashlib.sha256(b"live").hexdigest()[:16],
        "secret": False,
    }
    assert result["Code"] == {"RepositoryType": "S3"}
    assert response["Code"]["Location"], "the response itself is left as it is"
    assert reduced("lambda", "GetFunction", result) == result


def test_value_is_judged_by_the_name_beside_it_and_the_name_of_a_secret_stays():
    variables = [
        {"name": "DB_PASSWORD", "value": "Winter2023!", "type": "PLAINTEXT"},
        {"name": "API_KEY", "value": "orders/key:json", "type": "SECRETS_MANAGER"},
    ]
    response = {"projects": [{"name": "build", "environment": {"environmentVariables": variables}}]}
    result = reduced("codebuild", "BatchGetProjects", response)
    kept = result["projects"][0]["environment"]["environmentVariables"]
    assert kept[0]["value"] == {"length": 11, "sha256": "", "secret": True, "reason": "named like a credential"}
    assert kept[1] == variables[1]
    assert reduced("codebuild", "BatchGetProjects", result) == result


def test_constant_header_is_reduced_and_reference_is_not():
    parameters = {
        "integration.request.header.X-Key": "'k-12345'",
        "integration.request.path.id": "method.request.path.id",
    }
    response = {"items": [{"resourceMethods": {"GET": {"methodIntegration": {"requestParameters": parameters}}}}]}
    result = reduced("apigateway", "GetResources", response)
    kept = result["items"][0]["resourceMethods"]["GET"]["methodIntegration"]["requestParameters"]
    assert kept["integration.request.path.id"] == "method.request.path.id"
    assert kept["integration.request.header.X-Key"]["length"] == 7


def test_credential_is_removed_wherever_it_stands():
    response = {"definition": "key AKIAIOSFODNN7EXAMPLE at https://u:p4ss@host.example"}
    assert reduced("stepfunctions", "DescribeStateMachine", response) == {
        "definition": "key [removed: AWS access key id] at https://[removed: userinfo in URL]@host.example"
    }


def test_of_a_private_key_without_an_end_nothing_is_left():
    text = "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nq1w2e3"
    assert reduced("lambda", "GetFunction", {"Note": text}) == {"Note": "before\n[removed: private key]"}


def test_many_beginnings_of_private_keys_are_looked_through():
    text = "-----BEGIN PRIVATE KEY-----" * 40_000
    assert reduced("lambda", "GetFunction", {"Note": text}) == {"Note": "[removed: private key]"}
