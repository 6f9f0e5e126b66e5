"""Stories of people whose depression is followed up with the PHQ-9."""

from teleconsole.demo.stories.story import Answer, DaysAgo, Shown, Story, answers, asks, decides, says

_POINTS = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
_DIFFICULTY = {"none": "LA6572-7", "somewhat": "LA6573-5", "very": "LA6575-0", "extremely": "LA6574-3"}


def phq9(points: str, difficulty: str) -> dict[str, Answer]:
    """The nine answers from nine digits, 0 to 3 points each."""
    given: dict[str, Answer] = {f"phq9-{item}": _POINTS[int(digit)] for item, digit in enumerate(points, 1)}
    return {**given, "phq9-difficulty": _DIFFICULTY[difficulty]}


STORIES = (
    Story(
        key="better-but-flat",
        case_type="mood",
        priority="routine",
        ages=(27, 52),
        intake={
            "reason": "Week 8 check: better, but a bit flat",
            **phq9("110110100", "somewhat"),
            "takes": "daily",
            ("takes-bothers"): (
                "I feel less low but also less of anything. I did not cry at my sister's wedding, and I wanted to."
            ),
            "talking": True,
            "talking-next": DaysAgo(0),
            "sleep-hours": 7.0,
            "drinks": 2,
            "support": "My sister, and a friend from the walking group.",
            "better": "I am back at work four days a week and I cooked for people.",
            "question": "Is the flat feeling from the tablets or still the illness?",
        },
        thread=(
            asks(
                "Good to read, those are real steps. Is the flatness there all day, and has your interest "
                "in sex or food changed since the tablets? Did you ever miss a dose and notice a "
                "difference?"
            ),
            answers(
                "All day, like cotton wool. Sex, yes, gone. I missed two days in October and felt odd but more awake."
            ),
            decides(
                "visit",
                (
                    "That sounds more like the tablet than the illness. Please don't stop by yourself. "
                    "Reception offers you a video visit this week, and we look at a lower dose or another "
                    "medicine together."
                ),
            ),
        ),
        problems=("depression",),
        medicines=("sertraline",),
    ),
    Story(
        key="dark-thoughts",
        case_type="mood",
        priority="stat",
        ages=(23, 44),
        intake={
            "reason": "It has got much worse, I am scared of my thoughts",
            **phq9("333332322", "extremely"),
            "safe-now": "unsure",
            "takes": "stopped",
            "takes-why": "I ran out two weeks ago and could not face ringing for more.",
            "talking": False,
            "sleep-hours": 3.0,
            "drinks": 14,
            "support": "My brother Joe lives upstairs. I have not told him.",
            "question": "I don't want to go to hospital. I just want it to stop for a night.",
        },
        thread=(
            asks(
                "Thank you for telling us, that took courage. I am ringing you now, it is my voice you "
                "will hear. Until then, please go up to Joe or let him come down, and show him this "
                "message. Is there anything in the flat that you have thought of using?"
            ),
            answers("Joe is here now. He has taken the tablets from the bathroom. I picked up, thank you."),
            decides(
                "visit",
                "As we said on the telephone: Joe stays tonight, the crisis team comes at seven this evening, and your "
                "tablets start again tomorrow with a few at a time. I ring at ten in the morning. If it gets stronger "
                "before then, call the emergency number or the crisis line, at any hour.",
            ),
        ),
        problems=("depression",),
        medicines=("sertraline",),
    ),
    Story(
        key="first-weeks",
        case_type="mood",
        priority="asap",
        ages=(20, 35),
        intake={
            "reason": "Two weeks on the tablets and I feel sick and jumpy",
            **phq9("222321210", "very"),
            "takes": "daily",
            "takes-bothers": "Sick till noon, and my legs won't keep still in the evening. Some strange yawning.",
            "talking": False,
            "sleep-hours": 5.5,
            "drinks": 0,
            "support": "My mum on the telephone, most evenings.",
            "better": "I got out of bed before ten on three days.",
            "question": "Does this pass? I nearly stopped on Sunday.",
        },
        shown=(Shown("videos/mood-message.webm", "It was easier to say than to write"),),
        thread=(
            asks(
                "I am glad you did not stop. When do you take it, and with food? And the jumpiness: is it "
                "in the legs or in your mind as well, racing, or thoughts that frighten you?"
            ),
            answers(
                "At night on an empty stomach. Only the legs. No frightening thoughts, just worry that it "
                "does not work."
            ),
            decides(
                "advice",
                (
                    "Take it in the morning after breakfast. The sickness and the restless legs usually go "
                    "within two more weeks, and the mood follows after that. Fill in these questions again in "
                    "a week. If your mind starts to race or dark thoughts come, ring the same day."
                ),
            ),
        ),
        problems=("depression",),
        medicines=("citalopram",),
    ),
    Story(
        key="new-baby",
        case_type="mood",
        priority="urgent",
        gender="female",
        ages=(26, 39),
        intake={
            "reason": "Seven weeks after the baby and I can't stop crying",
            **phq9("232332310", "very"),
            "takes": "never",
            "talking": False,
            "sleep-hours": 4.0,
            "drinks": 0,
            ("support"): (
                "My husband is back at work. My mother is abroad. The health visitor is kind but it is ten minutes."
            ),
            "better": "He smiled at me on Tuesday, I know I should have been happy.",
            "question": "Am I a bad mother? I breastfeed, so I am afraid of tablets.",
        },
        thread=(
            says("I want to be clear that I would never hurt him. I check on him too much, if anything."),
            asks(
                "You are not a bad mother, you are ill and tired, and it can be treated. Do you ever feel "
                "that things are not real, or hear or believe things that others don't? Can you sleep when "
                "he sleeps? Who is with you today?"
            ),
            answers(
                "No, nothing like that. I lie awake listening for him. My neighbour comes at two and stays till six."
            ),
            decides(
                "referral",
                (
                    "The mother and baby team sees you on Thursday, together with him, at home. There is a "
                    "medicine that goes well with breastfeeding, if you and they decide for it. Your husband "
                    "can have a note for carer's leave. If it gets darker or feels unreal, call the emergency "
                    "number, that is what it is for."
                ),
            ),
        ),
    ),
    Story(
        key="well-and-stopping",
        case_type="mood",
        priority="routine",
        ages=(35, 63),
        intake={
            "reason": "Feeling well for nine months, may I stop?",
            **phq9("000100000", "none"),
            "takes": "daily",
            "takes-bothers": "Nothing really. A little weight.",
            "talking": False,
            "sleep-hours": 7.5,
            "drinks": 4,
            "support": "My wife, the choir, the dog.",
            "better": "I would say all of it.",
            "question": "I would like to come off it in winter, when work is quiet. Is that silly?",
        },
        thread=(
            asks(
                "What good news. Was this your first low time, or have there been others? And is winter a "
                "hard season for you, or just a quiet one?"
            ),
            answers("The second. The first was at university. Winter is fine, it was always spring that got me."),
            decides(
                "prescription",
                (
                    "After a second time a year of being well is a good rule, so let's begin in February: half "
                    "for four weeks, then a quarter, then none, with these questions every two weeks. Spring "
                    "will fall into it, so we keep an eye on you until June."
                ),
            ),
        ),
        problems=("depression", "hypothyroidism"),
        medicines=("citalopram", "levothyroxine"),
    ),
    Story(
        key="no-sleep-mirtazapine",
        case_type="mood",
        priority="asap",
        ages=(45, 70),
        intake={
            "reason": "I sleep now but I can't get up, and I am always hungry",
            **phq9("121232110", "somewhat"),
            "takes": "mostly",
            "takes-why": "I skip it on Sundays so that I can get up for church.",
            "takes-bothers": "Six kilos since September. I eat cereal at midnight.",
            "talking": True,
            "talking-next": DaysAgo(0),
            "sleep-hours": 11.0,
            "drinks": 1,
            "support": "The people at church, and my son at weekends.",
            "better": "Sleep. I had forgotten what it is like.",
            "question": "Is there something that lets me sleep but not eat?",
        },
        thread=(
            asks(
                "At what time do you take it, and how strong is the tablet now? Have you ever measured "
                "your blood sugar?"
            ),
            answers("At eleven, just before bed. 15. My sugar was a bit high in spring, they said to watch it."),
            decides(
                "prescription",
                (
                    "Take it at eight instead of eleven, that often clears the mornings. We check sugar and "
                    "fats on Friday. If the weight goes on, we change it; let's decide by video in two weeks, "
                    "when the blood is back."
                ),
            ),
        ),
        problems=("depression",),
        medicines=("mirtazapine",),
    ),
)
