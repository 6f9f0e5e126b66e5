"""Where the files that come with the program are: pages, questionnaires, icons, demo pictures."""

from pathlib import Path


def resources_folder() -> Path:
    """The folder of the program's own files: inside the installed package, else beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"
