"""Bring the notebooks into the form they are committed in: no outputs, stable cell ids, sorted keys.

python scripts/notebooks.py            rewrite notebooks/*.ipynb in that form
python scripts/notebooks.py --check    only say which are not; exit code 1 if any
"""

import sys
from pathlib import Path

import nbformat

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def normal_form(path: Path) -> str:
    """Return a notebook's text as it is committed."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
        cell["metadata"] = {"tags": cell["metadata"]["tags"]} if cell["metadata"].get("tags") else {}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return nbformat.writes(notebook) + "\n"


def main(arguments: list[str]) -> int:
    """Rewrite or check all notebooks; return the exit code."""
    changed = [path for path in sorted(FOLDER.glob("*.ipynb")) if path.read_text("utf-8") != normal_form(path)]
    for path in changed:
        print(f"{path.name} is not in the form that is committed" if "--check" in arguments else f"rewrote {path.name}")
        if "--check" not in arguments:
            path.write_text(normal_form(path), "utf-8")
    return 1 if changed and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
