"""Names of the made-up patients: families of names that go together, and the languages spoken at home."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Who a made-up patient is, before a record exists.

    Attributes:
        given: first name.
        family: last name.
        gender: `female` or `male`.
        language: BCP 47 of the language the patient likes best.
        interpreter: whether an interpreter is needed.
    """

    given: str
    family: str
    gender: str
    language: str = "en"
    interpreter: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.given} {self.family}"


LANGUAGES = {
    "en": "English",
    "ar": "Arabic",
    "bn": "Bengali",
    "es": "Spanish",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "zh": "Chinese",
}

_FEMALE = """
Amira Haddad ar | Grace Okafor en | Margaret Lindqvist en | Olena Bondarenko uk + | Priya Nair en | Hannah Whitlock en
Zofia Nowak pl | Fatima Rahman bn + | Joan Pettigrew en | Lucia Moreno es | Deborah Asante en | Eleanor Marsh en
Hodan Abdi so + | Mei Chen zh | Siobhan Kelly en | Ayşe Demir tr | Carla Ferreira pt | Ruth Goldberg en
Beatrice Thornhill en | Nadia Hussain ur | Ingrid Solberg en | Tamsin Rowe en | Ioana Popescu ro | Yvonne Baptiste en
Kirsty MacLeod en | Rosa Delgado es + | Dilys Morgan en | Samira Khoury ar | Chloe Fenwick en | Wanjiru Kamau en
Patricia Oyelaran en | Agnieszka Mazur pl
"""
_MALE = """
Ben Ode en | Arthur Penhale en | Mohammed Siddiqui ur | Piotr Zielinski pl + | George Ashworth en | Kofi Mensah en
Daniel Brennan en | Li Wei zh + | Samuel Adeyemi en | Luis Herrera es | Harold Finch en | Yusuf Warsame so
Callum Drummond en | Rajesh Patel en | Stefan Ionescu ro | Tomás Almeida pt | Walter Grimshaw en | Emre Yilmaz tr
Omar Farouk ar + | Jack Tregenza en | Mykola Shevchuk uk | Leon Baptiste en | Isaac Cohen en | Gareth Pugh en
Anwar Chowdhury bn | Finlay Stewart en | Peter Haldane en | Tunde Balogun en | Marco Rossi en | Edward Pym en
Hamza Malik en | Oliver Stanton en
"""


def _people(block: str, gender: str) -> tuple[Person, ...]:
    people = []
    for entry in block.replace("\n", "|").split("|"):
        match entry.split():
            case [given, family, language, "+"]:
                people.append(Person(given, family, gender, language, interpreter=True))
            case [given, family, language]:
                people.append(Person(given, family, gender, language))
    return tuple(people)


PEOPLE = {"female": _people(_FEMALE, "female"), "male": _people(_MALE, "male")}


def person_named(name: str) -> Person:
    """The person of that first and last name.

    Raises:
        KeyError: nobody has it.
    """
    for person in (*PEOPLE["female"], *PEOPLE["male"]):
        if person.name == name:
            return person
    raise KeyError(name)


def person_number(number: int, gender: str) -> Person:
    """The person of that number; beyond the list first and last names are combined anew."""
    people = PEOPLE[gender]
    if number < len(people):
        return people[number]
    turn, place = divmod(number, len(people))
    family = people[(place + turn * 7) % len(people)]
    return Person(people[place].given, family.family, gender)
