"""A property that is computed once."""

from __future__ import annotations

from budsim_widgets.architectures.kept_property import kept_property


class Counted:
    computed = 0

    @kept_property
    def value(self) -> int:
        """What is counted."""
        self.computed += 1
        return self.computed


def test_it_is_computed_when_it_is_first_read_and_not_again() -> None:
    counted = Counted()
    assert counted.computed == 0
    assert (counted.value, counted.value, counted.computed) == (1, 1, 1)


def test_each_instance_has_its_own() -> None:
    first, second = Counted(), Counted()
    assert first.value == second.value == 1


def test_the_class_shows_the_property_with_its_docstring() -> None:
    assert Counted.value.__doc__ == "What is counted."
