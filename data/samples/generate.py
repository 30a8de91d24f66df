"""Make the sample account, its export and its answer key: ``python data/samples/generate.py [--out FOLDER]``.

The account is built with boto3 against moto, in this process, with the clock held and moto's chance seeded, and
exported by auditkit's own collector: the same bytes every time.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main() -> None:
    """Export where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "retailer", help="folder of the export, emptied first")
    out = parser.parse_args().out
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from data.samples.generator.export import export  # noqa: PLC0415 -- found through the path that was just set
    from data.samples.generator.key import write_csv, write_tables  # noqa: PLC0415

    key = export(out)
    write_csv(out.with_name(f"{out.name}-key.csv"), key)
    if out == HERE / "retailer":
        write_tables(HERE / "README.md", key)
    print(f"{sum(1 for _ in out.rglob('*.json'))} files in {out}")


if __name__ == "__main__":
    main()
