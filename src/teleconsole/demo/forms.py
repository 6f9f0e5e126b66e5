"""Our Questionnaires, and the responses that the made-up patients gave to them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from teleconsole.demo.fhir_values import Resource, date_time, quantity
from teleconsole.demo.stories.story import Answer, DaysAgo

_UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"


class Form:
    """One Questionnaire of resources/questionnaires, read in the subset that its README names."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self._items = {item["linkId"]: item for item in _walk(resource["item"])}

    @classmethod
    def load(cls, folder: Path, name: str) -> "Form":
        """The questionnaire of a case type.

        Raises:
            FileNotFoundError: there is none.
        """
        return cls(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))

    @property
    def canonical(self) -> str:
        """URL and version, as a response names it."""
        return f"{self.resource['url']}|{self.resource['version']}"

    def response(self, response_id: str, answers: Mapping[str, Answer], subject: Resource, at: datetime) -> Resource:
        """A completed QuestionnaireResponse with the items that the patient saw.

        Args:
            response_id: the resource's id.
            answers: by linkId.
            subject: reference to the Patient, who is the author and source too.
            at: when it was sent.

        Raises:
            ValueError: an answer belongs to an unknown or hidden item, or a required one is missing.
        """
        codes = {link: self._values(link, answer, at) for link, answer in answers.items() if link in self._items}
        used: set[str] = set()
        items = self._answered(self.resource["item"], codes, used)
        if unused := set(answers) - used:
            raise ValueError(f"{self.canonical}: no such item, or a hidden one: {sorted(unused)}")
        return {
            "resourceType": "QuestionnaireResponse",
            "id": response_id,
            "questionnaire": self.canonical,
            "status": "completed",
            "subject": subject,
            "authored": date_time(at),
            "author": subject,
            "source": subject,
            "item": items,
        }

    def shown(self, answers: Mapping[str, Answer], at: datetime) -> set[str]:
        """The linkIds of all items, texts to read among them, that a patient with these answers saw."""
        values = {link: self._values(link, answer, at) for link, answer in answers.items()}
        return {item["linkId"] for item in self._visible(self.resource["item"], values)}

    def _visible(self, items: list[Resource], values: dict[str, list[Resource]]) -> list[Resource]:
        visible = [item for item in items if self._shown(item, values)]
        return [found for item in visible for found in (item, *self._visible(item.get("item", []), values))]

    def _answered(self, items: list[Resource], values: dict[str, list[Resource]], used: set[str]) -> list[Resource]:
        answered = []
        for item in items:
            if not self._shown(item, values):
                continue
            link, kept = item["linkId"], {"linkId": item["linkId"], "text": item["text"]}
            if item["type"] == "group":
                kept["item"] = self._answered(item["item"], values, used)
                if not kept["item"]:
                    continue
            elif link in values:
                used.add(link)
                kept["answer"] = values[link]
            elif item.get("required"):
                raise ValueError(f"{self.canonical}: {link} needs an answer")
            else:
                continue
            answered.append(kept)
        return answered

    def _shown(self, item: Resource, values: dict[str, list[Resource]]) -> bool:
        conditions = [_holds(condition, values) for condition in item.get("enableWhen", ())]
        if not conditions:
            return True
        return any(conditions) if item.get("enableBehavior") == "any" else all(conditions)

    def _values(self, link: str, answer: Answer, at: datetime) -> list[Resource]:
        item = self._items[link]
        match item["type"]:
            case "choice":
                chosen = answer if isinstance(answer, list) else [answer]
                return [{"valueCoding": self._option(item, str(code))} for code in chosen]
            case "boolean":
                return [{"valueBoolean": bool(answer)}]
            case "integer":
                return [{"valueInteger": answer}]
            case "decimal":
                return [{"valueDecimal": answer}]
            case "date":
                days = answer.days if isinstance(answer, DaysAgo) else 0
                return [{"valueDate": (at - timedelta(days=days)).date().isoformat()}]
            case "quantity" if isinstance(answer, int | float):
                unit = next(part["valueCoding"] for part in item["extension"] if part["url"] == _UNIT)
                return [{"valueQuantity": quantity(answer, unit["display"], unit["code"])}]
            case "string" | "text" if len(str(answer)) <= item["maxLength"]:
                return [{"valueString": answer}]
        raise ValueError(f"{link}: {answer!r} does not fit")

    @staticmethod
    def _option(item: Resource, code: str) -> Resource:
        for option in item["answerOption"]:
            if option["valueCoding"]["code"] == code:
                return dict(option["valueCoding"])
        raise ValueError(f"{item['linkId']}: no answer {code}")


def load_forms(folder: Path) -> dict[str, Form]:
    """Every questionnaire of the folder by its file name without the ending."""
    return {path.stem: Form.load(folder, path.stem) for path in sorted(folder.glob("*.json"))}


def _walk(items: list[Resource]) -> list[Resource]:
    return [found for item in items for found in (item, *_walk(item.get("item", [])))]


def _holds(condition: Resource, values: dict[str, list[Resource]]) -> bool:
    given = [next(iter(value.values())) for value in values.get(condition["question"], [])]
    if "answerCoding" in condition:
        wanted = condition["answerCoding"]
        equal = [value["code"] == wanted["code"] and value["system"] == wanted["system"] for value in given]
    else:
        wanted = condition.get("answerBoolean", condition.get("answerInteger"))
        equal = [value == wanted for value in given]
    return any(equal) if condition["operator"] == "=" else any(not same for same in equal)
