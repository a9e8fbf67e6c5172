"""The page of errors and their cures is that of the tree."""

from bench import troubles


def test_the_page_of_errors_is_that_of_the_tree() -> None:
    assert troubles.PAGE.read_text() == troubles.page(), "run `make figures`"


def test_each_kind_stands_once_and_has_a_cure_of_its_own() -> None:
    found = list(troubles.errors())
    assert len({error.kind for error in found}) == len(found)
    assert [error.kind for error in found if "cure" not in vars(error)] == []
