"""The API against its own description: whatever is sent, what comes back is as described, and never a 500."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance  # well-formed is not yet a PDF, or known

from support.pdfs import text_pdf
from support.served import private, upload

pytestmark = [pytest.mark.slow, pytest.mark.hypothesis, pytest.mark.filterwarnings("ignore")]
TOKEN = {"Authorization": "Bearer t"}  # with a token any Host is answered, also that of these tests
ENDLESS = "/api/uploads/events"
EXAMPLES_EACH = 20


@schemathesis.serializer("application/pdf")
def _as_bytes(_: object, value: object) -> bytes:
    """Whatever is made up for a PDF's bytes; mostly it is none."""
    return value if isinstance(value, bytes) else repr(value).encode()


def test_what_comes_back_is_as_described(home: Path, tmp_path: Path) -> None:
    (tmp_path / "pump.pdf").write_bytes(text_pdf("The pump moves 111 litres.", "The valve opens at 275 bar."))
    with private(home, token="t") as client:
        upload(client, tmp_path / "pump.pdf", headers=TOKEN)
        schema = schemathesis.openapi.from_asgi("/openapi.json", client.app, headers=TOKEN)
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) > 10
        for operation in operations:
            if operation.path == ENDLESS:
                continue

            @given(case=operation.as_strategy())
            @settings(max_examples=EXAMPLES_EACH, deadline=None, suppress_health_check=list(HealthCheck))
            def holds(case: Case) -> None:
                case.call_and_validate(headers=TOKEN, excluded_checks=[positive_data_acceptance])

            holds()
