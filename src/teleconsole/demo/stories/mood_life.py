"""More stories of people whose mood is followed up."""

from teleconsole.demo.stories.mood import phq9
from teleconsole.demo.stories.story import DaysAgo, Story, answers, asks, decides

STORIES = (
    Story(
        key="after-the-funeral",
        case_type="mood",
        priority="asap",
        ages=(64, 83),
        intake={
            "reason": "Three months alone now, I see no point in cooking",
            **phq9("222232110", "somewhat"),
            "takes": "never",
            "talking": False,
            "sleep-hours": 5.0,
            "drinks": 9,
            "support": "The neighbour brings soup. My daughter rings on Sundays.",
            "better": "I mended the gate he always wanted mended.",
            "question": "Is this grief or is it the other thing? I don't want to be a nuisance.",
        },
        thread=(
            asks(
                "You are no nuisance. Are there hours in which you laugh or look forward to something? And "
                "the wine, is that to sleep?"
            ),
            answers("With the grandchildren, yes. And yes, two glasses, or I lie there and listen."),
            decides(
                "visit",
                (
                    "Grief has good hours, and you have some, so no tablets for now. Dr Calder would like to "
                    "talk with you by video on Tuesday. The bereavement group meets on Thursdays at two, with "
                    "cake. Try one glass, then none, and tell us how the nights are."
                ),
            ),
        ),
        problems=("hypertension",),
        medicines=("amlodipine",),
    ),
    Story(
        key="night-shift-nurse",
        case_type="mood",
        priority="routine",
        ages=(26, 50),
        intake={
            "reason": "Check after the dose went up: half better",
            **phq9("112210100", "somewhat"),
            "takes": "mostly",
            "takes-why": "After nights I don't know which day it is.",
            "takes-bothers": "Sweating. My scrubs are wet by six in the morning.",
            "talking": True,
            "talking-next": DaysAgo(0),
            "sleep-hours": 6.0,
            "drinks": 3,
            "support": "My colleagues know.",
            "better": "I sang in the car.",
            "question": "May I ask for fewer nights? I don't want them to think I am weak.",
        },
        thread=(
            asks(
                "Singing counts. How many nights in a row do you have, and would a letter from us to "
                "occupational health help?"
            ),
            answers("Five in a row. A letter would help a lot, if it does not say depression."),
            decides(
                "advice",
                (
                    "The letter says 'health reasons, no more than two nights in a row for three months', and "
                    "nothing else. Fix the tablet to the first meal after waking. Sweating often eases by week "
                    "eight; if not, we change it."
                ),
            ),
        ),
        problems=("depression",),
        medicines=("sertraline",),
    ),
    Story(
        key="exam-year",
        case_type="mood",
        priority="asap",
        ages=(19, 24),
        intake={
            "reason": "I can't start anything and the exams are in January",
            **phq9("212321310", "very"),
            "takes": "never",
            "talking": True,
            "talking-next": DaysAgo(0),
            "sleep-hours": 9.5,
            "drinks": 6,
            "support": "My flatmates, but they are all fine and I am the boring one.",
            "better": "I handed in one of the three essays.",
            "question": "Is it depression or am I lazy? My father says lazy.",
        },
        thread=(
            asks(
                "Lazy people do not lie awake over it. When did you last enjoy something the whole way "
                "through? Do you smoke weed?"
            ),
            answers("Summer, the lake. On weekends, more since October. I sleep till noon after it."),
            decides(
                "visit",
                (
                    "These answers say depression of a middle kind, and the weed does not help it. Video visit "
                    "on Wednesday; the university can move one exam if we write before the 10th, so let's. Up "
                    "at nine, out before ten, for one week: tell us what changes."
                ),
            ),
        ),
    ),
    Story(
        key="new-in-town",
        case_type="mood",
        priority="urgent",
        ages=(34, 59),
        intake={
            "reason": "Moved here, four days of tablets left, slipping again",
            **phq9("233222210", "very"),
            "takes": "daily",
            "takes-bothers": "No, it has kept me well for six years.",
            "talking": False,
            "sleep-hours": 4.5,
            "drinks": 0,
            "support": "My partner. We don't know anybody here yet.",
            "better": "The flat has a balcony.",
            "question": "Can you go on with venlafaxine 150? My old practice says the papers take two weeks.",
        },
        thread=(
            asks(
                "Four days is enough for us to sort it out. Please photograph the box. Were there ever "
                "times of too much, little sleep and great plans? And what was your pressure, last time?"
            ),
            answers("Never too much, only down. 128 over 80 in summer. Box says 150 modified release, one a day."),
            decides(
                "prescription",
                (
                    "Two weeks of it are at the pharmacy in Station Road. I have asked your old practice for "
                    "the papers. Because you are slipping on a dose that used to hold, we talk by video on "
                    "Monday. If dark thoughts come, ring us or the emergency number."
                ),
            ),
        ),
        problems=("depression",),
    ),
)
