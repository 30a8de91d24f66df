"""MemoryDB, DAX and Redshift in the graph: hops to them, who signs in, what they act in, and by which names they go."""

import pytest

from auditkit.graph._build import Builder
from auditkit.graph.connect import connect, validate
from auditkit.graph.schema import EdgeKind, Evidence, Interval, View
from auditkit.graph.store_factors import store_factors
from auditkit.inventory import Kind
from tests.areas.scenes import gaad, role
from tests.exports.feeding import ACCOUNT, answer, feed
from tests.exports.stores_by_hand import ARN, access_list, dax, memorydb, redshift, ssl, user, user_group, workgroup

MEMORY, DAX = ARN.format("memorydb", "cluster/m"), ARN.format("dax", "cache/d")
CLUSTER, GROUP = ARN.format("redshift", "cluster:r"), ARN.format("redshift-serverless", "workgroup/1-2")
FUNCTION = ARN.format("lambda", "function:f")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/warehouse"
SECRET = ARN.format("secretsmanager", "secret:admin-AbCdEf")


def level(factor, node_id, *responses):
    """Return the hop, and the bounds of a factor; None where its settings say nothing."""
    hop = store_factors(Builder(feed(*responses)), node_id)
    found = hop.levels.get(factor)
    value = found[0] if found is not None else None
    bounds = value if isinstance(value, Interval) or value is None else Interval.exactly(value)
    return hop.hop, bounds and (bounds.low, bounds.high)


@pytest.mark.parametrize(
    ("node", "account", "expected"),
    [
        (MEMORY, [memorydb(TLSEnabled=True)], ("function->memorydb", (0, 0))),
        (MEMORY, [memorydb(TLSEnabled=False)], ("function->memorydb", (1, 1))),
        (MEMORY, [memorydb()], ("function->memorydb", None)),
        (DAX, [dax(ClusterEndpointEncryptionType="TLS")], ("function->dax", (0, 0))),
        (DAX, [dax(ClusterEndpointEncryptionType="NONE")], ("function->dax", (1, 1))),
        (DAX, [dax()], ("function->dax", None)),
        (CLUSTER, [redshift(), ssl("true")], ("function->redshift", (0, 0))),
        (CLUSTER, [redshift(), ssl("false")], ("function->redshift", (0.6, 0.6))),
        (CLUSTER, [redshift()], ("function->redshift", (0, 0.6))),
        (GROUP, workgroup(configParameters=[{"parameterKey": "require_ssl", "parameterValue": "true"}]),
         ("function->redshift-serverless", (0, 0))),
        (GROUP, workgroup(configParameters=[{"parameterKey": "require_ssl", "parameterValue": "false"}]),
         ("function->redshift-serverless", (0.6, 0.6))),
        (GROUP, workgroup(), ("function->redshift-serverless", None)),
    ],
)  # fmt: skip
def test_encryption_of_the_way_there(node, account, expected):
    assert level("encryption", node, *account) == expected


def test_a_parameter_that_waits_for_a_reboot_is_not_in_force():
    waiting = [{"ParameterGroupName": "pg", "ParameterApplyStatus": "pending-reboot"}]
    assert level("encryption", CLUSTER, redshift(ClusterParameterGroups=waiting), ssl("true"))[1] == (0, 0.6)


@pytest.mark.parametrize(("settings", "expected"), [(True, (0.5, 0.5)), (False, (0, 0)), (None, (0, 0.5))])
def test_the_address_of_a_warehouse(settings, expected):
    said = {} if settings is None else {"PubliclyAccessible": settings}
    assert level("network", CLUSTER, redshift(**said))[1] == expected
    said = {} if settings is None else {"publiclyAccessible": settings}
    assert level("network", GROUP, *workgroup(**said))[1] == expected


CACHE = ARN.format("elasticache", "replicationgroup:c")
CACHES = [
    (
        CACHE,
        answer(
            "elasticache.DescribeReplicationGroups",
            {"ReplicationGroups": [{"ReplicationGroupId": "c", "ARN": CACHE, "UserGroupIds": ["g"]}]},
        ),
        "elasticache",
        user_group,
    ),
    (
        ARN.format("elasticache", "serverlesscache:s"),
        answer(
            "elasticache.DescribeServerlessCaches",
            {
                "ServerlessCaches": [
                    {
                        "ServerlessCacheName": "s",
                        "ARN": ARN.format("elasticache", "serverlesscache:s"),
                        "UserGroupId": "g",
                    }
                ]
            },
        ),
        "elasticache",
        user_group,
    ),
    (MEMORY, memorydb(ACLName="g"), "memorydb", access_list),
]


@pytest.mark.parametrize(("node", "cache", "service", "group"), CACHES)
@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ({"a": ("password", "on ~* +@all")}, (0.5, 0.5)),
        ({"a": ("iam", "on ~* +@all")}, (0, 0)),
        ({"a": ("iam", "on ~* +@all"), "b": ("password", "on ~* +@all")}, (0, 0.5)),
        ({"a": ("password", "on ~* +@all"), "b": ("no-password", "on ~* +@all")}, (1, 1)),
        ({"a": ("password", "on ~* +@all"), "b": ("no-password", "on ~* allcommands")}, (1, 1)),
        ({"a": ("password", "on ~* +@all"), "b": ("no-password", "off ~* +@all")}, (0.5, 0.5)),
        ({"a": ("password", "on ~* +@all"), "b": ("no-password", "on ~* -@all")}, (0.5, 0.5)),
        ({"a": ("iam", "on ~* +@all"), "b": ("no-password", "off -@all")}, (0, 0)),
        ({"a": ("password", "on ~* +@all"), "b": (None, "on ~* +@all")}, (0, 1)),
    ],
)
def test_the_users_of_a_cache(node, cache, service, group, users, expected):
    found = [user(name, kind, rights, service=service) for name, (kind, rights) in users.items()]
    assert level("authentication", node, cache, group(*users), *found)[1] == expected
    assert level("authentication", node, cache, group("unseen", *users), *found)[1] == (
        expected if expected == (1, 1) else (0, 1)
    )


@pytest.mark.parametrize(("node", "cache", "group"), [(node, cache, group) for node, cache, _, group in CACHES])
def test_users_that_were_not_seen(node, cache, group):
    assert level("authentication", node, cache)[1] == (0, 1)
    assert level("authentication", node, cache, group("a"))[1] == (0, 1)


def test_the_open_list_of_memorydb():
    assert level("authentication", MEMORY, memorydb(ACLName="open-access"))[1] == (1, 1)


# --------------------------------------------------------------- nodes and edges


def graph_of(*responses):
    graph = connect(feed(*responses))
    validate(graph)
    return graph


def edges(graph, origin, target, kind):
    found = graph.get_edge_data(origin, target) or {}
    return [edge for edge in found.values() if edge["kind"] is kind]


WALL = answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1"}]})


@pytest.mark.parametrize(
    ("node", "account", "kind"),
    [
        (MEMORY, [memorydb()], Kind.CACHE),
        (DAX, [dax()], Kind.CACHE),
        (CLUSTER, [redshift()], Kind.DATABASE),
        (GROUP, workgroup(), Kind.DATABASE),
    ],
)
def test_a_store_lies_in_its_vpc(node, account, kind):
    graph = graph_of(*account, WALL)
    assert (graph.nodes[node]["kind"], graph.nodes[node]["boundary"].kind) == (kind, "VPC")


def test_dax_acts_in_its_role_for_who_asks_it():
    (edge,) = edges(graph_of(dax(IamRoleArn=ROLE)), DAX, ROLE, EdgeKind.RUNS_AS)
    assert (edge["cost"], edge["evidence"], edge["view"]) == (1, Evidence.CONFIGURED, View.TRUST)


@pytest.mark.parametrize(
    ("node", "account"),
    [
        (CLUSTER, [redshift(IamRoles=[{"IamRoleArn": ROLE}], MasterPasswordSecretArn=SECRET)]),
        (GROUP, workgroup({"iamRoles": [f"IamRole(applyStatus=in-sync, iamRoleArn={ROLE})"],
                           "adminPasswordSecretArn": SECRET})),
        (GROUP, workgroup({"iamRoles": [ROLE], "adminPasswordSecretArn": SECRET})),
    ],
)  # fmt: skip
def test_a_warehouse_loads_in_its_roles_and_its_secret_opens_it(node, account):
    graph = graph_of(*account)
    assert [edge["cost"] for edge in edges(graph, node, ROLE, EdgeKind.RUNS_AS)] == [3]
    assert [edge["cost"] for edge in edges(graph, SECRET, node, EdgeKind.OPENS)] == [1]


HOST = "x.example.amazonaws.com"


@pytest.mark.parametrize(
    ("node", "account", "hop"),
    [
        (MEMORY, [memorydb(ClusterEndpoint={"Address": HOST, "Port": 6379})], "function->memorydb"),
        (MEMORY, [memorydb(Shards=[{"Nodes": [{"Endpoint": {"Address": HOST}}]}])], "function->memorydb"),
        (DAX, [dax(ClusterDiscoveryEndpoint={"Address": HOST, "Port": 8111})], "function->dax"),
        (DAX, [dax(Nodes=[{"Endpoint": {"Address": HOST}}])], "function->dax"),
        (CLUSTER, [redshift(Endpoint={"Address": HOST, "Port": 5439})], "function->redshift"),
        (GROUP, workgroup(endpoint={"address": HOST, "port": 5439}), "function->redshift-serverless"),
    ],
)
def test_a_function_that_names_the_address_uses_the_store(node, account, hop):
    item = {"FunctionName": "f", "FunctionArn": FUNCTION, "Version": "$LATEST"}
    item |= {"Environment": {"Variables": {"WHERE": f"https://{HOST}:1"}}}
    graph = graph_of(*account, answer("lambda.ListFunctions", {"Functions": [item]}))
    (write,), (read,) = edges(graph, FUNCTION, node, EdgeKind.WRITES), edges(graph, node, FUNCTION, EdgeKind.READS)
    assert (write["factors"].hop, read["factors"].hop, write["evidence"]) == (hop, hop, Evidence.REFERENCED)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["dax:GetItem"], [EdgeKind.READS]),
        (["dax:*"], [EdgeKind.READS, EdgeKind.WRITES]),
        (["dynamodb:*"], []),
    ],
)
def test_dax_asks_for_permission(actions, expected):
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    item = {"FunctionName": "f", "FunctionArn": FUNCTION, "Version": "$LATEST", "Role": ROLE}
    item |= {"Environment": {"Variables": {"WHERE": f"dax://{HOST}"}}}
    graph = graph_of(
        dax(ClusterDiscoveryEndpoint={"Address": HOST, "Port": 8111}),
        answer("lambda.ListFunctions", {"Functions": [item]}),
        gaad(role("warehouse", statement)),
    )
    found = [EdgeKind.READS] if edges(graph, DAX, FUNCTION, EdgeKind.READS) else []
    found += [EdgeKind.WRITES] if edges(graph, FUNCTION, DAX, EdgeKind.WRITES) else []
    assert found == expected


@pytest.mark.parametrize(
    ("action", "node", "account"),
    [
        ("memorydb:Connect", MEMORY, [memorydb()]),
        ("memorydb:*", MEMORY, [memorydb()]),
        ("dax:Query", DAX, [dax()]),
        ("redshift-data:ExecuteStatement", CLUSTER, [redshift()]),
        ("redshift:DeleteCluster", CLUSTER, [redshift()]),
        ("redshift-data:ExecuteStatement", GROUP, workgroup()),
        ("redshift-serverless:GetCredentials", GROUP, workgroup()),
    ],
)
def test_who_may_use_a_store_without_naming_it(action, node, account):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    graph = graph_of(*account, gaad(role("warehouse", statement)))
    assert edges(graph, ROLE, node, EdgeKind.PERMITS)


def test_keys_of_the_customer_encrypt_them():
    key = ARN.format("kms", "key/k")
    graph = graph_of(memorydb(KmsKeyId=key), redshift(KmsKeyId=key), *workgroup({"kmsKeyId": key}))
    assert all(edges(graph, key, node, EdgeKind.OPENS) for node in (MEMORY, CLUSTER, GROUP))
