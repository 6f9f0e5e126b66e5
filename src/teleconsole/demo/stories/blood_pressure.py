"""Stories of blood pressure measured at home for eight weeks."""

from teleconsole.demo.stories.story import Shown, Story, answers, asks, decides, says

STORIES = (
    Story(
        key="rising-on-amlodipine",
        case_type="blood-pressure",
        priority="asap",
        person="Ben Ode",
        gender="male",
        ages=(61, 61),
        series="rising",
        intake={
            "reason": "BP 168/102 at home this morning",
            "chest-pain": False,
            "weak-side": False,
            "headache": True,
            "dizzy": False,
            "takes": "mostly",
            "why-not": "I work nights two weeks out of four and then the morning tablet slips.",
            "side-effects": ["ankles"],
            "painkillers": True,
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 5,
            "smoking": "stopped",
            "drinks": 6,
            "walks": 2,
            "question": "It has crept up for weeks. Do I need another tablet, or is it the shifts?",
        },
        shown=(Shown("pictures/drawn-pressure-monitor.jpg", "After ten minutes sitting, left arm"),),
        thread=(
            says("The painkiller is ibuprofen, for my knee, usually two in the evening."),
            asks(
                "How many amlodipine tablets would you say you miss in a week on nights? And is the "
                "headache there every day, or only when the reading is high?"
            ),
            answers(
                "Two or three on nights. The headache is more a tight band, mostly after a shift. My wife "
                "says I snore like a train."
            ),
            decides(
                "prescription",
                (
                    "Three things push it up: missed tablets, ibuprofen and perhaps your breathing at night. "
                    "Take the tablet when you get up, whenever that is. Paracetamol or the gel for the knee "
                    "instead of ibuprofen. I add a low dose of losartan, with a blood test in two weeks, and a "
                    "sleep test comes by post. Above 180, or with chest pain or weakness: emergency number."
                ),
            ),
        ),
        problems=("hypertension", "arthritis"),
        medicines=("amlodipine",),
        allergies=("sulfonamide",),
    ),
    Story(
        key="settling-well",
        case_type="blood-pressure",
        priority="routine",
        ages=(49, 68),
        series="settling",
        intake={
            "reason": "Eight weeks on the new tablet, readings look good",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": False,
            "takes": "daily",
            "side-effects": ["none"],
            "painkillers": False,
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 5,
            "smoking": "never",
            "drinks": 3,
            "walks": 5,
            "question": "I have lost two and a half kilos. If I lose more, could I do without the tablet one day?",
        },
        thread=(
            asks("Well done, both curves are lovely. Did you have the blood test for the kidneys after starting?"),
            answers("Yes, two weeks ago at the hospital lab, I sent the paper by post."),
            decides(
                "advice",
                (
                    "Kidneys and salts are normal. Carry on as you are and measure one week in each month. At "
                    "five kilos less we can try half the dose together; please don't stop on your own."
                ),
            ),
        ),
        problems=("hypertension",),
        medicines=("ramipril",),
    ),
    Story(
        key="dizzy-on-standing",
        case_type="blood-pressure",
        priority="urgent",
        ages=(72, 86),
        series="too-low",
        intake={
            "reason": "Dizzy when I get up, and I fell on Sunday",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": True,
            "fell": True,
            "takes": "daily",
            "side-effects": ["tired", "toilet"],
            "painkillers": False,
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 4,
            "smoking": "never",
            "drinks": 0,
            "walks": 3,
            ("question"): (
                "Are the new water tablets too strong for me? The bruise is the size of a saucer but I can walk."
            ),
        },
        thread=(
            asks(
                "Did you hit your head, and have you been sick or drinking less than usual? Could you "
                "measure once after lying for five minutes and once after standing for one?"
            ),
            answers(
                "Head is fine, I slid down the wardrobe. Lying 118 over 66, standing 94 over 58 and I had to hold on."
            ),
            decides(
                "prescription",
                (
                    "That drop explains it. Leave out the indapamide from today and keep the other tablet. Get "
                    "up in two steps, drink a glass of water with each meal. Measure lying and standing for a "
                    "week and send it; blood test on Thursday. If you fall again or faint, ring at once."
                ),
            ),
        ),
        problems=("hypertension", "arthritis"),
        medicines=("ramipril", "indapamide"),
    ),
    Story(
        key="dry-cough",
        case_type="blood-pressure",
        priority="routine",
        ages=(44, 70),
        series="controlled",
        intake={
            "reason": "Pressure is fine but the cough is driving me mad",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": False,
            "takes": "daily",
            "side-effects": ["cough"],
            "painkillers": False,
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 5,
            "smoking": "never",
            "drinks": 2,
            "walks": 4,
            "question": "I read on the leaflet that the tablet can cause it. I sing in a choir and we have a concert.",
        },
        shown=(Shown("videos/cough-message.webm", "So you can hear the cough"),),
        thread=(
            asks(
                "When did the cough begin, compared with the tablet? Any phlegm, weight loss, or cough at night only?"
            ),
            answers("Three weeks after starting. Dry as a bone, day and night. Weight is the same."),
            decides(
                "prescription",
                "That is the ramipril. Stop it and start losartan 50 mg the next morning; it does the same without the "
                "cough. It takes two to four weeks to go, so perhaps not for this concert. If it has not gone by then, "
                "write and we look further.",
            ),
        ),
        problems=("hypertension",),
        medicines=("ramipril",),
    ),
    Story(
        key="wrist-cuff",
        case_type="blood-pressure",
        priority="routine",
        ages=(38, 60),
        series="jumpy",
        intake={
            "reason": "My readings jump up and down, which one counts?",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": False,
            "takes": "never",
            "cuff": "wrist",
            "rest": False,
            "times-a-week": 4,
            "smoking": "sometimes",
            "drinks": 10,
            "walks": 1,
            "question": "Between 128 and 172 within a week. Am I ill or is it the machine?",
        },
        thread=(
            asks(
                "Where is your wrist when you measure, on the table or at the height of your heart? And is "
                "it before or after coffee and cigarettes?"
            ),
            answers("On my lap, in front of the news, with coffee. I see where this is going."),
            decides(
                "advice",
                (
                    "It is mostly the way of measuring. We lend you an upper-arm device: sit five minutes, no "
                    "coffee or smoke for half an hour, arm on the table, two readings morning and evening for "
                    "seven days. Then we know. Ten drinks a week and smoking do push it up, and I would be "
                    "glad to help with either."
                ),
            ),
        ),
    ),
    Story(
        key="kidney-letter",
        case_type="blood-pressure",
        priority="asap",
        ages=(55, 76),
        series="steady-high",
        intake={
            "reason": "Still 155 over 94, and a letter about my kidneys",
            "chest-pain": False,
            "weak-side": False,
            "headache": False,
            "dizzy": False,
            "takes": "daily",
            "side-effects": ["none"],
            "painkillers": False,
            "cuff": "upper-arm",
            "rest": True,
            "times-a-week": 5,
            "smoking": "stopped",
            "drinks": 4,
            "walks": 4,
            "question": "The letter says stage 3. Is that from the pressure, and will I need dialysis?",
        },
        shown=(Shown("documents/lab-report.pdf", "The blood results, both pages"),),
        thread=(
            says("I have read about it half the night. Please tell me straight."),
            asks(
                "Straight, then: this is common and in most people it stays where it is. Do you take anything over the "
                "counter, and has anyone tested your water for protein this year?"
            ),
            answers("Only fish oil. No water test that I know of."),
            decides(
                "visit",
                (
                    "Please bring a morning sample on Thursday. Dialysis is not on the horizon at this level. "
                    "What protects you most is a pressure under 130, so the losartan goes up to 100 mg, with "
                    "blood again in two weeks. Let us talk by video after that."
                ),
            ),
        ),
        problems=("hypertension", "kidney-3", "lipids"),
        medicines=("losartan", "atorvastatin"),
    ),
)
