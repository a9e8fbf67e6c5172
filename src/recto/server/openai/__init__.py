"""The API that chat clients speak: `/v1/models`, `/v1/chat/completions` and `/v1/responses`, as OpenAI has them."""
