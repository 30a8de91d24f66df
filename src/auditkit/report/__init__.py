"""Reports: tables and pictures as one HTML page with its files. A report computes nothing."""

from auditkit.report.build import report_from_audit
from auditkit.report.files import write_report
from auditkit.report.html import html_from_report
from auditkit.report.model import Figure, Report, Section, Table

__all__ = ["Figure", "Report", "Section", "Table", "html_from_report", "report_from_audit", "write_report"]
