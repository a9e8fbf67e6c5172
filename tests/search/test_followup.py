"""Follow-up questions: what is carried over, what is exchanged, and that whole questions are left alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.search.followup import CARRIED, LONGEST_FILLED, follow_up
from recto.text.analyse import tokens

WORD = re.compile(r"\w+")

REVENUE = "What was the total revenue in 2021?"
ACME = "What was Acme's revenue in Asia in 2021?"
LEASE = "When did Acme sign the lease agreement?"
EBREAK = "Which exceptions does ebreak raise in user mode?"
STAFF = "How many employees did Acme have in 2020?"
RENT = "Who pays the rent?"
DIVIDEND = "What dividend did Nestle pay in 2020?"
PUMPS = "Which certificates are required for pumps?"
NOTICE = "What is the notice period for tenants?"
TRIAL = "How many patients were enrolled in the trial in Germany?"
SCAUSE = "What does scause contain after a trap?"
CHAIR = "Who is the chairman of Siemens?"
COSTS = "What were the operating costs in Q3 2021?"

# earlier, follow-up, words that must be searched for, words that must not
FOLLOW_UPS = [
    (REVENUE, "and in 2022?", "total revenue 2022", "2021"),
    (REVENUE, "And 2022?", "total revenue 2022", "2021"),
    (REVENUE, "2022?", "total revenue 2022", "2021"),
    (REVENUE, "in 2022?", "total revenue 2022", "2021"),
    (REVENUE, "What about FY2022?", "total revenue FY2022", "2021"),
    (REVENUE, "how about the year before?", "total revenue 2021", ""),
    (REVENUE, "what about Europe?", "total revenue 2021 Europe", ""),
    (REVENUE, "and net income?", "net income 2021", "revenue"),
    (REVENUE, "And what was net income?", "net income 2021", "revenue"),
    (REVENUE, "why?", "total revenue 2021", ""),
    (REVENUE, "Why did it fall?", "total revenue 2021 fall", ""),
    (REVENUE, "how much was it in 2019?", "total revenue 2019", "2021"),
    (REVENUE, "Is that more than in 2020?", "total revenue 2021 2020", ""),
    (REVENUE, "compared to 2020?", "total revenue 2021 2020", ""),
    (REVENUE, "How much was it then?", "total revenue 2021", ""),
    (REVENUE, "by segment?", "total revenue 2021 segment", ""),
    (REVENUE, "and in the third quarter?", "total revenue 2021 third quarter", ""),
    (ACME, "what about Europe?", "Acme revenue Europe 2021", "Asia"),
    (ACME, "and in Europe in 2022?", "Acme revenue Europe 2022", "Asia 2021"),
    (ACME, "And Microsoft?", "Microsoft revenue Asia 2021", "Acme"),
    (ACME, "What about Globex's?", "Globex revenue Asia 2021", "Acme"),
    (ACME, "Europe?", "Acme revenue Europe 2021", "Asia"),
    (ACME, "and in the US?", "Acme revenue US 2021", "Asia"),
    (ACME, "Is it higher in Europe?", "Acme revenue Europe 2021", "Asia"),
    (ACME, "Same question for Europe", "Acme revenue Europe 2021", "Asia"),
    (LEASE, "who signed it?", "Acme lease agreement signed", ""),
    (LEASE, "When does it end?", "Acme lease agreement end", ""),
    (LEASE, "What are its exceptions?", "Acme lease agreement exceptions", ""),
    (LEASE, "and for the second one?", "lease agreement second", ""),
    (LEASE, "Where is that described?", "lease agreement described", ""),
    (LEASE, "on which page?", "lease agreement", ""),
    (LEASE, "Tell me more", "lease agreement", ""),
    (LEASE, "for how long?", "lease agreement", ""),
    (LEASE, "Does that agreement cover repairs?", "Acme lease cover repairs", ""),
    (LEASE, "And who witnessed it?", "lease agreement witnessed", ""),
    (LEASE, "by whom?", "Acme lease agreement", ""),
    (EBREAK, "and in supervisor mode?", "exceptions ebreak raise supervisor mode", "user"),
    (EBREAK, "what about ecall?", "exceptions ecall", ""),
    (EBREAK, "which registers?", "ebreak user mode registers", ""),
    (EBREAK, "What do they mean?", "exceptions ebreak", ""),
    (EBREAK, "How are these handled?", "exceptions ebreak handled", ""),
    (STAFF, "and offices?", "offices Acme 2020", "employees"),
    (STAFF, "And Globex in 2021?", "employees Globex 2021", "Acme 2020"),
    (STAFF, "how many of them work there?", "employees Acme 2020", ""),
    (STAFF, "or contractors?", "contractors Acme 2020", ""),
    (RENT, "and the deposit?", "pays deposit", "rent"),
    (RENT, "also the insurance?", "pays insurance", "rent"),
    (RENT, "And when must he pay?", "rent pay", ""),
    ("What is section 4 about?", "and section 5?", "section 5", "4"),
    ("How much rain falls in summer?", "and in winter?", "rain falls winter", "summer"),
    ("What does the FDA say about revalidation?", "Why do they require it?", "FDA revalidation require", ""),
    ("How did sales change between 2019 and 2020?", "and between 2020 and 2021?", "sales 2020 2021", "2019"),
    ("Wie hoch war der Umsatz in 2021?", "und 2022?", "Umsatz 2022", "2021"),
    (DIVIDEND, "And the year after?", "dividend Nestle", ""),
    (DIVIDEND, "what about Unilever?", "dividend Unilever 2020", ""),
    (DIVIDEND, "Was it higher in 2019?", "dividend Nestle 2019", ""),
    (DIVIDEND, "how come?", "dividend Nestle", ""),
    (DIVIDEND, "Who decided that?", "dividend Nestle decided", ""),
    (PUMPS, "and for valves?", "certificates required valves", ""),
    (PUMPS, "who issues them?", "certificates pumps issues", ""),
    (PUMPS, "how long are they valid?", "certificates valid", ""),
    (PUMPS, "What if they expire?", "certificates expire", ""),
    (PUMPS, "Are there exceptions to this?", "certificates exceptions", ""),
    (PUMPS, "any exceptions?", "certificates exceptions", ""),
    (PUMPS, "examples?", "certificates", ""),
    (NOTICE, "and for landlords?", "notice period landlords", ""),
    (NOTICE, "Can it be shortened?", "notice period shortened", ""),
    (NOTICE, "What happens after that?", "notice period", ""),
    (NOTICE, "Does this also apply to garages?", "notice period garages", ""),
    (NOTICE, "in writing?", "notice period writing", ""),
    (NOTICE, "where does it say so?", "notice period", ""),
    (TRIAL, "and France?", "patients enrolled trial France", ""),
    (TRIAL, "how many of those were women?", "patients trial women", ""),
    (TRIAL, "What was their average age?", "patients average age", ""),
    (TRIAL, "when?", "patients enrolled trial", ""),
    (TRIAL, "which hospitals?", "patients hospitals", ""),
    (TRIAL, "And how many dropped out?", "patients dropped trial", ""),
    (SCAUSE, "and mcause?", "mcause trap", ""),
    (SCAUSE, "Which bit of it marks an interrupt?", "scause bit interrupt", ""),
    (SCAUSE, "How wide is it?", "scause wide", ""),
    (SCAUSE, "who sets it?", "scause sets", ""),
    (SCAUSE, "is it writable?", "scause writable", ""),
    (CHAIR, "and of Bosch?", "chairman Bosch", ""),
    (CHAIR, "how old is he?", "chairman Siemens old", ""),
    (CHAIR, "When was she appointed?", "chairman appointed", ""),
    (CHAIR, "and the deputy?", "deputy Siemens", ""),
    (COSTS, "and Q4?", "operating costs Q4 2021", ""),
    (COSTS, "and in the first half of 2022?", "operating costs first half 2022", ""),
    (COSTS, "excluding depreciation?", "operating costs depreciation", ""),
    (COSTS, "as a percentage of sales?", "operating costs percentage sales", ""),
    (COSTS, "in euros?", "operating costs euros", ""),
    (COSTS, "Did they rise?", "operating costs rise", ""),
    (COSTS, "what's the reason for this?", "operating costs reason", ""),
    (COSTS, "last year?", "operating costs", ""),
]

STANDALONE = [
    "total revenue 2019?",
    "net income",
    "ebreak",
    "What is ebreak?",
    "dividends per share",
    "capital expenditure 2018",
    "What is the operating margin?",
    "What is a hart and what does it execute?",
    "If the lease ends early, who pays for it?",
    "Is it allowed to sublet the flat?",
    "How long does it take to reset the device?",
    "Does it cost extra to cancel the contract?",
    "Is it necessary to revalidate software after a change?",
    "Did Acme restate its revenue in 2020?",
    "What did the FDA say about its action plan?",
    "When do companies file and what happens to them if they fail?",
    "What is this document about?",
    "What is this about?",
    "Summarise it",
    "Who wrote this report?",
    "Which exceptions are those that trap to machine mode?",
    "What happens when a register is read while it is being written?",
    "Which devices are there?",
    "How many employees are there in Germany?",
    "What does software validation mean?",
    "Is there a penalty for late filing?",
    "What are the obligations of the tenant that owns a dog?",
    "Does the manual say that software must be validated?",
    "In which year was Acme founded?",
    "In 2022, what was the revenue of Acme?",
    "Under what conditions may the tenant terminate the lease?",
    "And what does the FDA require for off-the-shelf software in medical devices?",
    "Who is the CEO of Globex?",
    "List the members of the board",
    "Which interrupts can be delegated to supervisor mode?",
    "How is mtvec encoded?",
    "Compare the revenue of Acme and Globex in 2021",
    "What is the difference between ecall and ebreak?",
    "When the hart resets, which value does its program counter take?",
    "Why does the FDA want validation plans?",
    "Why was the tenant evicted?",
    "What is machine learning?",
    "SBI version",
    "page table entries",
    "Who signed the lease?",
    "Did the company say it would pay dividends?",
    "Welche Register werden bei einer Ausnahme gesetzt?",
    "Quel est le chiffre d'affaires en 2021 ?",
    "¿Cuál fue el ingreso total en 2019?",
    "In welchem Jahr wurde die Firma gegründet?",
    "2021年の売上高は?",
    "What is the IT budget?",
    "gross profit 2020?",
    "Siemens revenue 2021",
    "how to reset the device",
    "Where are the headquarters?",
    "What does the warranty cover?",
    "What is the maximum pressure of the pump?",
    "Is it possible to use the pump under water?",
    "How is it possible to trap from user mode?",
    "Who may terminate the agreement and how is it done?",
    "What are the side effects of the drug, and how common are they?",
    "What did the auditors say about the inventory?",
    "List all risks mentioned in the report",
    "Summarise the document",
    "What is the purpose of this guidance?",
    "Does Siemens own its factories?",
    "How do hospitals protect their patients?",
    "Can the tenant paint the walls?",
    "On what date was the contract signed?",
    "For which devices is a validation plan needed?",
    "With whom did Acme merge?",
    "How many pages does the manual have?",
    "How much did Nestle pay its suppliers in 2020?",
    "What happens if the pump runs dry?",
    "Why is there a limit on the deposit?",
    "When there is a fire, which door must be used?",
    "What does SBI stand for?",
    "Which extension adds atomics?",
    "What is the role of the supervisor?",
    "Is the deposit refundable?",
    "parental leave",
    "table 4.2",
    "error code 17",
    "number of employees Germany 2020",
    "Explain the trap handling of RISC-V",
    "Give the definition of off-the-shelf software",
    "Show me the balance sheet",
    "How does the company recognise revenue?",
    "What do developers mean by verification?",
    "Who said that the pump was safe?",
    "Does the policy apply to those who work part time?",
    "What was it that caused the outage?",
    "Is one signature enough on the form?",
    "Then which register is saved first?",
    "What share of sales came from the two largest customers?",
    "Combien d'employes en 2020 en France ?",
    "Wer ist der Vorstand von Siemens?",
    "Also wie hoch war der Gewinn im Jahr 2020?",
    "Hva star her om forsikring?",
    "How is a page table walked?",
]

# The rules do not see these: a noun of the answer, a pronoun that points forward.
MISSED_FOLLOW_UPS = [(COSTS, "What drove the increase?")]
MISSED_STANDALONE = [
    "Which of these registers exist in RV32: mstatus, mcause?",
    "What is that register called which holds the trap cause?",
]


@pytest.mark.parametrize(("earlier", "question", "wanted", "dropped"), FOLLOW_UPS)
def test_a_follow_up_takes_over_what_it_leaves_out(earlier: str, question: str, wanted: str, dropped: str) -> None:
    searched = set(tokens(follow_up(question, [earlier])))
    assert set(tokens(wanted)) <= searched
    assert not set(tokens(dropped)) & searched


@pytest.mark.parametrize("question", STANDALONE)
@pytest.mark.parametrize("earlier", [REVENUE, LEASE, EBREAK])
def test_a_whole_question_is_left_alone(earlier: str, question: str) -> None:
    assert follow_up(question, [earlier]) == question


@pytest.mark.xfail(strict=True)
@pytest.mark.parametrize(("earlier", "question"), MISSED_FOLLOW_UPS)
def test_missed_follow_ups(earlier: str, question: str) -> None:
    assert follow_up(question, [earlier]) != question


@pytest.mark.xfail(strict=True)
@pytest.mark.parametrize("question", MISSED_STANDALONE)
def test_missed_whole_questions(question: str) -> None:
    assert follow_up(question, [REVENUE]) == question


@pytest.mark.parametrize(
    ("earlier", "question", "searched"),
    [
        (REVENUE, "and in 2022?", "What was the total revenue in 2022?"),
        (REVENUE, "by segment?", "What was the total revenue in 2021 by segment?"),
        (ACME, "What about Europe?", "What was Acme's revenue in Europe in 2021?"),
        (LEASE, "who signed it?", "Acme lease agreement: who signed it?"),
        (RENT, "and the deposit?", "Who pays the deposit?"),
        ("How did sales change between 2019 and 2020?", "and 2021?", "How did sales change between 2019 and 2021?"),
    ],
)
def test_it_reads_as_plain_words(earlier: str, question: str, searched: str) -> None:
    assert follow_up(question, [earlier]) == searched


def test_a_chain_inherits_from_what_was_searched() -> None:
    searched = [ACME]
    for question in ("and in 2022?", "what about Europe?", "why?", "and Globex?"):
        searched.append(follow_up(question, searched))
    assert searched[1:] == [
        "What was Acme's revenue in Asia in 2022?",
        "What was Acme's revenue in Europe in 2022?",
        "Acme's revenue Europe 2022: why?",
        "Globex revenue Europe 2022: why?",
    ]


def test_an_empty_question_before_is_passed_over() -> None:
    assert follow_up("and in 2022?", [REVENUE, "why?"]) == "What was the total revenue in 2022?"
    assert follow_up("and in 2022?", [REVENUE, "why?", "how?", "when?"]) == "and in 2022?"  # too long ago


def test_without_questions_before_nothing_changes() -> None:
    assert follow_up("why?", []) == "why?"
    assert follow_up("and in 2022?", ["...", ""]) == "and in 2022?"


def test_what_is_carried_is_bounded() -> None:
    searched = ["What is the " + " ".join(f"aspect{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" * 2) + "?"]
    for year in range(2000, 2030):
        searched.append(follow_up(f"and for the part{year}?", searched))
        searched.append(follow_up("why is that?", searched))
    assert max(map(len, searched[1:])) <= LONGEST_FILLED + 100
    assert len(tokens(searched[-1])) <= 2 * CARRIED  # a joined word counts twice


ANYTHING = st.text(max_size=60) | st.lists(
    st.sampled_from([*REVENUE.split(), *EBREAK.split(), "and", "it,", "2022"])
).map(" ".join)


@given(ANYTHING, st.lists(ANYTHING, max_size=4))
def test_no_word_is_made_up(question: str, earlier: list[str]) -> None:
    said = {word for text in (question, *earlier) for word in WORD.findall(text)}
    assert set(WORD.findall(follow_up(question, earlier))) <= said
