"""Stories of skin problems."""

from teleconsole.demo.stories.story import Shown, Story, answers, asks, decides, says

STORIES = (
    Story(
        key="spreading-rash",
        case_type="skin",
        priority="urgent",
        person="Amira Haddad",
        gender="female",
        ages=(34, 34),
        intake={
            "reason": "Rash on both arms, spreading since yesterday",
            "where": ["arm", "chest"],
            "side": "both",
            "since": "days",
            "had-before": False,
            "mole": False,
            "spreading": True,
            "spreading-speed": "days",
            "blisters": False,
            "itch": "awake",
            "pain": False,
            "fever": False,
            "swelling": False,
            "new-things": "I started amoxicillin for a tooth five days ago. Nothing else is new, same soap, no pets.",
            "tried": "Cool cloths and the cream my sister uses for her eczema. It burned, so I stopped.",
            "question": "Can this be from the tablets? I still have four to take and don't know if I should.",
        },
        shown=(
            Shown("pictures/drawn-rash-forearm.jpg", "Left forearm this morning, in daylight"),
            Shown("pictures/drawn-wheals-belly.jpg", "My side, ten minutes after a shower"),
        ),
        thread=(
            says("I forgot to say: I have not taken this morning's tablet, I wanted to ask first."),
            asks(
                "Thank you, it was right to ask. Please don't take any more of it for now. Is there any "
                "soreness in your mouth or eyes, or blisters anywhere? And has your face been puffy at any "
                "time?"
            ),
            answers("No sores, no blisters. My eyes were a bit puffy on waking but my lips are normal."),
            decides(
                "prescription",
                (
                    "This looks like a rash from the amoxicillin. Stop it for good; I have noted it as an "
                    "allergy to be checked. Take cetirizine 10 mg in the evening for a week. Your dentist gets "
                    "another antibiotic from us today. If your lips swell, your skin blisters or you find it "
                    "hard to breathe, call the emergency number."
                ),
            ),
        ),
        problems=("asthma",),
        medicines=("salbutamol",),
        allergies=("nuts",),
    ),
    Story(
        key="changing-mole",
        case_type="skin",
        priority="urgent",
        ages=(48, 74),
        intake={
            "reason": "A mole on my back has changed",
            "where": ["back"],
            "since": "months",
            "mole": True,
            "mole-bigger": True,
            "mole-shape": True,
            "mole-bleeds": True,
            "mole-size": 9.5,
            "spreading": False,
            "itch": "little",
            "pain": False,
            "fever": False,
            "swelling": False,
            "tried": "Nothing. My wife noticed it in the summer and measured it twice since.",
            "question": "Does somebody need to look at it, and how soon?",
        },
        shown=(
            Shown("pictures/drawn-mole-back.jpg", "Taken by my wife today, with a coin beside it"),
            Shown("pictures/drawn-mole-even.jpg", "Another one lower down that has always been like this"),
        ),
        thread=(
            asks("Has anyone in your family had skin cancer? And did you burn in the sun often as a child or at work?"),
            answers("My father had something cut off his ear. I was a roofer for thirty years, so yes, plenty of sun."),
            decides(
                "referral",
                (
                    "The shape and the two colours mean it should come out and be looked at. I have referred "
                    "you to the skin clinic; they ring you within two weeks. Please keep this photo and don't "
                    "put anything on it."
                ),
            ),
        ),
        problems=("hypertension",),
        medicines=("amlodipine",),
    ),
    Story(
        key="ring-on-leg",
        case_type="skin",
        priority="routine",
        ages=(19, 45),
        intake={
            "reason": "Round red ring on my shin that keeps growing",
            "where": ["leg"],
            "side": "right",
            "since": "weeks",
            "had-before": False,
            "mole": False,
            "spreading": True,
            "spreading-speed": "weeks",
            "blisters": False,
            "itch": "little",
            "pain": False,
            "fever": False,
            "swelling": False,
            "new-things": "We took in a kitten a month ago. She has a bald patch behind one ear.",
            "tried": "Moisturiser. It made no difference.",
            "question": "I walk in long grass as well, so I am worried it could be from a tick.",
        },
        shown=(Shown("pictures/drawn-ring-leg.jpg", "Right shin, coin for size"),),
        thread=(
            asks("Is the edge rough or scaly when you run a finger over it? Do you remember a tick bite there?"),
            answers("Yes, the edge is flaky and the middle is nearly normal. I never saw a tick, but I do look."),
            decides(
                "prescription",
                (
                    "A scaly edge and a kitten with a bald patch fit ringworm much better than a tick. Use the "
                    "clotrimazole cream twice a day, and for two weeks after it has gone. The kitten needs the "
                    "vet. If it spreads without scales or you get a fever, write again."
                ),
            ),
        ),
    ),
    Story(
        key="eczema-flare",
        case_type="skin",
        priority="routine",
        ages=(20, 40),
        intake={
            "reason": "Eczema in the crook of my arm is back, and worse",
            "where": ["arm", "neck"],
            "side": "both",
            "since": "weeks",
            "had-before": True,
            "had-before-what": "Eczema since I was little. A strong cream for a week used to settle it.",
            "mole": False,
            "spreading": True,
            "spreading-speed": "days",
            "blisters": False,
            "itch": "awake",
            "pain": True,
            "pain-score": 4,
            "fever": False,
            "swelling": False,
            "new-things": "New job in a bakery, I wash my hands about thirty times a day.",
            "tried": "Hydrocortisone from the chemist for ten days, and the thick white ointment at night.",
            "question": "I would like the stronger cream again. And is it safe on my neck?",
        },
        shown=(Shown("pictures/drawn-eczema-elbow.jpg", "Inside of my right elbow after a bad night"),),
        thread=(
            says("It is a bit weepy in the scratched places since this morning, in case that matters."),
            asks("It does, thank you. Are there yellow crusts, and does it feel hot? Have you had cold sores lately?"),
            answers("A few yellowish bits on the left side. Not hot. No cold sores."),
            decides(
                "prescription",
                (
                    "I have sent a stronger steroid cream for the arms (once a day, seven days; not on the "
                    "neck, there keep to hydrocortisone) and an antiseptic wash. If it becomes hot, very "
                    "painful or you see small punched-out sores, tell us the same day. Let's talk about gloves "
                    "and work when it has calmed."
                ),
            ),
        ),
        problems=("eczema", "asthma"),
        medicines=("hydrocortisone", "salbutamol", "cetirizine"),
    ),
    Story(
        key="shingles-band",
        case_type="skin",
        priority="asap",
        ages=(60, 79),
        intake={
            "reason": "Painful blisters in a line round my left side",
            "where": ["chest", "back"],
            "since": "days",
            "had-before": False,
            "mole": False,
            "spreading": True,
            "spreading-speed": "days",
            "blisters": True,
            "itch": "little",
            "pain": True,
            "pain-score": 7,
            "fever": False,
            "swelling": False,
            ("new-things"): (
                "It burned there for two days before anything was to be seen. I thought I had pulled a muscle."
            ),
            "tried": "Paracetamol, four times a day. It takes the edge off.",
            "question": "My granddaughter is due any day. Can I hold the baby?",
        },
        shown=(Shown("pictures/drawn-blisters-chest.jpg", "Left side, under the arm and round to the back"),),
        thread=(
            asks(
                "On which day did the first blister come? Any near your eye or nose? And how are your "
                "kidneys, as far as you know?"
            ),
            answers("The day before yesterday in the evening. None on my face. Kidneys were fine at my last check."),
            decides(
                "prescription",
                (
                    "This is shingles, and it's early enough for tablets to help: aciclovir five times a day "
                    "for a week, start tonight. Until the last blister is dry, keep away from the baby and "
                    "from your granddaughter, unless she has had chickenpox. If the pain keeps you awake, tell "
                    "us, there are better things than paracetamol."
                ),
            ),
        ),
        problems=("hypertension", "lipids"),
        medicines=("ramipril", "atorvastatin"),
    ),
    Story(
        key="psoriasis-knee",
        case_type="skin",
        priority="routine",
        ages=(28, 58),
        intake={
            "reason": "Psoriasis on my knees is getting thick again",
            "where": ["leg", "arm"],
            "side": "both",
            "since": "months",
            "had-before": True,
            "had-before-what": "Psoriasis for twelve years. The combination foam helped, light treatment helped more.",
            "mole": False,
            "spreading": False,
            "itch": "little",
            "pain": False,
            "fever": False,
            "swelling": False,
            "tried": "Only the vitamin D ointment, because the foam ran out in August.",
            ("question"): (
                "Please can I have the foam again? My fingers are also stiff in the morning, is that connected?"
            ),
        },
        shown=(Shown("pictures/drawn-psoriasis-knee.jpg", "Right knee today"),),
        thread=(
            asks(
                "How long does the stiffness last, and are any fingers or toes swollen like a sausage? Any "
                "changes in your nails?"
            ),
            answers("About an hour. One toe was fat and sore for two weeks in spring. Nails have little dents."),
            decides(
                "referral",
                (
                    "The foam is at your pharmacy: once a day, four weeks. Stiffness of an hour, a sausage toe "
                    "and dented nails can mean that the joints are involved, so I have asked rheumatology to "
                    "see you, and booked a blood test."
                ),
            ),
        ),
        problems=("psoriasis",),
    ),
    Story(
        key="wheals-come-and-go",
        case_type="skin",
        priority="asap",
        ages=(22, 50),
        intake={
            "reason": "Hives every evening for three weeks",
            "where": ["all-over"],
            "since": "month",
            "had-before": False,
            "mole": False,
            "spreading": False,
            "blisters": False,
            "itch": "lot",
            "pain": False,
            "fever": False,
            "swelling": False,
            "new-things": "I changed washing powder and changed it back. I wrote down all I eat, there is no pattern.",
            "tried": "Antihistamine from the supermarket, one a day. It helps for some hours.",
            "question": "Do I need an allergy test? I have an important week at work and I look like a strawberry.",
        },
        shown=(Shown("pictures/drawn-wheals-belly.jpg", "About 8 in the evening. By morning it is gone"),),
        thread=(
            asks(
                "Does a single patch ever stay for more than a day, or leave a bruise? Did you take "
                "ibuprofen or similar?"
            ),
            answers("They move around, each is gone by morning. I take ibuprofen for my back on most days, yes."),
            decides(
                "advice",
                (
                    "Hives that come and go for weeks are rarely an allergy, so a test would not help now. "
                    "Please leave out the ibuprofen (it can drive them) and take the antihistamine twice a day "
                    "for four weeks. If your tongue or throat swells, call the emergency number."
                ),
            ),
        ),
        medicines=("cetirizine",),
        allergies=("aspirin",),
    ),
    Story(
        key="spots-that-stay",
        case_type="skin",
        priority="stat",
        ages=(19, 30),
        intake={
            "reason": "Purple spots on my legs and I feel very ill",
            "where": ["leg"],
            "side": "both",
            "since": "today",
            "mole": False,
            "spreading": True,
            "spreading-speed": "hours",
            "fade": "unsure",
            "blisters": False,
            "itch": "none",
            "pain": True,
            "pain-score": 6,
            "fever": True,
            "temperature": 39.4,
            "swelling": False,
            "new-things": "My flatmate says I should write. Headache since last night, light hurts my eyes.",
            "question": "Is this flu? I did not want to bother the hospital.",
        },
        shown=(Shown("pictures/drawn-rash-forearm.jpg", "It looks like this on my legs, and now on my arm as well"),),
        thread=(
            asks(
                "I am ringing you now on your mobile. Please pick up. Stay with your flatmate, do not go "
                "to sleep, and ask them to call the emergency number at once."
            ),
            answers("This is the flatmate. Ambulance is on its way, they are sleepy but talking."),
            decides(
                "referral",
                (
                    "The ambulance has taken you in; I have told the hospital what you wrote and when. We ring "
                    "your flatmate about protection for the people you live with."
                ),
            ),
        ),
    ),
)
