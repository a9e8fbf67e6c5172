"""Queues: each asker in turn, first come, first served, places and waits exact, for threads as for an event loop."""

import asyncio
import threading
import time
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.queue import Place, Queue, Ticket
from recto.server.answers import places

SETTLED_S = 60  # for what takes no time on a quiet machine


def wait_s(queue: Queue, ticket: Ticket) -> float:
    place = queue.place(ticket)
    assert place is not None
    assert place.eta_s is not None
    return place.eta_s


def test_places_are_exact_and_first_come_first_served() -> None:
    queue = Queue(2)
    with queue.joined() as first, queue.joined() as second:
        assert [queue.place(ticket) for ticket in (first, second)] == [None, None]
        with queue.joined() as third, queue.joined() as fourth:
            assert (queue.served, queue.waiting) == (2, 2)
            assert [queue.place(ticket) for ticket in (third, fourth)] == [Place(1, None), Place(2, None)]
    assert (queue.served, queue.waiting) == (0, 0)


def test_who_asks_once_does_not_wait_for_all_of_another() -> None:
    queue = Queue(1)
    with ExitStack() as turn, ExitStack() as others:
        turn.enter_context(queue.joined("many"))
        many = [others.enter_context(queue.joined("many")) for _ in range(3)]
        first, second = (others.enter_context(queue.joined(asker)) for asker in ("once", "twice"))
        third = others.enter_context(queue.joined("twice"))
        waiting = [first, second, many[0], third, *many[1:]]
        assert [queue.place(ticket) for ticket in waiting] == [Place(number, None) for number in range(1, 7)]
        assert [queue.waiting_of(asker) for asker in ("many", "once", "twice", "nobody")] == [3, 1, 2, 0]


def test_who_goes_on_comes_before_all_that_have_not_begun() -> None:
    queue = Queue(1)
    with ExitStack() as turn, ExitStack() as others:
        turn.enter_context(queue.joined("one"))
        begins = others.enter_context(queue.joined("two"))
        first, second = (others.enter_context(queue.joined(asker, goes_on=True)) for asker in ("three", "one"))
        later = others.enter_context(queue.joined("four"))
        assert [queue.place(ticket) for ticket in (first, second, begins, later)] == [
            Place(number, None) for number in range(1, 5)
        ]
        turn.close()
        assert first.turn.is_set()
        assert not second.turn.is_set()


@given(st.lists(st.one_of(st.none(), st.sampled_from("abc")), max_size=40), st.integers(1, 3))
def test_turns_come_in_order_and_nobody_is_passed_for_ever(steps: list[str | None], at_once: int) -> None:
    """A step is somebody who comes, or one who has a turn and leaves."""
    queue = Queue(at_once)
    held: dict[Ticket, ExitStack] = {}
    came: dict[str, list[Ticket]] = {asker: [] for asker in "abc"}
    for asker in [*steps, *[None] * len(steps)]:
        before = {ticket for ticket in held if not ticket.turn.is_set()}
        if asker:
            stack = ExitStack()
            ticket = stack.enter_context(queue.joined(asker))
            held[ticket] = stack
            came[asker].append(ticket)
        elif served := [ticket for ticket in held if ticket.turn.is_set()]:
            held.pop(served[0]).close()
        waiting = [ticket for ticket in held if not ticket.turn.is_set()]
        assert len(held) - len(waiting) == min(at_once, len(held))
        assert sorted(place.ahead for ticket in waiting if (place := queue.place(ticket))) == [
            number + 1 for number in range(len(waiting))
        ]
        for called in before.difference(waiting):  # of one asker the first who came, and of all the earliest round
            own = came[called.asker]
            assert all(earlier.turn.is_set() for earlier in own[: own.index(called)])
            assert all(called.round <= other.round for other in waiting)
    assert not held


def test_nobody_waits_where_all_have_their_turn_at_once() -> None:
    queue = Queue(None)
    with queue.joined() as first, queue.joined() as second:
        assert [queue.place(ticket) for ticket in (first, second)] == [None, None]
        assert (queue.served, queue.waiting) == (2, 0)


def test_who_leaves_the_queue_frees_a_place_and_who_has_ended_a_turn() -> None:
    queue = Queue(1)
    with ExitStack() as first, ExitStack() as second, queue.joined() as third:
        first.enter_context(queue.joined())
        second.enter_context(queue.joined())
        assert third.turn.is_set()
    with ExitStack() as leaving, ExitStack() as ending:
        ending.enter_context(queue.joined())
        leaving.enter_context(queue.joined())
        with queue.joined() as ticket:
            assert queue.place(ticket) == Place(2, pytest.approx(0, abs=SETTLED_S))
            leaving.close()
            assert queue.place(ticket) == Place(1, pytest.approx(0, abs=SETTLED_S))
            ending.close()
            assert queue.place(ticket) is None


def test_threads_have_their_turns_one_after_the_other() -> None:
    queue = Queue(1)
    at_once: list[int] = []
    working: set[int] = set()

    def work(number: int) -> None:
        with queue.turn():
            working.add(number)
            at_once.append(len(working))
            working.remove(number)

    with queue.turn():
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(SETTLED_S)
    assert at_once == [1] * 8
    assert (queue.served, queue.waiting) == (0, 0)


def test_the_wait_follows_from_what_turns_took() -> None:
    queue = Queue(2)
    with queue.joined() as ticket:
        ticket.began -= 10
    with pytest.raises(RuntimeError), queue.joined():  # one that was left alone teaches nothing
        raise RuntimeError
    with queue.joined() as first, queue.joined() as second, queue.joined() as third, queue.joined() as fourth:
        with queue.joined() as fifth:
            now = time.monotonic()
            first.began, second.began = now - 7, now - 2
            waits = [wait_s(queue, ticket) for ticket in (third, fourth, fifth)]
            assert waits == pytest.approx([3, 8, 13], abs=time.monotonic() - now)
        first.began = now - 60  # later than expected
        assert wait_s(queue, third) == 0


def test_the_wait_follows_from_what_was_announced() -> None:
    queue = Queue(1)
    with queue.joined() as first, queue.joined() as second, queue.joined() as third:
        now = time.monotonic()
        first.ends = now + 5
        assert queue.place(second) == Place(1, None)  # nobody knows how long a turn takes
        waits = [place.eta_s for ticket in (second, third) if (place := queue.place(ticket, usual_s=20))]
        assert waits == pytest.approx([5, 25], abs=time.monotonic() - now)


def test_an_event_loop_is_told_places_until_the_turn_comes() -> None:
    async def scene() -> list[Place]:
        queue = Queue(1)
        with ExitStack() as first, ExitStack() as second:
            first.enter_context(queue.joined())
            second.enter_context(queue.joined())
            with queue.joined() as ticket:
                told = []
                async for place in places(queue, ticket):
                    told.append(place)
                    (second if len(told) == 1 else first).close()
                return told

    told = asyncio.run(asyncio.wait_for(scene(), SETTLED_S))
    assert [place.ahead for place in told] == [2, 1]
