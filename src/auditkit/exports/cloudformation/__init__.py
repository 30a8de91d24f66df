"""Templates of AWS CloudFormation and of the Serverless Application Model, in JSON and YAML."""

from auditkit.exports.cloudformation._loading import TemplateError, load
from auditkit.exports.cloudformation._reader import Templates

__all__ = ["TemplateError", "Templates", "load"]
