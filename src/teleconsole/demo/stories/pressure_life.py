"""More stories of blood pressure at home, where life is part of it."""

from teleconsole.demo.stories.story import Story, answers, asks, decides, says

STORIES = (
    Story(
        key="carer-no-time",
        case_type="blood-pressure",
        priority="asap",
        ages=(48, 64),
        series="rising",
        intake={
            "reason": "It goes up since I look after my father",
            "chest-pain": False,
            "weak-side": False,
            "headache": True,
            "dizzy": False,
            "takes": "mostly",
            "why-not": "I give him nine tablets a day and forget my one.",
            "side-effects": ["none"],
            "painkillers": True,
            "cuff": "upper-arm",
            "rest": False,
            "times-a-week": 5,
            "smoking": "sometimes",
            "drinks": 7,
            "walks": 0,
            "question": "I don't need a lecture, I need something that works with my days.",
        },
        thread=(
            asks(
                "No lecture. Would your tablet fit into his morning box? Which painkiller, and who takes "
                "over when you are ill?"
            ),
            answers("His box, good idea. Ibuprofen. Nobody, my brother is in Canada."),
            decides(
                "prescription",
                (
                    "Your tablet goes into his box, and paracetamol takes the place of ibuprofen. Our social "
                    "worker rings about four hours of help a week that you're entitled to. Same readings again "
                    "in three weeks, and then we see."
                ),
            ),
        ),
        problems=("hypertension",),
        medicines=("ramipril",),
    ),
    Story(
        key="ankles-out-of-shoes",
        case_type="blood-pressure",
        priority="routine",
        ages=(57, 78),
        series="controlled",
        intake={
            "reason": "Good readings, but my ankles swell over my shoes",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": False,
            "takes": "daily",
            "side-effects": ["ankles", "other"],
            "side-effects-other": "Red cheeks, as if I had run",
            "painkillers": False,
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 5,
            "smoking": "never",
            "drinks": 1,
            "walks": 5,
            "question": "Is it my heart? My sister had water in the legs from the heart.",
        },
        thread=(
            says("In the morning they are thin, by the evening you can press a dent in."),
            asks(
                "Do you get out of breath lying flat, or need more pillows than before? Has your weight "
                "jumped within a few days?"
            ),
            answers("One pillow, always. Weight is what it was."),
            decides(
                "prescription",
                (
                    "It's the amlodipine, with flushed cheeks as the second sign, not the heart. Halve it, and "
                    "take losartan in the morning as well; the swelling goes within two weeks. Breathless or "
                    "two kilos in two days: ring."
                ),
            ),
        ),
        problems=("hypertension",),
        medicines=("amlodipine",),
    ),
    Story(
        key="white-coat",
        case_type="blood-pressure",
        priority="routine",
        ages=(30, 52),
        series="controlled",
        intake={
            "reason": "160 at the works doctor, but fine at home",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": False,
            "takes": "never",
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 5,
            "smoking": "never",
            "drinks": 4,
            "walks": 6,
            "question": "I drive a crane and need the form signed. Do eight weeks at home count?",
        },
        thread=(
            asks(
                "They do, and they are tidy. Would you wear a device for one day and night, so that the "
                "form has a number nobody doubts?"
            ),
            answers("Yes, gladly. Saturday would suit, I am off."),
            decides(
                "visit",
                (
                    "Fetch the device on Friday after four, bring it back on Monday. If the day's mean is "
                    "under 135 over 85 I sign, and you measure for one week each spring, because a third of "
                    "people with doctor's nerves get it later."
                ),
            ),
        ),
    ),
)
