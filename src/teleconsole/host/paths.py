"""Where things lie on this computer: the profile of one clinician, the logs, the resources of the program."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

PROFILE_VARIABLE = "TELECONSOLE_PROFILE"
_APP = "teleconsole"


@dataclass(frozen=True)
class Profile:
    """The folder that holds everything of one clinician on this computer; made with mode 0700.

    Args:
        folder: absolute.
    """

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLCipher database."""
        return self.folder / "queue.db"

    @property
    def header(self) -> Path:
        """The slots that wrap the data key."""
        return self.folder / "queue.keys"

    @property
    def evidence(self) -> Path:
        """Sealed files of the cases."""
        return self.folder / "evidence"

    @property
    def spool(self) -> Path:
        """Drop-boxes of visits."""
        return self.folder / "spool"

    @property
    def lock(self) -> Path:
        """Held by the one program that works with this profile."""
        return self.folder / "profile.lock"

    @property
    def settings(self) -> Path:
        """Choices of the person: no PHI, no secret."""
        return self.folder / "settings.json"

    @property
    def logs(self) -> Path:
        """Rotated logs without PHI."""
        return self.folder / "logs"

    def make(self) -> None:
        """Make the folders, readable by this user alone.

        Raises:
            OSError: the place cannot be written.
        """
        for folder in (self.folder, self.evidence, self.spool, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def default_profile() -> Profile:
    """Return the profile of the environment variable, or the platform's local (never roaming) data folder."""
    chosen = os.environ.get(PROFILE_VARIABLE, "")
    if chosen:
        return Profile(Path(chosen).expanduser().absolute())
    return Profile(Path(platformdirs.user_data_dir(_APP, appauthor=False, roaming=False)) / "default")


def managed_policy() -> Path:
    """Return where IT installs a managed policy on this platform; the file need not exist."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "teleconsole" / "policy.json"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/teleconsole/policy.json")
    return Path("/etc/teleconsole/policy.json")


def resources() -> Path:
    """Return the folder of icons, themes, patient pages and questionnaires: beside the source, or in the package.

    Raises:
        FileNotFoundError: the installation is not whole.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_resources", package.parents[1] / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the resources of teleconsole are missing: install it again")
