"""Sources of tools that make templates or plans: they say nothing before they are run, and here is what to run."""

__all__ = ["what_to_run"]

_SERVERLESS = (
    "a source of the Serverless Framework, which is no template yet: run `serverless package` and hand over "
    ".serverless/cloudformation-template-update-stack.json"
)
_TERRAFORM = (
    "a source of Terraform, which says nothing before it is planned: hand over what `terraform show -json` writes of "
    "the state, or of a plan (`terraform plan -out=plan && terraform show -json plan > plan.json`)"
)
_CDK = "a source of the AWS CDK, which is no template yet: run `cdk synth` and hand over the folder cdk.out"
_PULUMI = "a source of Pulumi, which auditkit does not read: hand over an export of the account (docs/exports.md)"
_NAMES = {
    "cdk.json": _CDK,
    "pulumi.yaml": _PULUMI,
    "pulumi.yml": _PULUMI,
    "serverless.js": _SERVERLESS,
    "serverless.json": _SERVERLESS,
    "serverless.ts": _SERVERLESS,
    "serverless.yaml": _SERVERLESS,
    "serverless.yml": _SERVERLESS,
}
_ENDINGS = {".tf": _TERRAFORM, ".tf.json": _TERRAFORM, ".tofu": _TERRAFORM}


def what_to_run(path: str) -> str:
    """Return why a source says nothing yet, and what to run for it; ``""`` for any other file.

    Parameters
    ----------
    path
        Path of the file in the export.
    """
    name = path.rpartition("/")[2].lower()
    ending = next((reason for end, reason in _ENDINGS.items() if name.endswith(end)), "")
    return _NAMES.get(name, ending)
