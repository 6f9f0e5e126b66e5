"""More stories of general medicine: what comes in on an ordinary day."""

from teleconsole.demo.stories.story import Answer, Shown, Story, answers, asks, decides, says

_WELL: dict[str, Answer] = {"warning": ["none"], "pregnant": "na"}
"""Answers of somebody without a warning sign; what a story adds goes over them."""


STORIES = (
    Story(
        key="sore-throat",
        case_type="general",
        priority="asap",
        ages=(19, 36),
        intake={
            **_WELL,
            "reason": "Sore throat, I can hardly swallow",
            "topic": "cold",
            "since": "days",
            "course": "worse",
            "pain": True,
            "pain-score": 7,
            "cough-colour": "nothing",
            "fever": True,
            "temperature": 38.7,
            "story": "Three days. No cough, no runny nose. There are white spots at the back and the lumps "
            "under my jaw hurt. I can drink, eating is a job.",
            "question": "Antibiotics, yes or no? I have a wedding on Saturday, my own.",
        },
        thread=(
            asks(
                "Your own, then let's be quick. Can you open your mouth fully, and is your voice as if "
                "with a hot potato? Any rash?"
            ),
            answers("Opens fully. Voice hoarse but normal. No rash. Two of the choir have had strep."),
            decides(
                "prescription",
                (
                    "Fever, spots, lumps, no cough and strep in the choir: likely enough to treat. Penicillin "
                    "twice a day for five days, you are not catching after one day. If you can't open your "
                    "mouth or swallow spit, come at once. Have a lovely day."
                ),
            ),
        ),
    ),
    Story(
        key="gout-toe",
        case_type="general",
        priority="asap",
        gender="male",
        ages=(50, 74),
        intake={
            **_WELL,
            "reason": "My big toe is on fire since last night",
            "topic": "pain",
            "since": "today",
            "course": "worse",
            "pain": True,
            "pain-score": 9,
            "fever": False,
            "story": "Went to bed well after a birthday with mussels and beer, woke at three and could not bear "
            "the sheet on it. Red, hot, shiny. Never had this.",
            "weight": 97.0,
            "question": "What can I take? I am on a water tablet for the pressure.",
        },
        thread=(
            asks(
                "Any wound near the toe, shivering, or other joints? Are your kidneys all right, and which "
                "painkillers did you try?"
            ),
            answers("No wound, no shivering, only the toe. Kidneys fine in spring. Paracetamol, did nothing."),
            decides(
                "prescription",
                (
                    "By the story it's gout. Colchicine, one tablet twice a day for up to five days (stop if "
                    "you get the runs), ice, foot up, water. When it is calm, we change the water tablet, "
                    "which can bring it on, and measure uric acid. Fever or shivering: come the same day."
                ),
            ),
        ),
        problems=("hypertension",),
        medicines=("indapamide",),
    ),
    Story(
        key="travel-vaccines",
        case_type="general",
        priority="routine",
        ages=(25, 63),
        intake={
            **_WELL,
            "reason": "Three weeks in Ghana at Easter, what do I need?",
            "topic": "other",
            "since": "today",
            "pain": False,
            "fever": False,
            "story": "We visit my wife's family in Kumasi and then go north by bus. I have a yellow vaccination "
            "book from 2009 with hepatitis A and B and something I can't read.",
            "question": "Which vaccines, which malaria tablets, and when do I start?",
        },
        thread=(
            asks(
                "Please photograph each page of the book. Any bad sleep or mood in the past, epilepsy, or "
                "heart rhythm trouble?"
            ),
            answers("Pictures come this evening. None of those. I sleep like a stone."),
            decides(
                "visit",
                (
                    "Yellow fever (once, for the visa, ten days before at the latest), typhoid, and a tetanus "
                    "booster: nurse, any day in February. Malaria: atovaquone with proguanil, from the day "
                    "before until a week after. Nets count as much."
                ),
            ),
        ),
    ),
    Story(
        key="heartburn-cough",
        case_type="general",
        priority="routine",
        ages=(38, 69),
        intake={
            **_WELL,
            "reason": "Heartburn every night although I take the capsule",
            "topic": "belly",
            "since": "months",
            "course": "same",
            "pain": True,
            "pain-score": 4,
            "belly-sick": False,
            "fever": False,
            "story": "It burns up to the throat when I lie down. The capsule helped for two years. I have it "
            "after dinner because that's when it burns.",
            "weight": 101.5,
            "question": "Is a camera down the throat needed? I am scared of that.",
        },
        thread=(
            asks(
                "Does food ever stick on the way down? Weight lost without trying, black stools, or "
                "vomiting? When is dinner?"
            ),
            answers("Nothing sticks. No. Dinner is at half past nine, after training the boys."),
            decides(
                "advice",
                (
                    "No camera for now. The capsule works only before a meal: take it half an hour before "
                    "breakfast. A small dinner by seven on training days, the bed's head raised ten "
                    "centimetres. If it's not better in four weeks, or food sticks, we look inside, and you "
                    "may sleep through it."
                ),
            ),
        ),
        problems=("reflux",),
        medicines=("omeprazole",),
    ),
    Story(
        key="asthma-night",
        case_type="general",
        priority="urgent",
        ages=(20, 47),
        intake={
            **_WELL,
            "reason": "Blue inhaler six times a day since the cold",
            "topic": "cold",
            "since": "weeks",
            "course": "worse",
            "pain": False,
            "fever": False,
            "cough-colour": "clear",
            "story": "I wake at four and whistle. I can talk in whole sentences, I ran for the bus yesterday "
            "and regretted it. The brown inhaler ran out in summer and I felt fine without.",
            "question": "Do I need the steroid tablets again, like two years ago?",
        },
        shown=(Shown("videos/cough-message.webm", "Me talking and coughing"),),
        thread=(
            asks(
                "What does your peak flow meter say now, and what is your best? Ever been in hospital with "
                "it? Who is with you tonight?"
            ),
            answers("310, best is 480. Once overnight at sixteen. My girlfriend is here."),
            decides(
                "prescription",
                (
                    "Yes: prednisolone 40 mg in the morning for five days, and the brown inhaler twice a day "
                    "for good. Nurse visit tomorrow at 9:30. If you can't finish a sentence, or the blue one "
                    "lasts less than four hours, call the emergency number."
                ),
            ),
        ),
        problems=("asthma",),
        medicines=("salbutamol",),
        allergies=("aspirin",),
    ),
    Story(
        key="knee-twist",
        case_type="general",
        priority="routine",
        ages=(19, 55),
        intake={
            **_WELL,
            "reason": "Twisted my knee at five-a-side, it is thick",
            "topic": "pain",
            "since": "days",
            "course": "same",
            "pain": True,
            "pain-score": 5,
            "fever": False,
            "story": "Foot stayed, I turned. I heard something. It swelled by the evening. I can walk straight "
            "ahead, stairs down are bad, and it feels as if it could give way.",
            "question": "Ice or heat? And must I have it looked at, or just wait?",
        },
        thread=(
            asks(
                "Could you take four steps right after? Can you bend to a right angle and stretch it "
                "fully, or does it lock?"
            ),
            answers("Yes, I hobbled off. Bends to about ninety, not quite straight. It does not lock."),
            decides(
                "referral",
                (
                    "A noise, swelling on the same evening and giving way can be a ligament. Physiotherapy "
                    "examines it on Friday and arranges a scan if it needs one. Ice, a bandage, walk as far as "
                    "it's comfortable, no turning sports."
                ),
            ),
        ),
    ),
    Story(
        key="home-from-hospital",
        case_type="general",
        priority="asap",
        ages=(70, 88),
        intake={
            **_WELL,
            "reason": "Home from hospital with a list I don't understand",
            "topic": "medicine",
            "medicine-name": "All of them",
            "medicine-wish": "question",
            "story": "I came home on Monday. The letter has nine medicines and my box at home has seven, and "
            "two have the same name in different colours. I took the old ones so far, to be safe.",
            "question": "Which ones do I take tomorrow morning?",
        },
        shown=(Shown("documents/discharge-letter.pdf", "All they gave me"),),
        thread=(
            says("My son scanned the letter. He can come on Saturday but not before."),
            asks(
                "Thank you, that was wise to ask. Do you have the old apixaban and the new one both at "
                "home? Any bleeding or bruises?"
            ),
            answers("Both, yes. I took only one of them I think. A bruise from the needle, nothing else."),
            decides(
                "advice",
                (
                    "Tomorrow morning: one apixaban (either colour, they are the same), one metformin, one "
                    "ramipril, and paracetamol if you need it. Nothing else until our pharmacist has sat with "
                    "you, tomorrow at eleven, at your kitchen table."
                ),
            ),
        ),
        problems=("atrial-fibrillation", "diabetes-2", "arthritis"),
        medicines=("apixaban", "metformin", "ramipril"),
        allergies=("penicillin",),
    ),
)
