// What was asked: by day, found by words, opened again with its citations, forgotten.

import * as api from "./api.js";
import { $, button, el, iconButton, say } from "./dom.js";
import { count, remedy } from "./words.js";

const TYPING_MS = 200; // of rest before what is typed is looked for
const MOST = 50; // questions that are listed at once

const turns = (query) => api.json(`/api/history?${new URLSearchParams(query)}`);
const conversation = (id) => api.json(`/api/history/conversations/${id}`);
const forget = (id) => api.call(`/api/history/${id}`, { method: "DELETE" });
const forgetAll = () => api.call("/api/history", { method: "DELETE" });
const keep = (on) => api.call("/api/history", { method: "PUT", body: { on } });

export class History {
  /** `reopen` shows the turns of a conversation, at one of them; it says whether it could. */
  constructor({ reopen }) {
    this._reopen = reopen;
    this._sheet = $("history-sheet");
    $("history").addEventListener("click", () => this.open());
  }

  begin(state) {
    $("history").hidden = state.public;
  }

  async open() {
    this._words = el("input", { type: "search", placeholder: "Find a question", "aria-label": "Find a question", autocomplete: "off", maxLength: 200 });
    this._about = el("p", { class: "fine about-history" });
    this._list = el("div", { class: "past", role: "region", "aria-label": "Questions that were asked" });
    this._words.addEventListener("input", () => {
      clearTimeout(this._typing);
      this._typing = setTimeout(() => this._fill(), TYPING_MS);
    });
    this._sheet.replaceChildren(
      el("header", { class: "sheet-head" }, el("h2", { id: "history-title" }, "History"), iconButton("close", "Close", () => this._sheet.close())),
      el("search", { class: "filter" }, this._words), this._about, this._list,
    );
    if (!this._sheet.open) this._sheet.showModal();
    await this._fill();
  }

  /** Show the newest, or those `before` a question behind what stands there. */
  async _fill(before = 0) {
    const wish = (this._wish = {}); // an older answer is late
    try {
      const words = this._words.value.trim();
      const found = await turns({ q: words, before, limit: MOST });
      if (wish !== this._wish) return;
      if (!before) this._list.replaceChildren();
      this._show(found.turns);
      if (!before) this._tell(found, words);
    } catch (problem) {
      this._trouble(problem);
    }
  }

  _show(found) {
    this._list.querySelector(".earlier")?.remove();
    for (const turn of found) {
      const name = day(turn.asked);
      if (this._list.lastElementChild?.dataset.day !== name) {
        this._list.append(el("section", { "data-day": name }, el("h3", { class: "label" }, name), el("ol", {})));
      }
      this._list.lastElementChild.lastElementChild.append(this._row(turn));
    }
    if (found.length === MOST) this._list.append(button("Earlier questions", () => this._fill(found.at(-1).turn), { class: "plain earlier" }));
  }

  _tell({ silence, turns: found }, words) {
    const none = found.length ? "" : words ? "No question holds all of these words. " : "Nothing was asked so far. ";
    this._about.replaceChildren(
      none + (silence ? `Nothing more is kept: ${silence}. ` : "Kept in this library, and nowhere else. "),
      silence ? button("Keep what is asked", () => this._act(() => keep(true)), { class: "plain" }) : button("Keep nothing more", () => this._act(() => keep(false)), { class: "plain" }),
      ...(found.length && !words ? [" ", button("Forget all", () => this._sure(this._about, "Forget all questions and answers?", forgetAll), { class: "plain" })] : []),
    );
    say(words ? `${count(found.length, "question")} found` : "");
  }

  _row(turn) {
    const end = { stopped: ", stopped", failed: ", failed" }[turn.state] ?? (turn.kind === "abstained" ? ", no answer" : "");
    const follows = turn.conversation === turn.turn ? "" : ", follow-up";
    const time = new Date(turn.asked).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const row = el("li", {},
      button(turn.question, () => this._opened(turn), { class: "asked", title: turn.question }),
      el("span", { class: "fine" }, time + follows + end),
      iconButton("close", `Forget: ${turn.question}`, () => this._sure(row, "Forget this question and its answer?", () => forget(turn.turn)), { class: "icon bin" }),
    );
    return row;
  }

  /** Ask once more in the place of a row. */
  _sure(row, question, act) {
    const before = [...row.childNodes];
    row.replaceChildren(el("span", { class: "sure" }, question),
      button("Forget", () => this._act(act), { class: "plain" }), " ", button("Keep", () => row.replaceChildren(...before), { class: "plain" }));
    row.querySelector("button").focus();
  }

  async _act(act) {
    try {
      await act();
      await this._fill();
      this._words.focus();
    } catch (problem) {
      this._trouble(problem);
    }
  }

  async _opened(turn) {
    try {
      const whole = await conversation(turn.conversation);
      if (!this._reopen(whole, turn.turn)) this._about.textContent = "An answer is under way: stop it, or wait for its end.";
      else this._sheet.close();
    } catch (problem) {
      this._trouble(problem);
    }
  }

  _trouble(problem) {
    this._about.textContent = `${problem.message}. ${remedy(problem)}`;
  }
}

/** A day as people call it. */
function day(time) {
  const date = new Date(time);
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
  return ago === 0 ? "Today" : ago === 1 ? "Yesterday" : date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** A kept turn as the events that it came in. */
export function events({ answer, state, problem, searched_for, turn, conversation: of }) {
  const numbers = { turn, conversation: of };
  const end = problem ?? (state === "stopped" && { kind: "stopped", message: "stopped; what had come stands above" });
  if (!answer) return [["failed", { ...end, ...numbers }]];
  const written = answer.kind === "written";
  return [
    ["found", { hits: answer.nearest, searched_for }],
    answer.quotes.length ? ["quoted", { citations: answer.quotes, kind: answer.certainty === "closest" ? "closest" : "quoted", survey: answer.survey }] : ["abstained", { nearest: answer.nearest }],
    ...(answer.notice && state === "answered" ? [["fell_back", { why: answer.notice, engine: answer.engine }]] : []),
    ...(written ? [["token", { text: answer.answer }]] : []),
    ...(written ? answer.citations.map((citation) => ["cited", { citation }]) : []),
    ...(written ? answer.unsupported.map((sentence) => ["unsupported", { at: ended(answer.answer, sentence), sentence }]) : []),
    ...(state === "stopped" && !problem ? [["fell_back", { why: "stopped", engine: answer.engine }]] : []),
    problem ? ["failed", { ...problem, ...numbers }] : ["done", { answer, ...numbers }],
  ];
}

/** The character, as the server counts, after which a sentence of a text has ended. */
const ended = (text, sentence) => Array.from(text.slice(0, text.indexOf(sentence) + sentence.length)).length;

const LOST = {
  changed: "The document was read again, and does not say this there any more.",
  replaced: "Another version of this document is in the library now.",
  gone: "This document is not in the library any more.",
};

/** What became of a quote since; null if it stands. */
export function lost({ citations }) {
  const standing = citations.map((citation) => citation.standing).find((one) => one in LOST);
  return standing ? el("p", { class: "fine lost" }, LOST[standing]) : null;
}
