"""Routes about what was asked: listing, finding, opening again, forgetting."""

from http import HTTPStatus
from typing import Annotated, assert_never

from fastapi import APIRouter, Path, Query, Request, Response

from recto import wire
from recto.errors import LARGEST_ID
from recto.evaluate import feedback
from recto.evaluate.feedback import Opinion
from recto.server.bodies import HistorySwitch, Judgement
from recto.server.deps import CurrentTenant
from recto.server.problems import Refused
from recto.storage import TURNS
from recto.wire import Json

history_api = APIRouter(prefix="/history")

Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@history_api.get("")
def list_turns(
    tenant: CurrentTenant,
    q: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = TURNS,
) -> Json:
    """The newest questions, first: those that hold all words of `q`, before a number; and why none is kept, if so."""
    history = tenant.library.history
    turns = history.turns(q, before=before, limit=limit)
    return {"silence": history.silence, "turns": [wire.turn(turn) for turn in turns]}


@history_api.put("", status_code=204)
def switch(choice: HistorySwitch, request: Request, tenant: CurrentTenant) -> Response:
    """Keep what is asked from now on, or keep no more; what is there stays."""
    if request.app.state.tenants.public:
        raise Refused(HTTPStatus.FORBIDDEN, "public", "of visitors nothing is kept")
    tenant.library.history.switch(on=choice.on)
    return Response(status_code=204)


@history_api.delete("", status_code=204)
def forget_all(tenant: CurrentTenant) -> Response:
    """Forget all questions and answers."""
    tenant.library.history.forget()
    return Response(status_code=204)


@history_api.get("/{turn}")
def one_turn(turn: Number, tenant: CurrentTenant) -> Json:
    """A question with its answer; each citation says whether it still stands, and has the boxes it has now."""
    return wire.whole_turn(tenant.library.history.turn(turn))


@history_api.delete("/{turn}", status_code=204)
def forget(turn: Number, tenant: CurrentTenant) -> Response:
    """Forget a question and its answer."""
    tenant.library.history.forget(tenant.library.history.turn(turn).id)
    return Response(status_code=204)


@history_api.get("/conversations/{conversation}")
def conversation(conversation: Number, tenant: CurrentTenant) -> list[Json]:
    """The questions of a conversation with their answers, oldest first; none if there is none."""
    return [wire.whole_turn(turn) for turn in tenant.library.history.conversation(conversation)]


@history_api.put("/{turn}/feedback")
def judge(turn: Number, said: Judgement, tenant: CurrentTenant) -> Json:
    """Keep what somebody says of an answer, in the form that `recto eval` reads."""
    match said.opinion:
        case Opinion.YES:
            return feedback.answered(tenant.library, turn, said.quote)
        case Opinion.NO:
            return feedback.unanswered(tenant.library, turn)
        case Opinion.HERE:
            place = said.start, said.end
            return feedback.found_at(tenant.library, turn, said.document, said.page - 1, place)
        case _:
            assert_never(said.opinion)
