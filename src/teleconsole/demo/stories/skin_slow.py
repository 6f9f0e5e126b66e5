"""Stories of skin, hair and nails that take their time."""

from teleconsole.demo.stories.story import Answer, Shown, Story, answers, asks, decides, says

_CALM: dict[str, Answer] = {
    "mole": False,
    "spreading": False,
    "itch": "none",
    "pain": False,
    "fever": False,
    "swelling": False,
}
"""Answers of somebody who is not ill with it; what a story adds goes over them."""


STORIES = (
    Story(
        key="thick-nail",
        case_type="skin",
        priority="routine",
        ages=(45, 76),
        intake={
            **_CALM,
            "reason": "Thick yellow nail on my big toe",
            "where": ["leg"],
            "side": "left",
            "since": "months",
            "tried": "Lacquer from the chemist for two months. It looks painted, not cured.",
            "question": "Are there tablets for this? I stopped going to the pool because of it.",
        },
        thread=(
            asks("Only the one nail? Any itching between the toes? And do you have liver trouble or take a statin?"),
            answers(
                "The small one next to it has started. A bit itchy, yes. I take atorvastatin, liver is "
                "fine as far as I know."
            ),
            decides(
                "visit",
                (
                    "Before tablets we want to be sure it's a fungus: the nurse takes a clipping on Monday, "
                    "the lab needs about three weeks. Until then dry well between the toes and use the cream "
                    "there once a day."
                ),
            ),
        ),
        problems=("lipids",),
        medicines=("atorvastatin",),
    ),
    Story(
        key="hair-in-the-sink",
        case_type="skin",
        priority="routine",
        gender="female",
        ages=(28, 46),
        intake={
            **_CALM,
            "reason": "My hair comes out in handfuls since the autumn",
            "where": ["face"],
            "since": "months",
            "new-things": "A bad flu with a week of fever in August. I have been on a diet since spring and lost "
            "eleven kilos.",
            "tried": "A caffeine shampoo and zinc.",
            "question": "Will it stop? My mother has thin hair, so I am afraid.",
        },
        thread=(
            asks(
                "Is it thinner all over or in round bare patches? Are your periods heavy, and has your "
                "thyroid ever been tested?"
            ),
            answers("All over, the ponytail is half of what it was. Heavy, yes, for two years. Thyroid never."),
            decides(
                "advice",
                (
                    "Hair that falls all over, two or three months after a fever and a strict diet, grows back "
                    "by itself in most people. We test iron and thyroid on Friday, because both are easy to "
                    "treat. No shampoo needed."
                ),
            ),
        ),
    ),
    Story(
        key="night-itch-family",
        case_type="skin",
        priority="asap",
        ages=(24, 48),
        intake={
            **_CALM,
            "reason": "The whole family itches at night",
            "where": ["arm", "chest", "leg"],
            "side": "both",
            "since": "weeks",
            "spreading": True,
            "spreading-speed": "weeks",
            "itch": "awake",
            "blisters": False,
            "tried": "Washed everything at 40 degrees. Antihistamine does little.",
            "question": "My son's nursery had a note about scabies. Is it that, and may he go there?",
        },
        shown=(
            Shown(
                ("pictures/drawn-rash-forearm.jpg"), ("My arm. It is worst between the fingers but I can't focus there")
            ),
        ),
        thread=(
            asks(
                "Do you see thin wavy lines between fingers or at the wrists? Is anyone at home pregnant or under two?"
            ),
            answers("Yes, like pencil scratches. The little one is three. Nobody pregnant."),
            decides(
                "prescription",
                (
                    "That fits scabies. The cream for all of you is at the pharmacy: everybody on the same "
                    "evening, from chin to toes, washed off after eight hours, again after a week. Bedding at "
                    "60 degrees. The boy may go back the morning after. The itch lasts up to four weeks "
                    "longer, that's no failure."
                ),
            ),
        ),
    ),
    Story(
        key="acne-scars",
        case_type="skin",
        priority="routine",
        ages=(19, 27),
        intake={
            **_CALM,
            "reason": "Acne that leaves scars, nothing helps",
            "where": ["face", "back"],
            "since": "months",
            "had-before": True,
            "had-before-what": "Since I was fourteen. Antibiotic tablets helped for the three months I had them.",
            "itch": "little",
            "pain": True,
            "pain-score": 3,
            "tried": "Benzoyl peroxide, salicylic acid, no milk, no chocolate.",
            ("question"): (
                "A friend had the strong tablets (isotretinoin). Can I have them? I don't like to go out any more."
            ),
        },
        thread=(
            says("I would rather not send a picture of my face over the internet, sorry."),
            asks(
                "That is all right. How has your mood been in the last month? And could you become "
                "pregnant, or is that not a question?"
            ),
            answers("Low because of the skin, but I sleep and see friends online. Pregnant: not a question."),
            decides(
                "referral",
                (
                    "Scars are a good reason for it. Dr Wilk sees you by video next week, where you decide "
                    "what the camera shows. Blood fats and liver before that. If your mood goes down, tell us "
                    "at once, with or without tablets."
                ),
            ),
        ),
    ),
    Story(
        key="crusty-ear",
        case_type="skin",
        priority="asap",
        ages=(66, 79),
        intake={
            **_CALM,
            "reason": "A crust on my ear that bleeds and comes back",
            "where": ["face"],
            "since": "months",
            "mole": True,
            "mole-bigger": True,
            "mole-bleeds": True,
            "mole-shape": False,
            "mole-size": 6.0,
            "pain": True,
            "pain-score": 2,
            "tried": "Leaving it alone. Vaseline.",
            "question": "My barber says he has seen such things before and that I should hurry.",
        },
        shown=(Shown("pictures/drawn-crust-ear.jpg", "Not very sharp, my hand shakes"),),
        thread=(
            asks(
                "Your barber has a good eye. Is there a lump under the crust, and lumps in front of the "
                "ear or on the neck?"
            ),
            answers("A hard little edge, yes. Nothing on the neck that I can feel."),
            decides(
                "referral",
                (
                    "It needs a small sample. You are booked with the skin clinic on the 9th at 10:40, it "
                    "takes half an hour. Please bring the list of your tablets. A hat with a brim, from now on."
                ),
            ),
        ),
        problems=("atrial-fibrillation",),
        medicines=("apixaban",),
    ),
    Story(
        key="hand-rash-hairdresser",
        case_type="skin",
        priority="routine",
        gender="female",
        ages=(20, 34),
        intake={
            **_CALM,
            "reason": "Cracked hands, better on holiday, worse at work",
            "where": ["arm"],
            "side": "both",
            "since": "months",
            "spreading": True,
            "spreading-speed": "weeks",
            "new-things": "I am in my second year as a hairdresser. New bleach since September.",
            "itch": "lot",
            "pain": True,
            "pain-score": 4,
            "blisters": True,
            "tried": "Cotton gloves at night with thick cream.",
            "question": "Do I have to give up my trade?",
        },
        shown=(Shown("pictures/drawn-eczema-hand.jpg", "Back of the hand and wrist after a Saturday"),),
        thread=(
            asks(
                "Which gloves do you wear for colour and for washing, and for how long? Has your "
                "employer's insurance heard of it?"
            ),
            answers("Latex for colour, none for washing because they get wet inside. No, nobody knows."),
            decides(
                "referral",
                (
                    "No reason to give it up yet. A patch test shows what it is (appointment by post), nitrile "
                    "gloves with cotton inside for all wet work, a steroid cream for ten days. I report it as "
                    "work related, that pays for gloves and the course."
                ),
            ),
        ),
        problems=("eczema",),
    ),
)
