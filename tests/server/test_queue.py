"""The line before the answers: first come, first served, places and waits exact."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from recto.server.queue import AskQueue, QueuePlace, QueueTicket


async def at(places: AsyncIterator[QueuePlace]) -> QueuePlace:
    return await asyncio.wait_for(anext(places), 5)


def test_places_are_exact_and_first_come_first_served() -> None:
    async def scene() -> None:
        line = AskQueue(2)
        with line.joined() as first, line.joined() as second:
            assert [one for ticket in (first, second) async for one in line.places(ticket)] == []
            with line.joined() as third, line.joined() as fourth:
                assert (line.served, line.waiting) == (2, 2)
                assert [(await at(line.places(one))).ahead for one in (third, fourth)] == [1, 2]
                assert await at(line.places(third)) == QueuePlace(1, None)
        assert (line.served, line.waiting) == (0, 0)

    asyncio.run(scene())


def test_who_leaves_the_line_frees_a_place_and_who_has_answered_a_turn() -> None:
    async def scene() -> None:
        line = AskQueue(1)
        turns: list[str] = []

        async def client(name: str, leave: asyncio.Event) -> None:
            with line.joined() as ticket:
                async for _ in line.places(ticket):
                    pass
                turns.append(name)
                await leave.wait()

        ends = {name: asyncio.Event() for name in "abcd"}
        tasks = {name: asyncio.create_task(client(name, ends[name])) for name in ends}
        await asyncio.sleep(0)
        assert (turns, line.waiting) == (["a"], 3)
        tasks["b"].cancel()
        await asyncio.gather(tasks["b"], return_exceptions=True)
        assert (turns, line.waiting) == (["a"], 2)
        for name in "acd":
            ends[name].set()
            await asyncio.wait_for(tasks[name], 5)
        assert turns == ["a", "c", "d"]

    asyncio.run(scene())


def test_the_wait_follows_from_what_answers_took() -> None:
    async def scene() -> None:
        line = AskQueue(2)
        with line.joined() as ticket:
            ticket.began -= 10
        with pytest.raises(RuntimeError), line.joined():  # one that was left alone teaches nothing
            raise RuntimeError
        with line.joined() as first, line.joined() as second, line.joined() as third, line.joined() as fourth:
            with line.joined() as fifth:
                now = time.monotonic()
                first.began, second.began = now - 7, now - 2
                waits = [await _wait_s(line, one) for one in (third, fourth, fifth)]
                assert waits == pytest.approx([3, 8, 13], abs=0.5)
            first.began = now - 60  # later than expected
            assert await _wait_s(line, third) == 0

    asyncio.run(scene())


async def _wait_s(line: AskQueue, ticket: QueueTicket) -> float:
    wait_s = (await at(line.places(ticket))).eta_s
    assert wait_s is not None
    return wait_s
