"""More stories of wounds: small ones, slow ones, and one that must not wait."""

from teleconsole.demo.stories.story import Answer, DaysAgo, Shown, Story, answers, asks, decides, says

_CLEAN: dict[str, Answer] = {
    "bleeding": "none",
    "redness": False,
    "discharge": "none",
    "smell": False,
    "pain": False,
    "fever": False,
    "diabetes": False,
    "thinners": False,
}
"""Answers about a wound that does well; what a story adds goes over them."""


STORIES = (
    Story(
        key="diabetic-toe",
        case_type="wound",
        priority="urgent",
        ages=(58, 77),
        intake={
            **_CLEAN,
            "reason": "A hole in my toe that I did not feel",
            "cause": "other",
            "cause-other": "New shoes. I saw blood in the sock.",
            "where": "Tip of the second toe, right foot",
            "length-cm": 1.5,
            "redness": True,
            "redness-spreading": True,
            "discharge": "yellow-green",
            "smell": True,
            "diabetes": True,
            "dressing": "Plaster. Changed it yesterday and this morning.",
            "question": "It does not hurt at all, so is it bad?",
        },
        thread=(
            says("My wife says to write that my sugar was 16 this morning. It is 9 as a rule."),
            asks(
                "It's because it does not hurt that it is urgent. Is the foot warm or cold, any blue or "
                "black? Can you come in today?"
            ),
            answers("Warm, red up to the joint. No black. My wife drives."),
            decides(
                "visit",
                (
                    "Foot clinic at three today, they know you are coming. No weight on the toe until then, "
                    "the shoe open. Bring the sugar diary. Most toes like this are saved when they're seen on "
                    "the same day, so well done for writing."
                ),
            ),
        ),
        problems=("diabetes-2", "hypertension"),
        medicines=("metformin", "ramipril"),
    ),
    Story(
        key="caesarean-scar",
        case_type="wound",
        priority="asap",
        gender="female",
        ages=(24, 41),
        intake={
            **_CLEAN,
            "reason": "Caesarean scar is wet at one end",
            "cause": "operation",
            "operation-date": DaysAgo(12),
            "open-again": True,
            "where": "Low on my belly, left end of the scar",
            "length-cm": 1.0,
            "redness": True,
            "redness-spreading": False,
            "discharge": "clear",
            "pain": True,
            "pain-score": 2,
            "dressing": "Air it when the baby sleeps. Cotton pad in the day.",
            "question": "Do I need to come in? With the twins it takes us an hour to leave the house.",
        },
        shown=(Shown("pictures/drawn-stitches-clean.jpg", "Lying down, my husband took it"),),
        thread=(
            asks(
                "If you press beside it, does more come out, and is it cloudy? Any fever, heavy bleeding "
                "or a sore calf?"
            ),
            answers("A drop, clear. No fever, bleeding is less every day, legs fine."),
            decides(
                "visit",
                (
                    "A small gap that will close by itself. No need to come: the midwife looks at it on "
                    "Thursday at your home. Shower, pat dry, pad. Cloudy fluid, fever or a red area that "
                    "grows: ring the same day. And congratulations."
                ),
            ),
        ),
    ),
    Story(
        key="finger-tip",
        case_type="wound",
        priority="asap",
        ages=(21, 57),
        intake={
            **_CLEAN,
            "reason": "Cut the tip of my finger on the slicer",
            "cause": "cut",
            "happened-date": DaysAgo(0),
            "tetanus": "under-10",
            "where": "Left middle finger, the tip",
            "length-cm": 1.2,
            "bleeding": "pressed",
            "discharge": "blood",
            "pain": True,
            "pain-score": 5,
            "dressing": "Kitchen paper and a tight plaster for an hour.",
            "question": "A flat piece is gone, about a lentil. Does that need a stitch?",
        },
        thread=(
            asks(
                "Is the nail whole, and do you see anything white or hard in it? Can you bend the last "
                "joint, and feel both sides?"
            ),
            answers("Nail is fine. Only red. I can bend it and feel it, thank you very much, I feel it a lot."),
            decides(
                "advice",
                (
                    "A lentil without bone grows back in three to four weeks, no stitch. Wash, fatty gauze, a "
                    "film over it, and leave that for five days even if it looks yellow under it. If it smells "
                    "or throbs at night, show us."
                ),
            ),
        ),
    ),
    Story(
        key="skin-tear",
        case_type="wound",
        priority="routine",
        ages=(78, 91),
        intake={
            **_CLEAN,
            "reason": "Skin of my shin folded back on the car door",
            "cause": "cut",
            "happened-date": DaysAgo(2),
            "tetanus": "unknown",
            "where": "Left shin, front",
            "length-cm": 5.0,
            "bleeding": "spots",
            "discharge": "clear",
            "pain": True,
            "pain-score": 2,
            "thinners": True,
            "dressing": "The pharmacist laid the flap back and put a net on it. I have not looked since.",
            "question": "How long may the net stay? My skin is like paper.",
        },
        thread=(
            asks(
                "Good work by the pharmacist. Is the leg swollen in the evening, and is the flap pink or "
                "dark where you can see it?"
            ),
            answers("A bit swollen, as always. Pink, as far as I see with my glasses."),
            decides(
                "visit",
                (
                    "Leave the net until day seven; Sister Eze comes and lifts it with water. Leg up when you "
                    "sit. A tetanus booster with the same visit. If the flap goes dark or it bleeds through, "
                    "ring."
                ),
            ),
        ),
        problems=("atrial-fibrillation", "arthritis"),
        medicines=("apixaban",),
    ),
    Story(
        key="cat-bite-hand",
        case_type="wound",
        priority="urgent",
        ages=(29, 66),
        intake={
            **_CLEAN,
            "reason": "Cat bite in the hand, it swells and throbs",
            "cause": "bite",
            "happened-date": DaysAgo(1),
            "tetanus": "over-10",
            "where": "Ball of the right thumb, two small holes",
            "length-cm": 0.5,
            "redness": True,
            "redness-spreading": True,
            "discharge": "none",
            "pain": True,
            "pain-score": 7,
            "fever": True,
            "temperature": 37.9,
            "dressing": "Rinsed it, iodine, plaster.",
            "question": "They are only two pin pricks. Why does it hurt so much?",
        },
        shown=(Shown("pictures/drawn-cat-bite-hand.jpg", "I drew a line with a pen at ten last night"),),
        thread=(
            asks(
                "Cat teeth are needles and reach deep. Can you move the thumb fully, and does stretching "
                "it hurt? A red line up the arm?"
            ),
            answers("Stretching hurts badly. No line yet but the wrist is warm."),
            decides(
                "referral",
                (
                    "Pain on stretching means that the tendon may be in it, and that is one for the hand "
                    "surgeons, today. They expect you at one; please don't eat or drink before. Ring off, arm "
                    "up in a scarf."
                ),
            ),
        ),
        problems=("hypothyroidism",),
        medicines=("levothyroxine",),
    ),
)
