"""Stories of general medicine."""

from teleconsole.demo.stories.story import Shown, Story, answers, asks, decides, says

STORIES = (
    Story(
        key="eye-picture",
        case_type="general",
        priority="asap",
        ages=(52, 75),
        intake={
            "reason": "The optician took a picture of my eye and wrote to you",
            "warning": ["none"],
            "topic": "result",
            "result-from": "Optician in Market Street",
            ("story"): (
                "I went for new glasses. She was very nice but became quiet and took a picture of the back "
                "of my left eye. She said it could be from the sugar and that my doctor should see it."
            ),
            "pregnant": "na",
            "weight": 84.5,
            "question": "Will I lose my sight? I drive a school bus.",
        },
        shown=(
            Shown("pictures/retina.jpg", "The optician's picture, left eye"),
            Shown("pictures/microaneurysms.png", "The part she marked"),
            Shown("documents/optician-letter.pdf", "Her letter"),
        ),
        thread=(
            asks(
                "Have you had any blur, floating spots or a shadow that comes and goes? And what was your "
                "last long-term sugar, the HbA1c?"
            ),
            answers("No, I see well with the new glasses. The last one was 71, in May I think."),
            decides(
                "referral",
                (
                    "There are a few tiny bulges of the vessels, an early change from diabetes that can be "
                    "held where it is. You may drive. I have asked the eye clinic for an appointment within "
                    "four weeks, and I would like to bring the sugar down with you: blood test this week, then "
                    "a talk by video."
                ),
            ),
        ),
        problems=("diabetes-2", "lipids"),
        medicines=("metformin", "atorvastatin"),
    ),
    Story(
        key="burning-water",
        case_type="general",
        priority="asap",
        gender="female",
        ages=(21, 58),
        intake={
            "reason": "It burns when I pee, since yesterday",
            "warning": ["none"],
            "topic": "water",
            "since": "days",
            "course": "worse",
            "pain": True,
            "pain-score": 5,
            "fever": False,
            "water-burns": True,
            "water-back": False,
            ("story"): (
                "I have to go every half hour and then it is three drops. I had the same two years ago and "
                "got a sachet, after which it was gone in a day."
            ),
            "pregnant": "no",
            "question": "Could I have the sachet again, at the pharmacy by the station?",
        },
        thread=(
            asks(
                "Any discharge, or blood you can see? Any chance of pregnancy since your last period? Allergies to "
                "antibiotics are still none, is that right?"
            ),
            answers("A little pink once. Not pregnant, I have a coil. No allergies."),
            decides(
                "prescription",
                (
                    "A simple bladder infection by all you write. The sachet (fosfomycin) is at the pharmacy "
                    "by the station; take it before bed. Pink once is fine. Fever, shivering or pain under the "
                    "ribs means come in the same day."
                ),
            ),
        ),
    ),
    Story(
        key="cough-three-weeks",
        case_type="general",
        priority="routine",
        ages=(30, 64),
        intake={
            "reason": "Cough for three weeks after a cold",
            "warning": ["none"],
            "topic": "cold",
            "since": "month",
            "course": "same",
            "pain": False,
            "fever": False,
            "cough-colour": "clear",
            ("story"): (
                "The cold itself went after a week. What stayed is a tickle and then I cough until my eyes "
                "water, mostly in bed and on the telephone. I teach, so I talk all day."
            ),
            "pregnant": "na",
            "question": "Do I need antibiotics or a picture of my lungs?",
        },
        shown=(Shown("videos/cough-message.webm", "My cough, recorded in the evening"),),
        thread=(
            asks(
                "Do you whistle when breathing out, get out of breath on stairs, or cough so hard that you "
                "are sick? Do you smoke, and has anyone near you had whooping cough?"
            ),
            answers("No whistle. Stairs are fine. Not sick. Never smoked. Nobody that I know of."),
            decides(
                "advice",
                (
                    "After a cold the airways stay touchy for up to eight weeks. No antibiotic would shorten "
                    "it. Honey at night, water at hand in class, a second pillow. If it's still there in five "
                    "weeks, or you cough blood, lose weight or get a fever, we take the picture."
                ),
            ),
        ),
        allergies=("penicillin",),
    ),
    Story(
        key="tight-chest",
        case_type="general",
        priority="stat",
        ages=(54, 72),
        intake={
            "reason": "Tight band round my chest when I climb the stairs",
            "warning": ["chest-pain", "breath"],
            "topic": "other",
            "since": "days",
            "course": "worse",
            "pain": True,
            "pain-score": 6,
            "fever": False,
            ("story"): (
                "On Saturday it came on the hill and went when I stood still. Today it comes on the stairs "
                "at home, and an hour ago while I was sitting. It goes into the left arm a bit."
            ),
            "pregnant": "na",
            "question": "I know the page says to call. I wanted to hear from you first whether it is serious.",
        },
        thread=(
            asks(
                "It is serious. I have called the ambulance to your address and I am ringing you now. Sit "
                "down, unlock the front door. Do you have aspirin in the house, and can you take it?"
            ),
            answers("Sitting. Door is open. I had 300 of aspirin as you said. It is easing."),
            decides(
                "referral",
                (
                    "The crew has you and the heart unit is waiting. I have sent your list of medicines with "
                    "them and spoken to your son."
                ),
            ),
        ),
        problems=("hypertension", "lipids"),
        medicines=("ramipril", "atorvastatin"),
    ),
    Story(
        key="metformin-more",
        case_type="general",
        priority="routine",
        ages=(50, 77),
        intake={
            "reason": "My diabetes tablets run out on Friday",
            "warning": ["none"],
            "topic": "medicine",
            "medicine-name": "Metformin 500",
            "medicine-wish": "more",
            ("story"): (
                "The usual, please. I am at my daughter's until the end of the month and would fetch them "
                "there. The pharmacy is called Bridge Pharmacy."
            ),
            "pregnant": "na",
            "weight": 92.0,
            "question": "And could it be three months this time?",
        },
        thread=(
            asks(
                "Gladly. Your last kidney check was thirteen months ago. Could you have the blood taken near your "
                "daughter's, if I send the form there?"
            ),
            answers("Yes, there is a lab next to the library. Send it to the same e-mail."),
            decides(
                "prescription",
                (
                    "One month is at Bridge Pharmacy from tomorrow noon. The form is on its way; once the "
                    "kidneys are checked you get three months at a time again."
                ),
            ),
        ),
        problems=("diabetes-2",),
        medicines=("metformin",),
    ),
    Story(
        key="back-pain",
        case_type="general",
        priority="routine",
        ages=(26, 60),
        intake={
            "reason": "Back pain since I carried the washing machine",
            "warning": ["none"],
            "topic": "pain",
            "since": "weeks",
            "course": "better",
            "pain": True,
            "pain-score": 4,
            "fever": False,
            ("story"): (
                "Something went in the lower back ten days ago. First I could not tie my shoes, now I can. "
                "It pulls into the right buttock when I sit long. I drive a van."
            ),
            "pregnant": "na",
            "question": "How much longer off work? My boss asks for a note and a date.",
        },
        thread=(
            asks(
                "Any numbness between the legs, trouble passing water, or weakness of a foot? Can you walk "
                "on your heels?"
            ),
            answers("No to all of it. Heels and toes both work, looks silly but works."),
            decides(
                "advice",
                (
                    "All good signs. Keep moving, walk every day, sit in short pieces. The note is until "
                    "Sunday, with light work for two weeks after. Numbness between the legs or a weak foot: "
                    "emergency, at once."
                ),
            ),
        ),
        medicines=("naproxen", "omeprazole"),
    ),
    Story(
        key="belly-bug",
        case_type="general",
        priority="urgent",
        ages=(68, 84),
        intake={
            "reason": "Sick for two days and I keep nothing down",
            "warning": ["none"],
            "topic": "belly",
            "since": "days",
            "course": "worse",
            "pain": True,
            "pain-score": 3,
            "fever": True,
            "temperature": 38.0,
            "belly-sick": True,
            "drinking": "nothing",
            ("story"): (
                "Half our lunch club has it. The others are better, but I bring up even water, and I have "
                "hardly passed any since yesterday noon. I still took my tablets this morning, I think one "
                "stayed in."
            ),
            "pregnant": "na",
            "question": "Should I take the blood pressure and sugar tablets when I am like this?",
        },
        thread=(
            asks(
                "Please take neither until you drink normally again; that is important. Are you alone? "
                "Dizzy when you stand? Any blood, or black stools?"
            ),
            answers("My neighbour looks in. Dizzy, yes. No blood."),
            decides(
                "visit",
                (
                    "You are drying out, so I would like to see you today: the district nurse comes within two "
                    "hours, checks pressure and sugar, and brings something against the sickness. If you feel "
                    "faint or confused before that, your neighbour should call the emergency number."
                ),
            ),
        ),
        problems=("diabetes-2", "hypertension", "kidney-3"),
        medicines=("metformin", "losartan"),
    ),
    Story(
        key="migraine-pill",
        case_type="general",
        priority="asap",
        gender="female",
        ages=(24, 41),
        intake={
            "reason": "Migraines with flashing lights, and I take the pill",
            "warning": ["none"],
            "topic": "head",
            "since": "months",
            "course": "worse",
            "pain": True,
            "pain-score": 8,
            "fever": False,
            ("story"): (
                "Since the summer I see a zigzag for twenty minutes before the pain, which I never had "
                "before. Four times now. I read that it matters with the pill, the combined one, which I "
                "have taken for six years."
            ),
            "pregnant": "no",
            "weight": 63.0,
            "question": "Is it true, and what can I take instead?",
        },
        thread=(
            says("I smoke now and then, at weekends. I know."),
            asks(
                "You read well, it matters. Has an arm, your face or your speech ever gone odd with it? "
                "How is your blood pressure, if you know? When did you take the last pill?"
            ),
            answers("Only the eyes. 118 over 74 at the gym. Last one this morning."),
            decides(
                "prescription",
                (
                    "Zigzags before the pain, the combined pill and smoking together raise the risk of a "
                    "stroke. Please stop it today and start the progestogen-only pill tomorrow, with condoms "
                    "for two days. There is a tablet for the attacks at your pharmacy. A weak arm, a droopy "
                    "face or lost words: emergency number."
                ),
            ),
        ),
        problems=("migraine",),
    ),
    Story(
        key="thyroid-result",
        case_type="general",
        priority="routine",
        ages=(33, 66),
        intake={
            "reason": "Thyroid result has a star beside it",
            "warning": ["none"],
            "topic": "result",
            "result-from": "The hospital lab",
            ("story"): (
                "I take 75 of levothyroxine. The paper says TSH 6.8 with a star. I am tired and cold but "
                "it is also November."
            ),
            "pregnant": "maybe",
            "question": "Do I need more of it? We are trying for a baby.",
        },
        shown=(Shown("documents/lab-report.pdf", "Both pages"),),
        thread=(
            asks(
                "Do you take it on an empty stomach, half an hour before coffee, and away from iron or "
                "calcium? When was your last period?"
            ),
            answers("With my coffee, I admit. And iron, yes, all at once. Period was five weeks ago, test tomorrow."),
            decides(
                "prescription",
                (
                    "Because a baby may be on the way, don't wait: 100 micrograms from tomorrow, with water "
                    "only, iron in the evening. Blood again in four weeks. If the test is positive, write the "
                    "same day, then we check earlier."
                ),
            ),
        ),
        gender="female",
        problems=("hypothyroidism",),
        medicines=("levothyroxine",),
    ),
)
