"""Stories of wounds."""

from teleconsole.demo.stories.story import DaysAgo, Shown, Story, answers, asks, decides, says

STORIES = (
    Story(
        key="red-hip-wound",
        case_type="wound",
        priority="urgent",
        ages=(61, 80),
        intake={
            "reason": "My operation wound is red and leaking",
            "cause": "operation",
            "operation-date": DaysAgo(9),
            "where": "Right hip, on the outside",
            "length-cm": 12.0,
            "bleeding": "none",
            "redness": True,
            "redness-spreading": True,
            "discharge": "yellow-green",
            "smell": True,
            "open-again": True,
            "pain": True,
            "pain-score": 6,
            "fever": True,
            "temperature": 38.2,
            "diabetes": True,
            "thinners": True,
            "dressing": "The nurse changed it on Friday. Since yesterday I put on a new pad twice a day, it is soaked.",
            "question": "Should I go back to the hospital? It is an hour by bus and I can hardly sit.",
        },
        shown=(
            Shown("pictures/drawn-stitches-red.jpg", "This morning without the pad"),
            Shown("videos/wound-message.webm", "I show how I can move, and where it hurts"),
            Shown("documents/discharge-letter.pdf", "The letter they gave me to take home"),
        ),
        thread=(
            says("I drew round the red part with a pen last night. It is two fingers past the line now."),
            asks(
                "Thank you for the line, that helps a lot. Are you shivering, or more short of breath than "
                "usual? When did you last take the blood thinner, and can someone drive you today?"
            ),
            answers(
                "Shivering a little in the night. Breathing is fine. Thinner at eight this morning. My "
                "neighbour has a car."
            ),
            decides(
                "referral",
                (
                    "This needs the hospital today, not tomorrow. The orthopaedic ward expects you from two "
                    "o'clock; show them this page. Don't take the evening blood thinner before they have seen "
                    "you. If you feel faint or confused, call the emergency number instead of driving."
                ),
            ),
        ),
        problems=("diabetes-2", "atrial-fibrillation", "hypertension"),
        medicines=("metformin", "apixaban", "ramipril"),
        allergies=("penicillin",),
    ),
    Story(
        key="clean-stitches",
        case_type="wound",
        priority="routine",
        ages=(24, 60),
        intake={
            "reason": "When can my stitches come out?",
            "cause": "cut",
            "happened-date": DaysAgo(8),
            "tetanus": "under-5",
            "where": "Left forearm",
            "length-cm": 7.5,
            "bleeding": "none",
            "redness": False,
            "discharge": "none",
            "smell": False,
            "pain": False,
            "fever": False,
            "diabetes": False,
            "thinners": False,
            "dressing": "A plaster in the day, open at night. I keep it dry.",
            "question": "I work in a kitchen and would like to know when I may get it wet again.",
        },
        shown=(Shown("pictures/drawn-stitches-clean.jpg", "Day eight"),),
        thread=(
            asks(
                "That looks neat. Do all your fingers move and feel as before, and is there any pull when you bend the "
                "wrist?"
            ),
            answers("All fingers fine. It pulls a bit at the end near the wrist but does not open."),
            decides(
                "visit",
                (
                    "It is healing well. The nurse takes the stitches out on day ten; reception has sent you a "
                    "time. Keep it dry until a day after that, and cover it at work for another week."
                ),
            ),
        ),
    ),
    Story(
        key="leg-ulcer",
        case_type="wound",
        priority="asap",
        ages=(66, 84),
        intake={
            "reason": "The sore on my ankle has got bigger again",
            "cause": "leg-ulcer",
            "where": "Left leg, inside, just over the ankle",
            "length-cm": 4.5,
            "bleeding": "spots",
            "redness": True,
            "redness-spreading": False,
            "discharge": "yellow-green",
            "smell": False,
            "pain": True,
            "pain-score": 5,
            "fever": False,
            "diabetes": False,
            "thinners": False,
            ("dressing"): (
                "Foam pad every other day, then the stocking. I can't get the stocking on by myself since "
                "my shoulder went."
            ),
            "question": "Do I need a different dressing? The nurse who came is on leave.",
        },
        shown=(
            Shown("pictures/drawn-leg-ulcer.jpg", "Today, coin beside it"),
            Shown("pictures/drawn-leg-ulcer.jpg", "The same, with the lamp on"),
        ),
        thread=(
            asks("Since when has the stocking been off? Does the pain get better or worse when you put the leg up?"),
            answers(
                "About three weeks. Better with the leg up, always. At night it throbs until I put a pillow under."
            ),
            decides(
                "visit",
                (
                    "The dressing is fine, what is missing is the pressure. Sister Eze comes to you twice a "
                    "week from Thursday and wraps the leg. Until then: leg up as often as you can. If the "
                    "redness climbs or you get a fever, ring the same day."
                ),
            ),
        ),
        problems=("veins", "hypertension", "arthritis"),
        medicines=("amlodipine",),
        allergies=("latex",),
    ),
    Story(
        key="burnt-hand",
        case_type="wound",
        priority="asap",
        ages=(25, 55),
        intake={
            "reason": "Burnt the back of my hand with hot oil",
            "cause": "burn",
            "happened-date": DaysAgo(1),
            "tetanus": "unknown",
            "where": "Back of the right hand, down to two knuckles",
            "length-cm": 6.0,
            "bleeding": "none",
            "redness": True,
            "redness-spreading": False,
            "discharge": "clear",
            "smell": False,
            "pain": True,
            "pain-score": 7,
            "fever": False,
            "diabetes": False,
            "thinners": False,
            ("dressing"): (
                "Twenty minutes under the tap, then cling film as the internet said. One blister tore in the night."
            ),
            "question": "Do I have to go somewhere with it? I am right handed and paint houses.",
        },
        shown=(Shown("pictures/drawn-burn-hand.jpg", "One day after"),),
        thread=(
            asks(
                "Well cooled! Can you make a full fist? Press on the whitest part: does it hurt, and does "
                "the colour come back?"
            ),
            answers("I can make a fist, it hurts. The colour comes back after a second or two everywhere."),
            decides(
                "visit",
                (
                    "That is a burn of the upper layers and should heal in two to three weeks. Because it's "
                    "the hand, the nurse sees you today at 16:20, cleans it and puts on a dressing in which "
                    "you can move the fingers. You get a tetanus booster too. No painting for ten days; I "
                    "attach a note for work."
                ),
            ),
        ),
    ),
    Story(
        key="dog-bite",
        case_type="wound",
        priority="urgent",
        ages=(20, 65),
        intake={
            "reason": "Bitten in the calf by a dog this morning",
            "cause": "bite",
            "happened-date": DaysAgo(0),
            "tetanus": "over-10",
            "where": "Right calf",
            "length-cm": 5.0,
            "bleeding": "pressed",
            "redness": True,
            "redness-spreading": False,
            "discharge": "blood",
            "smell": False,
            "pain": True,
            "pain-score": 4,
            "fever": False,
            "diabetes": False,
            "thinners": False,
            "dressing": "Washed it under the shower for ten minutes, then a clean towel.",
            "question": "The dog belongs to a neighbour and is vaccinated. Do I need anything?",
        },
        shown=(Shown("pictures/drawn-bite-calf.jpg", "Two hours after"),),
        thread=(
            asks(
                "Good that you washed it so long. Can you walk on tiptoe, and can you feel your whole "
                "foot? Is your spleen in place, and are you allergic to any antibiotic?"
            ),
            answers("Tiptoe works. I feel everything. Spleen yes. I had a rash with penicillin once as a child."),
            decides(
                "prescription",
                (
                    "Deep bites go bad often, so you get doxycycline and metronidazole for three days (not a "
                    "penicillin), and a tetanus booster at the desk before six. Leave it open, no plaster. "
                    "Redness that grows, pus or fever: come back the same day."
                ),
            ),
        ),
        allergies=("penicillin",),
    ),
    Story(
        key="pressure-sore-carer",
        case_type="wound",
        priority="asap",
        gender="female",
        ages=(74, 90),
        intake={
            "reason": "Mum has a sore spot at the bottom of her back",
            "cause": "pressure",
            "where": "Over the tail bone",
            "length-cm": 3.0,
            "bleeding": "none",
            "redness": True,
            "redness-spreading": False,
            "discharge": "clear",
            "smell": False,
            "pain": True,
            "pain-score": 3,
            "fever": False,
            "diabetes": True,
            "thinners": False,
            ("dressing"): (
                "I am her daughter and write for her. I put zinc cream on and turn her when I can, at night I sleep."
            ),
            "question": "What else can I do at home? She does not want to go anywhere.",
        },
        thread=(
            says("I could not take a picture, she did not like it, and I don't want to force her."),
            asks(
                "Of course not. Is the skin open, or red and whole? If you press it, does the red go away? "
                "What does she lie and sit on, and is she eating?"
            ),
            answers(
                "Open, like a graze, pink, size of a thumbnail. Ordinary mattress and an old armchair. She "
                "eats like a bird."
            ),
            decides(
                "visit",
                (
                    "You are doing a great deal. A pressure mattress and a cushion come tomorrow, Sister Eze "
                    "comes on Wednesday with a dressing that stays on for days, and the dietitian rings you. "
                    "Every two hours on the other side by day; one turn at night is enough with the new "
                    "mattress."
                ),
            ),
        ),
        problems=("diabetes-2", "kidney-3"),
        medicines=("metformin", "amlodipine"),
    ),
)
