from teleconsole.demo.dice import Dice


def test_throws_depend_on_seed_and_key_alone() -> None:
    first, second = Dice(1), Dice(1)
    second.fraction("something", "else")
    assert first.id("Task", 3) == second.id("Task", 3) == "093521a4-e5cf-5915-9209-b96401267d13"
    assert first.fraction("a", 1) == second.fraction("a", 1)
    assert first.fraction("a", 1) != Dice(2).fraction("a", 1)


def test_between_reaches_both_bounds_and_nothing_beyond() -> None:
    dice = Dice(5)
    assert {dice.between(2, 5, "throw", turn) for turn in range(200)} == {2, 3, 4, 5}


def test_shuffled_keeps_every_item() -> None:
    items = list(range(50))
    mixed = Dice(3).shuffled(items, "deck")
    assert sorted(mixed) == items
    assert mixed != items
