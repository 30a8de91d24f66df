"""``python -m auditkit``: the command line."""

from auditkit.cli import main

main(prog_name="auditkit")
