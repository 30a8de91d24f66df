"""Resources of a template that are there or not, as a parameter without a value decides: nothing passes on them."""

import pytest

import auditkit as ak
from tests.areas.scenes import LIMITED

HEAD = """
Parameters: {Told: {Type: String}}
Conditions: {Maybe: !Equals [!Ref Told, 'yes'], Never: !Equals [a, b], Always: !Not [!Condition Never]}
Resources:
"""
DENIED = """
  Docs: {Type: AWS::S3::Bucket, Properties: {BucketName: docs}}
  Rules:
    Type: AWS::S3::BucketPolicy
    Condition: MAYBE
    Properties:
      Bucket: !Ref Docs
      PolicyDocument:
        Statement:
          Effect: Deny
          Principal: '*'
          Action: 's3:*'
          Resource: ['arn:aws:s3:::docs', 'arn:aws:s3:::docs/*']
          Condition: {Bool: {'aws:SecureTransport': 'false'}}
"""
WATCHED = """
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: r, Code: {ZipFile: x}}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref F, AuthType: NONE}}
  Open:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref F
      Action: lambda:InvokeFunctionUrl
      Principal: '*'
      FunctionUrlAuthType: NONE
  Ops: {Type: AWS::SNS::Topic}
  Errors:
    Type: AWS::CloudWatch::Alarm
    Condition: MAYBE
    Properties:
      AlarmActions: [!Ref Ops]
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: !Ref F}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
  Throttles:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmActions: [!Ref Ops]
      Namespace: AWS/Lambda
      MetricName: Throttles
      Dimensions: [{Name: FunctionName, Value: !Ref F}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
"""
QUEUED = """
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Rules:
    Type: AWS::SQS::QueuePolicy
    Condition: MAYBE
    Properties:
      Queues: [!Ref Jobs]
      PolicyDocument:
        Statement: {Effect: Allow, Principal: {AWS: '111122223333'}, Action: 'sqs:SendMessage', Resource: '*'}
"""
BEFORE = """
  Before:
    Type: AWS::WAFv2::WebACLAssociation
    Condition: MAYBE
    Properties: {WebACLArn: !GetAtt Acl.Arn, ResourceArn: !GetAtt Graph.Arn}
"""
WALLED = LIMITED + BEFORE


def verdict_of(folder, text, check, label):
    (folder / "template.yaml").write_text(HEAD + text, encoding="utf-8")
    found = ak.Audit(ak.read(folder), date="2026-11-01").findings
    (one,) = [one for one in found if (one.check, one.label) == (check, label)]
    return one


@pytest.mark.parametrize("sam", ["", "  S: {Type: AWS::Serverless::SimpleTable}\n"])
@pytest.mark.parametrize(
    ("text", "check", "label"),
    [
        (DENIED, "transit.secure-transport-deny", "docs"),
        (QUEUED, "rest.public-store", "jobs"),
        (WALLED, "dos.waf-ratelimit", "graph"),
        (WATCHED, "sprawl.alarms", "f"),
    ],
)
def test_nothing_passes_on_what_may_not_be_there(tmp_path, text, check, label, sam):
    always = verdict_of(tmp_path, text.replace("MAYBE", "Always") + sam, check, label)
    maybe = verdict_of(tmp_path, text.replace("MAYBE", "Maybe") + sam, check, label)
    assert (str(always.verdict), str(maybe.verdict)) == ("PASS", "UNKNOWN")
    assert any("the condition 'Maybe' hangs on what is not known" in one for one in maybe.missing)
    assert maybe.reason.endswith("; but some of it may not be there")


def test_that_a_resource_may_not_be_there_is_nothing_that_it_lacks(tmp_path):
    text = """
  F:
    Type: AWS::Serverless::Function
    Condition: Maybe
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, InlineCode: x, FunctionUrlConfig: {AuthType: NONE}}
"""
    runtime = verdict_of(tmp_path, text, "patch.runtime-deprecated", "f")
    assert str(runtime.verdict) == "PASS"  # it runs on a good one, or it does not run


def test_a_condition_that_is_not_decided_is_told_where_it_stands(tmp_path):
    (tmp_path / "template.yaml").write_text(HEAD + DENIED.replace("MAYBE", "Maybe"), encoding="utf-8")
    told = {(one.source.pointer, one.whether) for one in ak.read(tmp_path).not_read}
    assert told == {("/Resources/Rules", True)}
