#!/usr/bin/env bash
# Add the sample PDFs to a library of their own, ask a question, and mark the quote on its page.
set -euo pipefail
cd "$(dirname "$0")/.."
export RECTO_HOME="$PWD/demo/library"
question="${1:-What should the software validation plan say about changes made after release?}"

recto add examples/*.pdf
printf '\nQuestion: %s\n\n' "$question"
recto ask "$question"
mkdir -p demo
recto ask "$question" --json | python -c '
import json, subprocess, sys
citations = json.load(sys.stdin)["citations"]
if citations:
    best = citations[0]
    page = [best["document"]["id"], str(best["page"]), "--quote", best["quote"], "-o", "demo/page.png"]
    print("\nThe first quote, marked on its page:", flush=True)
    subprocess.run(["recto", "show", *page], check=True)
'
