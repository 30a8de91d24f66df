"""What pipes read: whether a message or a record that always fails has an end."""

import pytest

import auditkit as ak

TEMPLATE = """
Parameters: {Untold: {Type: Number}}
Resources:
  Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: dead}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs REDRIVE}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {Name: clicks}}
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: 'arn:aws:iam::111122223333:role/f'}
  P:
    Type: AWS::Pipes::Pipe
    Properties:
      Name: p
      RoleArn: arn:aws:iam::111122223333:role/p
      DesiredState: STATE
      Source: !GetAtt SOURCE.Arn
      SourceParameters: PARAMETERS
      Target: !GetAtt F.Arn
"""
REDRIVE = ", RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}"
DEAD = "DeadLetterConfig: {Arn: !GetAtt Dead.Arn}"


def found_by(folder, **words):
    text = TEMPLATE
    for word, value in {"STATE": "RUNNING", "REDRIVE": "", "PARAMETERS": "{}", **words}.items():
        text = text.replace(word, value)
    (folder / "t.yaml").write_text(text, encoding="utf-8")
    found = ak.Audit(ak.read(folder), date="2026-11-01").findings
    return {one.label: str(one.verdict) for one in found if one.check == "dos.poison-message"}


@pytest.mark.parametrize(("redrive", "verdict"), [("", "FAIL"), (REDRIVE, "PASS")])
def test_a_queue_that_a_pipe_reads(tmp_path, redrive, verdict):
    assert found_by(tmp_path, SOURCE="Jobs", REDRIVE=redrive)["jobs"] == verdict


def test_a_pipe_that_is_stopped_reads_nothing(tmp_path):
    assert "jobs" not in found_by(tmp_path, SOURCE="Jobs", STATE="STOPPED")


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        (f"MaximumRetryAttempts: 3, {DEAD}", "PASS"),
        (f"MaximumRecordAgeInSeconds: 300, {DEAD}", "PASS"),
        ("MaximumRetryAttempts: 3", "WARN"),
        (f"MaximumRetryAttempts: -1, {DEAD}", "WARN"),
        (DEAD, "WARN"),
        ("BatchSize: 10", "FAIL"),
        (f"MaximumRetryAttempts: !Ref Untold, {DEAD}", "UNKNOWN"),
        ("MaximumRecordAgeInSeconds: !Ref Untold", "UNKNOWN"),
    ],
)
def test_a_stream_that_a_pipe_reads(tmp_path, settings, verdict):
    parameters = f"{{KinesisStreamParameters: {{StartingPosition: LATEST, {settings}}}}}"
    assert found_by(tmp_path, SOURCE="Clicks", PARAMETERS=parameters)["p"] == verdict
