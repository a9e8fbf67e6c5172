"""The page of errors and their cures is that of the tree."""

from scripts.docs import troubleshooting


def test_the_page_of_errors_is_that_of_the_tree() -> None:
    assert troubleshooting.PAGE.read_text() == troubleshooting.page(), "run `make figures`"


def test_each_kind_stands_once_and_has_a_cure_of_its_own() -> None:
    errors = list(troubleshooting.errors())
    assert len({error.kind for error in errors}) == len(errors)
    assert [error.kind for error in errors if "cure" not in vars(error)] == []
