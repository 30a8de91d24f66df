"""What a plan leaves open is told from its configuration, as far as it can be."""

import json

import pytest

import auditkit as ak
from auditkit.exports import read
from auditkit.graph import INTERNET, connect
from auditkit.graph.permissions import permissions_of
from auditkit.inventory import UNSET
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.cognito import IdentityPool
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.tables import Table
from auditkit.policy import PolicyKind, parse
from tests.exports.terraform.rendering import ACCOUNT, REGION, listed, plan_of

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"


def inventory_of(document, tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps(document))
    return read(tmp_path / "plan.json")


def declared(kind, name, key="aws", **expressions):
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_config_key": key,
        "expressions": expressions,
    }


def constant(value):
    return {"constant_value": value}


def mappings(inventory):
    return sorted((found.event_source_arn, found.function_arn) for found in inventory.of(EventSourceMapping))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["aws_sqs_queue.dead.arn", "aws_sqs_queue.dead"], f"{QUEUE}dead"),
        (["aws_sqs_queue.dead.arn", "aws_sqs_queue.other.arn"], UNSET),
        (["data.external.letters.result"], UNSET),
    ],
)
def test_where_messages_go_that_fail_is_told_by_the_queue_that_is_referred_to(tmp_path, names, expected):
    resources = {f"aws_sqs_queue.{name}": {"name": name} for name in ("dead", "jobs", "other")}
    document = plan_of(resources)
    (jobs,) = [one for one in document["configuration"]["root_module"]["resources"] if one["name"] == "jobs"]
    jobs["expressions"]["redrive_policy"] = listed(names)
    (queue,) = [queue for queue in inventory_of(document, tmp_path).of(Queue) if queue.name == "jobs"]
    policy = queue.attributes.redrive_policy
    assert (policy if policy is UNSET else policy.dead_letter_target_arn) == expected


def test_instances_of_a_count_are_linked_with_those_of_the_same_index(tmp_path):
    resources = {}
    for index in range(2):
        resources[f"aws_sqs_queue.q[{index}]"] = {"name": f"q{index}", "visibility_timeout_seconds": 3}
        resources[f"aws_lambda_function.f[{index}]"] = {"function_name": f"f{index}", "role": "r"}
        resources[f"aws_lambda_event_source_mapping.m[{index}]"] = {}
    configuration = {
        "resources": [
            declared("aws_sqs_queue", "q"),
            declared("aws_lambda_function", "f"),
            declared(
                "aws_lambda_event_source_mapping",
                "m",
                event_source_arn={"references": ["aws_sqs_queue.q", "count.index"]},
                function_name={"references": ["aws_lambda_function.f", "count.index"]},
            ),
        ]
    }
    inventory = inventory_of(plan_of(resources, configuration), tmp_path)
    assert mappings(inventory) == [(f"{QUEUE}q{index}", f"{FUNCTION}f{index}") for index in range(2)]


@pytest.mark.parametrize("key", ["eu", "a/b", "a.b", 'a"c'])
def test_instances_of_a_for_each_are_linked_by_their_keys(key, tmp_path):
    resources = {
        f"aws_sqs_queue.q[{json.dumps(key)}]": {"name": "one", "visibility_timeout_seconds": 3},
        f"aws_sqs_queue.q[{json.dumps('other')}]": {"name": "two", "visibility_timeout_seconds": 3},
        f"aws_lambda_event_source_mapping.m[{json.dumps(key)}]": {"function_name": "f"},
    }
    configuration = {
        "resources": [
            declared("aws_sqs_queue", "q"),
            declared(
                "aws_lambda_event_source_mapping",
                "m",
                function_name=constant("f"),
                event_source_arn={"references": ["aws_sqs_queue.q", "each.key"]},
            ),
        ]
    }
    inventory = inventory_of(plan_of(resources, configuration), tmp_path)
    assert mappings(inventory) == [(f"{QUEUE}one", f"{FUNCTION}f")]


def test_an_index_in_a_reference_counts(tmp_path):
    resources = {
        "aws_sqs_queue.q[0]": {"name": "one", "visibility_timeout_seconds": 3},
        "aws_sqs_queue.q[1]": {"name": "two", "visibility_timeout_seconds": 3},
        "aws_lambda_event_source_mapping.m": {"function_name": "f"},
    }
    expressions = {
        "function_name": constant("f"),
        "event_source_arn": {"references": ["aws_sqs_queue.q[1].arn", "aws_sqs_queue.q[1]", "aws_sqs_queue.q"]},
    }
    mapping = declared("aws_lambda_event_source_mapping", "m", **expressions)
    configuration = {"resources": [declared("aws_sqs_queue", "q"), mapping]}
    assert mappings(inventory_of(plan_of(resources, configuration), tmp_path)) == [(f"{QUEUE}two", f"{FUNCTION}f")]


def test_a_key_in_a_reference_counts(tmp_path):
    resources = {
        'aws_sqs_queue.q["eu"]': {"name": "one", "visibility_timeout_seconds": 3},
        'aws_sqs_queue.q["us"]': {"name": "two", "visibility_timeout_seconds": 3},
        "aws_lambda_event_source_mapping.m": {"function_name": "f"},
    }
    found = ['aws_sqs_queue.q["us"].arn', 'aws_sqs_queue.q["us"]', "aws_sqs_queue.q"]
    expressions = {"function_name": constant("f"), "event_source_arn": {"references": found}}
    mapping = declared("aws_lambda_event_source_mapping", "m", **expressions)
    configuration = {"resources": [declared("aws_sqs_queue", "q"), mapping]}
    assert mappings(inventory_of(plan_of(resources, configuration), tmp_path)) == [(f"{QUEUE}two", f"{FUNCTION}f")]


@pytest.mark.parametrize(
    ("reference", "mapping", "source"),
    [
        ('module.queue["us"].arn', "m", "us"),
        ("module.queue", 'm["us"]', "us"),
        ("module.queue", 'm["eu"]', "eu"),
    ],
)
def test_outputs_of_modules_for_each_key_are_followed(reference, mapping, source, tmp_path):
    resources = {
        f'module.queue["{key}"].aws_sqs_queue.q': {"name": key, "visibility_timeout_seconds": 3} for key in ("eu", "us")
    }
    resources[f"aws_lambda_event_source_mapping.{mapping}"] = {"function_name": "f"}
    queue = {
        "resources": [declared("aws_sqs_queue", "q")],
        "outputs": {"arn": {"expression": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}},
    }
    expressions = {"function_name": constant("f"), "event_source_arn": {"references": [reference, "each.key"]}}
    configuration = {
        "resources": [declared("aws_lambda_event_source_mapping", "m", **expressions)],
        "module_calls": {"queue": {"for_each_expression": constant(["eu", "us"]), "module": queue}},
    }
    found = mappings(inventory_of(plan_of(resources, configuration), tmp_path))
    assert found == [(f"{QUEUE}{source}", f"{FUNCTION}f")]


def test_a_statement_about_all_of_a_module_is_about_each_of_its_instances(tmp_path):
    resources = {f'module.queue["{key}"].aws_sqs_queue.q': {"name": key} for key in ("eu", "us")}
    resources["data.aws_iam_policy_document.d"] = {"statement": [{"actions": ["sqs:*"]}]}
    resources["aws_iam_role.r"] = ROLE
    resources["aws_iam_role_policy.p"] = {"name": "own", "role": "r"}
    queue = {
        "resources": [declared("aws_sqs_queue", "q")],
        "outputs": {"arn": {"expression": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}},
    }
    every = {"statement": [{"actions": constant(["sqs:*"]), "resources": {"references": ["module.queue"]}}]}
    document = {**declared("aws_iam_policy_document", "d", **every), "mode": "data"}
    policy = {"policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}}
    configuration = {
        "resources": [document, declared("aws_iam_role", "r"), declared("aws_iam_role_policy", "p", **policy)],
        "module_calls": {"queue": {"for_each_expression": constant(["eu", "us"]), "module": queue}},
    }
    (role,) = inventory_of(plan_of(resources, configuration), tmp_path).of(Role)
    (found,) = parse(role.inline_policies[0].document.document, kind=PolicyKind.IDENTITY).statements
    assert {f"{QUEUE}eu", f"{QUEUE}us"} <= set(found.resources)


def test_a_variable_of_a_module_may_be_its_for_each_value(tmp_path):
    resources = {
        "aws_sqs_queue.q": {"name": "jobs", "visibility_timeout_seconds": 3},
        'module.worker["a"].aws_lambda_event_source_mapping.m': {"function_name": "f"},
    }
    expressions = {"function_name": constant("f"), "event_source_arn": {"references": ["var.source"]}}
    worker = {"resources": [declared("aws_lambda_event_source_mapping", "m", **expressions)]}
    call = {
        "for_each_expression": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]},
        "expressions": {"source": {"references": ["each.value"]}},
        "module": worker,
    }
    configuration = {"resources": [declared("aws_sqs_queue", "q")], "module_calls": {"worker": call}}
    assert mappings(inventory_of(plan_of(resources, configuration), tmp_path)) == [(f"{QUEUE}jobs", f"{FUNCTION}f")]


def modular(call):
    """Return a plan in which a queue of one module feeds a function of another."""
    resources = {
        "module.queue.aws_sqs_queue.q": {"name": "jobs", "visibility_timeout_seconds": 3},
        "module.worker.aws_lambda_event_source_mapping.m": {"function_name": "f"},
    }
    queue = {
        "resources": [declared("aws_sqs_queue", "q")],
        "outputs": {"arn": {"expression": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}},
    }
    expressions = {"function_name": constant("f"), "event_source_arn": {"references": ["var.source"]}}
    worker = {
        "resources": [declared("aws_lambda_event_source_mapping", "m", **expressions)],
        "variables": {"source": {"default": "arn:aws:sqs:eu-west-1:999988887777:default"}},
    }
    return plan_of(
        resources,
        {"module_calls": {"queue": {"module": queue}, "worker": {"expressions": call, "module": worker}}},
        variables={"given": {"value": "arn:aws:sqs:eu-west-1:999988887777:given"}},
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"source": {"references": ["module.queue.arn", "module.queue"]}}, f"{QUEUE}jobs"),
        ({"source": {"references": ["var.given"]}}, "arn:aws:sqs:eu-west-1:999988887777:given"),
        ({"source": constant("arn:aws:sqs:eu-west-1:999988887777:fixed")}, "arn:aws:sqs:eu-west-1:999988887777:fixed"),
        ({}, "arn:aws:sqs:eu-west-1:999988887777:default"),
    ],
)
def test_inputs_and_outputs_of_modules_are_followed(call, expected, tmp_path):
    assert mappings(inventory_of(modular(call), tmp_path)) == [(expected, f"{FUNCTION}f")]


def test_modules_that_feed_each_other_end(tmp_path):
    plan = modular({"source": {"references": ["module.queue.arn"]}})
    calls = plan["configuration"]["root_module"]["module_calls"]
    calls["queue"]["module"]["outputs"]["arn"]["expression"] = {"references": ["var.back"]}
    calls["queue"]["expressions"] = {"back": {"references": ["module.worker.back"]}}
    calls["worker"]["module"]["outputs"] = {"back": {"expression": {"references": ["var.source"]}}}
    assert mappings(inventory_of(plan, tmp_path)) == [("(var.source)", f"{FUNCTION}f")]


def test_a_name_that_a_generator_makes_is_a_symbol_that_all_agree_on(tmp_path):
    resources = {
        "random_pet.p": {"length": 2},
        "aws_sqs_queue.q": {"name_prefix": "jobs-", "visibility_timeout_seconds": 3},
        "aws_lambda_function.f": {"function_name": "${random_pet.p.id}", "role": "r"},
        "aws_lambda_event_source_mapping.m": {
            "event_source_arn": "${aws_sqs_queue.q.arn}",
            "function_name": "${aws_lambda_function.f.arn}",
        },
    }
    inventory = inventory_of(plan_of(resources), tmp_path)
    queue, function = f"{QUEUE}jobs-(aws_sqs_queue.q)", f"{FUNCTION}(aws_lambda_function.f)"
    assert mappings(inventory) == [(queue, function)]
    assert (inventory.of(Queue)[0].id, inventory.of(Function)[0].id) == (queue, function)


def test_two_resources_never_share_a_symbol(tmp_path):
    addresses = ['aws_sqs_queue.q["a/b"]', 'aws_sqs_queue.q["a-b"]', "aws_sqs_queue.q"]
    inventory = inventory_of(plan_of({address: {"visibility_timeout_seconds": 3} for address in addresses}), tmp_path)
    assert len(inventory.of(Queue)) == len(addresses)


def test_the_region_is_that_of_the_provider_of_a_resource(tmp_path):
    plan = plan_of({"aws_sqs_queue.q": {"name": "jobs", "visibility_timeout_seconds": 3}})
    plan["configuration"]["provider_config"] = {
        "aws": {"expressions": {"region": constant("eu-west-1")}},
        "aws.us": {"expressions": {"region": {"references": ["var.region"]}}},
    }
    plan["variables"] = {"region": {"value": "us-east-1"}}
    plan["configuration"]["root_module"]["resources"][0]["provider_config_key"] = "aws.us"
    assert inventory_of(plan, tmp_path).of(Queue)[0].id == f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"


def test_without_any_account_all_resources_share_one_that_does_not_exist(tmp_path):
    plan = plan_of({"aws_sqs_queue.q": {"name": "jobs", "visibility_timeout_seconds": 3}})
    del plan["prior_state"]
    assert inventory_of(plan, tmp_path).of(Queue)[0].account == "000000000001"


def test_what_is_to_be_deleted_is_not_there(tmp_path):
    plan = plan_of({"aws_sqs_queue.q": {"name": "jobs", "visibility_timeout_seconds": 3}})
    gone = {"name": "gone", "arn": f"{QUEUE}gone"}
    change = {"actions": ["delete"], "before": gone, "after": None, "after_unknown": {}}
    plan["resource_changes"].append(
        {"address": "aws_sqs_queue.g", "mode": "managed", "type": "aws_sqs_queue", "name": "g", "change": change}
    )
    plan["prior_state"]["values"]["root_module"]["resources"].append(
        {"address": "aws_sqs_queue.g", "mode": "managed", "type": "aws_sqs_queue", "name": "g", "values": gone}
    )
    assert [queue.name for queue in inventory_of(plan, tmp_path).of(Queue)] == ["jobs"]


def test_what_is_there_already_keeps_its_arn(tmp_path):
    known = {"name": "jobs", "arn": "arn:aws:sqs:eu-central-1:444455556666:jobs", "visibility_timeout_seconds": 3}
    assert inventory_of(plan_of({"aws_sqs_queue.q": known}), tmp_path).of(Queue)[0].account == "444455556666"


ROLE = {"name": "r", "assume_role_policy": {"Version": "2012-10-17", "Statement": []}}


def test_a_policy_that_is_not_known_is_unseen_and_noted(tmp_path):
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "${aws_sqs_queue.q.arn}"}],
    }
    resources = {
        "aws_sqs_queue.q": {"name": "jobs", "visibility_timeout_seconds": 3},
        "aws_iam_role.r": ROLE,
        "aws_iam_role_policy.p": {"name": "own", "role": "${aws_iam_role.r.name}", "policy": document},
    }
    inventory = inventory_of(plan_of(resources), tmp_path)
    assert inventory.of(Role)[0].inline_policies[0].document is UNSET
    assert any("policy will be known only when the plan is applied" in note.reason for note in inventory.not_read)


def test_a_policy_document_names_what_its_references_name_and_what_is_below(tmp_path):
    statement = {"actions": ["s3:GetObject"], "resources": ["${aws_s3_bucket.b.arn}"]}
    resources = {
        "aws_s3_bucket.b": {"bucket": "inbox"},
        "data.aws_iam_policy_document.d": {"statement": [statement]},
        "aws_iam_role.r": ROLE,
        "aws_iam_role_policy.p": {
            "name": "own",
            "role": "${aws_iam_role.r.name}",
            "policy": "${data.aws_iam_policy_document.d.json}",
        },
    }
    (policy,) = inventory_of(plan_of(resources), tmp_path).of(Role)[0].inline_policies
    (found,) = parse(policy.document.document, kind=PolicyKind.IDENTITY).statements
    assert found.resources == ("arn:aws:s3:::inbox", "arn:aws:s3:::inbox/*")


def test_blocks_are_matched_with_their_expressions_by_their_constants(tmp_path):
    """A set of blocks stands in another order in the values than in the configuration."""
    plan = plan_of(
        {
            "aws_sqs_queue.a": {"name": "a", "visibility_timeout_seconds": 3},
            "aws_sqs_queue.b": {"name": "b", "visibility_timeout_seconds": 3},
            "aws_lambda_function.f": {"function_name": "f", "role": "r"},
            "aws_s3_bucket.s": {"bucket": "s"},
            "aws_s3_bucket_notification.n": {
                "bucket": "s",
                "queue": [
                    {"id": "a", "events": ["x"], "queue_arn": "${aws_sqs_queue.a.arn}"},
                    {"id": "b", "events": ["x"], "queue_arn": "${aws_sqs_queue.b.arn}"},
                ],
            },
        }
    )
    resources = plan["planned_values"]["root_module"]["resources"]
    notification = next(item for item in resources if item["type"] == "aws_s3_bucket_notification")
    notification["values"]["queue"].reverse()
    (bucket,) = (record for record in inventory_of(plan, tmp_path) if record.kind == "bucket")
    found = bucket.notification.queue_configurations
    assert {queue.id: queue.queue_arn for queue in found} == {"a": f"{QUEUE}a", "b": f"{QUEUE}b"}


def test_references_name_what_they_lead_up_to_as_well():
    assert listed(["aws_sqs_queue.q.arn"]) == {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, True),
        ({"sqs_managed_sse_enabled": constant(True)}, True),
        ({"sqs_managed_sse_enabled": {"references": ["var.sealed"]}}, UNSET),
        ({"kms_master_key_id": {"references": ["aws_kms_key.k.id", "aws_kms_key.k"]}}, None),
    ],
)
def test_a_queue_that_says_nothing_of_encryption_is_encrypted_by_sqs(said, expected, tmp_path):
    planned = {name: one["constant_value"] for name, one in said.items() if "constant_value" in one}
    resources = {"aws_sqs_queue.q": {"name": "q", "visibility_timeout_seconds": 3, **planned}}
    configuration = {"resources": [declared("aws_sqs_queue", "q", **said)]}
    (queue,) = inventory_of(plan_of(resources, configuration), tmp_path).of(Queue)
    assert queue.attributes.sqs_managed_sse_enabled == expected


@pytest.mark.parametrize("blocked", [False, True])
def test_a_bucket_that_its_policy_opens_has_no_block_unless_it_says_so(blocked, tmp_path):
    policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}
    of_bucket = {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}
    resources = {
        "aws_s3_bucket.b": {"bucket": "site"},
        "aws_s3_bucket_policy.p": {"policy": json.dumps(policy)},
    }
    declarations = [declared("aws_s3_bucket", "b"), declared("aws_s3_bucket_policy", "p", bucket=of_bucket)]
    if blocked:
        resources["aws_s3_bucket_public_access_block.a"] = {"restrict_public_buckets": True}
        declarations.append(declared("aws_s3_bucket_public_access_block", "a", bucket=of_bucket))
    inventory = inventory_of(plan_of(resources, {"resources": declarations}), tmp_path)
    (bucket,) = inventory.of(Bucket)
    assert (bucket.public_access_block is not None) == blocked
    assert INTERNET in {origin for origin, _ in connect(inventory).in_edges(bucket.id)} or blocked


@pytest.mark.parametrize(
    ("kind", "attribute", "expected"),
    [
        ("aws_s3_bucket", "arn", "arn:aws:s3:::site"),
        (
            "aws_api_gateway_rest_api",
            "execution_arn",
            f"arn:aws:execute-api:{REGION}:{ACCOUNT}:(aws_api_gateway_rest_api.source)*",
        ),
    ],
)
def test_the_source_of_a_permission_may_go_on_unless_it_is_a_bucket(kind, attribute, expected, tmp_path):
    resources = {
        f"{kind}.source": {"bucket": "site"} if kind == "aws_s3_bucket" else {"name": "a"},
        "aws_lambda_function.f": {"function_name": "f", "role": "r"},
        "aws_lambda_permission.p": {
            "action": "lambda:InvokeFunction", "function_name": "f", "principal": "s3.amazonaws.com",
        },
    }  # fmt: skip
    of_source = {"references": [f"{kind}.source.{attribute}", f"{kind}.source"]}
    declarations = [
        declared(kind, "source"),
        declared("aws_lambda_function", "f"),
        declared("aws_lambda_permission", "p", source_arn=of_source),
    ]
    (function,) = inventory_of(plan_of(resources, {"resources": declarations}), tmp_path).of(Function)
    (statement,) = function.policy.document["Statement"]
    found = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
    assert found == expected


@pytest.mark.parametrize(
    ("members", "guests", "told"),
    [
        ("authenticated", "unauthenticated", True),
        ("staff", "guest", True),
        ("users", "other", True),
        ("one", "two", False),
    ],
)
def test_whose_a_role_of_a_pool_is_stays_unseen_where_a_plan_does_not_tell(members, guests, told, tmp_path):
    roles = {f"aws_iam_role.{name}": {"name": name, "path": "/"} for name in (members, guests)}
    given = {"authenticated": f"${{aws_iam_role.{members}.arn}}", "unauthenticated": f"${{aws_iam_role.{guests}.arn}}"}
    pool = {"identity_pool_name": "app", "allow_unauthenticated_identities": True}
    attached = {"identity_pool_id": "${aws_cognito_identity_pool.p.id}", "roles": given}
    plan = plan_of(
        {
            **roles,
            "aws_cognito_identity_pool.p": pool,
            "aws_cognito_identity_pool_roles_attachment.a": attached,
        }
    )
    inventory = inventory_of(plan, tmp_path)
    (found,) = inventory.of(IdentityPool)
    named = f"arn:aws:iam::{ACCOUNT}:role/"
    wanted = {"authenticated": f"{named}{members}", "unauthenticated": f"{named}{guests}"}
    assert found.roles == (wanted if told else UNSET)
    assert told != any("guests" in one.reason for one in inventory.not_read)


def keyed(kind, label, keys, **values):
    return {f'{kind}.{label}["{key}"]': {**values, **({"name": key} if kind == "aws_iam_role" else {})} for key in keys}


EACH = ["aws_iam_role.r", "each.key"]


def test_a_role_of_the_same_key_is_an_arn_where_one_is_asked_for(tmp_path):
    resources = keyed("aws_iam_role", "r", "ab") | {
        f'aws_lambda_function.f["{key}"]': {"function_name": key, "runtime": "python3.13"} for key in "ab"
    }
    function = declared("aws_lambda_function", "f", role={"references": EACH})
    configuration = {"resources": [declared("aws_iam_role", "r"), function]}
    inventory = inventory_of(plan_of(resources, configuration), tmp_path)
    roles = {function.name: function.role for function in inventory.of(Function)}
    assert roles == {role.name: role.id for role in inventory.of(Role)}


def test_which_of_several_roles_is_meant_is_not_guessed(tmp_path):
    resources = keyed("aws_iam_role", "r", "ab") | {
        'aws_lambda_function.f["jobs"]': {"function_name": "jobs", "runtime": "python3.13"}
    }
    function = declared("aws_lambda_function", "f", role={"references": ["aws_iam_role.r", "each.value.role"]})
    configuration = {"resources": [declared("aws_iam_role", "r"), function]}
    (found,) = inventory_of(plan_of(resources, configuration), tmp_path).of(Function)
    assert not found.role


POLICY = {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})}


@pytest.mark.parametrize(
    ("of", "values", "expressions", "known"),
    [
        ("aws_iam_role_policy", {"name": "own"} | POLICY, {"role": {"references": EACH}}, {"a": False, "b": False}),
        ("aws_iam_role_policy", {"name": "own", "role": "a"} | POLICY, {}, {"a": True, "b": True}),
        (
            "aws_iam_role_policy_attachment",
            {"policy_arn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
            {"role": {"references": EACH}},
            {"a": False, "b": False},
        ),
        (
            "aws_iam_role_policy_attachment",
            {"role": "a"},
            {"policy_arn": {"references": ["data.aws_iam_policy.told.arn", "data.aws_iam_policy.told"]}},
            {"a": False, "b": True},
        ),
        (
            "aws_iam_role_policy_attachment",
            {"role": "a"},
            {"policy_arn": {"references": ["each.value"]}},
            {"a": False, "b": True},
        ),
    ],
)
def test_a_policy_of_which_is_not_known_whose_or_what_it_is_leaves_open_what_a_role_may_do(
    of, values, expressions, known, tmp_path
):
    resources = keyed("aws_iam_role", "r", "ab") | keyed(of, "p", ["x/y"], **values)
    configuration = {"resources": [declared("aws_iam_role", "r"), declared(of, "p", **expressions)]}
    inventory = inventory_of(plan_of(resources, configuration), tmp_path)
    found = permissions_of(inventory).principals
    assert {one.arn[-1]: all(document.readable for document in one.identity) for one in found} == known


def test_a_policy_of_the_same_key_belongs_to_one_role(tmp_path):
    resources = keyed("aws_iam_role", "r", "ab") | keyed("aws_iam_role_policy", "p", "a", name="own", **POLICY)
    policy = declared("aws_iam_role_policy", "p", role={"references": EACH})
    configuration = {"resources": [declared("aws_iam_role", "r"), policy]}
    inventory = inventory_of(plan_of(resources, configuration), tmp_path)
    assert {role.name: [one.name for one in role.inline_policies] for role in inventory.of(Role)} == {
        "a": ["own"],
        "b": [],
    }


UNTOLD = "${data.external.untold.result}"
SETTINGS = {
    "aws_sns_topic.t": {"name": "t", "kms_master_key_id": UNTOLD},
    "aws_lambda_function.f": {
        "function_name": "f",
        "runtime": "python3.13",
        "handler": "a.b",
        "role": "r",
        "environment": [{"variables": {"A": "b"}}],
        "kms_key_arn": UNTOLD,
    },
    "aws_cloudwatch_log_group.g": {"name": "g", "retention_in_days": UNTOLD},
    "aws_lambda_function_url.u": {
        "function_name": "${aws_lambda_function.f.function_name}",
        "authorization_type": UNTOLD,
    },
    "aws_db_instance.d": {
        "identifier": "d",
        "engine": "postgres",
        "backup_retention_period": 7,
        "deletion_protection": UNTOLD,
    },
    "aws_dynamodb_table.o": {
        "name": "o",
        "hash_key": "id",
        "attribute": [{"name": "id", "type": "S"}],
        "server_side_encryption": [{"enabled": UNTOLD, "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/k"}],
        "tags": {"classification": "restricted"},
    },
    "aws_kinesis_stream.c": {"name": "c", "encryption_type": UNTOLD, "kms_key_id": "k"},
}


@pytest.mark.parametrize(
    ("check", "label"),
    [
        ("rest.retention", "g"),
        ("perim.function-url", "f"),
        ("dos.url-uncapped", "f"),
        ("rest.backup-integrity", "d"),
        ("rest.encrypted", "o"),
        ("rest.encrypted", "c"),
    ],
)
def test_a_setting_that_is_set_to_nobody_knows_what_neither_passes_nor_fails(tmp_path, check, label):
    found = ak.Audit(inventory_of(plan_of(SETTINGS), tmp_path), date="2026-11-01").findings
    assert {str(one.verdict) for one in found if (one.check, one.label) == (check, label)} == {"UNKNOWN"}


@pytest.mark.parametrize(("check", "label"), [("rest.encrypted", "t"), ("rest.env-kms", "f")])
def test_a_key_that_is_made_with_the_rest_is_a_key(tmp_path, check, label):
    found = ak.Audit(inventory_of(plan_of(SETTINGS), tmp_path), date="2026-11-01").findings
    assert {str(one.verdict) for one in found if (one.check, one.label) == (check, label)} == {"PASS"}


@pytest.mark.parametrize(("enabled", "told"), [(True, "ENABLED"), (False, "DISABLED"), (UNTOLD, None)])
def test_whether_a_table_can_be_got_back_may_not_be_told(tmp_path, enabled, told):
    resources = {"aws_dynamodb_table.o": {"name": "o", "point_in_time_recovery": [{"enabled": enabled}]}}
    (table,) = inventory_of(plan_of(resources), tmp_path).of(Table)
    found = table.continuous_backups
    said = None if found is UNSET else found.point_in_time_recovery_description.point_in_time_recovery_status
    assert said == told


PASSWORD, KEPT, OTHER = (
    "random_password.p.result",
    "aws_secretsmanager_secret.s.arn",
    "data.vault_generic_secret.v.data",
)


@pytest.mark.parametrize(
    ("variables", "secret"),
    [
        ({"DB_PASSWORD": PASSWORD, "TABLE": "aws_dynamodb_table.t.name"}, {"DB_PASSWORD"}),
        ({"DB_PASSWORD": PASSWORD}, {"DB_PASSWORD"}),
        ({"DB_PASSWORD": OTHER, "TABLE": "aws_dynamodb_table.t.name"}, {"DB_PASSWORD"}),
        ({"DB_SECRET": KEPT, "TABLE": "aws_dynamodb_table.t.name"}, set()),
        ({"DB_SECRET": KEPT, "LEVEL": OTHER}, set()),
        ({"LEVEL": OTHER, "OTHER": OTHER}, set()),
    ],
)
def test_a_variable_that_will_hold_a_secret_is_told_before_it_does(tmp_path, variables, secret):
    resources = {
        "random_password.p": {"length": 20},
        "aws_secretsmanager_secret.s": {"name": "db"},
        "aws_dynamodb_table.t": {"name": "t"},
        "aws_lambda_function.f": {
            "function_name": "f",
            "role": "r",
            "environment": [{"variables": {key: f"${{{text}}}" for key, text in variables.items()}}],
        },
    }
    (found,) = inventory_of(plan_of(resources), tmp_path).of(Function)
    assert {key for key, value in found.environment.items() if value.secret} == secret
    assert variables.keys() <= found.environment.keys()
