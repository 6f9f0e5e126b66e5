"""The Questionnaires that a submission can be asked with, read once from their folder."""

from pathlib import Path

import orjson

from teleconsole.gateway.config import ConfigError
from teleconsole.gateway.fhir_client import Resource

QUESTIONNAIRE_URL = "urn:teleconsole:questionnaire:"


class Questionnaires:
    """All Questionnaires by the name of their file, which is also the case type that they open."""

    def __init__(self, folder: Path) -> None:
        """Read the folder's JSON files.

        Raises:
            ConfigError: a file is not a Questionnaire.
        """
        self._by_id: dict[str, Resource] = {}
        for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            try:
                resource = orjson.loads(file.read_bytes())
            except orjson.JSONDecodeError as error:
                raise ConfigError(f"The questionnaire {file} is not valid JSON.") from error
            if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
                raise ConfigError(f"The file {file} is not a FHIR Questionnaire.")
            self._by_id[file.stem] = resource

    def get(self, questionnaire_id: str) -> Resource | None:
        """Return a Questionnaire or None."""
        return self._by_id.get(questionnaire_id)


def canonical(questionnaire: Resource) -> str:
    """Return the canonical with version that a QuestionnaireResponse names."""
    url = questionnaire.get("url") or f"{QUESTIONNAIRE_URL}{questionnaire.get('id')}"
    return f"{url}|{questionnaire.get('version', '1')}"
