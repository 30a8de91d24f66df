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
_CDKTF = (
    "a source of CDK for Terraform, which says nothing before it is planned: run `cdktf synth`, and in the folder of "
    "each stack `terraform plan -out=plan && terraform show -json plan > plan.json`"
)
_SST = (
    "a source of SST, which auditkit does not read: hand over an export of the account (docs/exports.md); version 2 "
    "makes templates, which `sst build` leaves in .sst/dist"
)
_AMPLIFY = (
    "a source of AWS Amplify, which is no template yet: hand over the stacks that it deployed (`aws cloudformation "
    "get-template --stack-name NAME --template-stage Processed`, for each of `aws cloudformation list-stacks`)"
)
_COPILOT = (
    "a manifest of AWS Copilot, which is no template yet: run `copilot svc package` (or `job package`) with "
    "--output-dir and hand over that folder"
)
_CHALICE = "a source of Chalice, which is no template yet: run `chalice package out/` and hand over out/sam.json"
_PULUMI = "a source of Pulumi, which auditkit does not read: hand over an export of the account (docs/exports.md)"
_NAMES = {
    "amplify.yml": _AMPLIFY,
    "cdk.json": _CDK,
    "cdktf.json": _CDKTF,
    "pulumi.yaml": _PULUMI,
    "pulumi.yml": _PULUMI,
    "serverless.js": _SERVERLESS,
    "serverless.json": _SERVERLESS,
    "serverless.ts": _SERVERLESS,
    "serverless.yaml": _SERVERLESS,
    "serverless.yml": _SERVERLESS,
    "sst.config.js": _SST,
    "sst.config.ts": _SST,
    "team-provider-info.json": _AMPLIFY,
    "terragrunt.hcl": _TERRAFORM,
}
_ENDINGS = {".tf": _TERRAFORM, ".tf.json": _TERRAFORM, ".tofu": _TERRAFORM}


def what_to_run(path: str) -> str:
    """Return why a source says nothing yet, and what to run for it; ``""`` for any other file.

    Parameters
    ----------
    path
        Path of the file in the export.
    """
    folder, _, name = path.lower().rpartition("/")
    if f"/{folder}".endswith("/.chalice") and name == "config.json":
        return _CHALICE
    if f"/{folder}/".count("/copilot/") and name == "manifest.yml":
        return _COPILOT
    ending = next((reason for end, reason in _ENDINGS.items() if name.endswith(end)), "")
    return _NAMES.get(name, ending)
