"""The table of host names."""

from localstack_dataplane.names import Names


def test_a_name_nobody_published_is_unknown():
    assert Names().resolve("a.example") is None


def test_case_and_the_final_dot_do_not_matter():
    names = Names()
    names.publish("x", {"A.Example.": ["1.2.3.4"]})
    assert names.resolve("a.exaMple.") == ("1.2.3.4",)


def test_publishing_again_forgets_what_is_not_mentioned():
    names = Names()
    names.publish("x", {"a.example": ["1.2.3.4"]})
    names.publish("x", {"b.example": ["1.2.3.4"]})
    assert names.resolve("a.example") is None


def test_a_name_without_address_is_known():
    names = Names()
    names.publish("x", {"a.example": []})
    assert names.resolve("a.example") == ()


def test_the_addresses_of_several_owners_are_joined():
    names = Names()
    names.publish("y", {"a.example": ["2.2.2.2", "1.1.1.1"]})
    names.publish("x", {"a.example": ["1.1.1.1"]})
    assert names.resolve("a.example") == ("1.1.1.1", "2.2.2.2")
