// What was asked: by day, found by words, opened again with its citations, forgotten.

import * as api from "./api.js";
import { $, button, el, iconButton, say } from "./dom.js";
import { has, language, t } from "./messages.js";
import { remedy } from "./words.js";

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
    this._words = el("input", { type: "search", placeholder: t("history.find"), "aria-label": t("history.find"), autocomplete: "off", maxLength: 200 });
    this._about = el("p", { class: "fine about-history" });
    this._list = el("div", { class: "past", role: "region", "aria-label": t("history.list") });
    this._words.addEventListener("input", () => {
      clearTimeout(this._typing);
      this._typing = setTimeout(() => this._fill(), TYPING_MS);
    });
    this._sheet.replaceChildren(
      el("header", { class: "sheet-head" }, el("h2", { id: "history-title" }, t("history")), iconButton("close", t("close"), () => this._sheet.close())),
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
    if (found.length === MOST) this._list.append(button(t("history.earlier"), () => this._fill(found.at(-1).turn), { class: "plain earlier" }));
  }

  _tell({ silence, turns: found }, words) {
    const none = found.length ? "" : t(words ? "history.no_match" : "history.empty");
    this._about.replaceChildren(
      none + (t(silence ? "history.silent" : "history.kept", { why: silence })),
      silence ? button(t("history.keep"), () => this._act(() => keep(true)), { class: "plain" }) : button(t("history.keep_none"), () => this._act(() => keep(false)), { class: "plain" }),
      ...(found.length && !words ? [" ", button(t("history.forget_all"), () => this._sure(this._about, t("history.forget_all.sure"), forgetAll), { class: "plain" })] : []),
    );
    say(words ? t("history.found", { n: found.length }) : "");
  }

  _row(turn) {
    const state = ["stopped", "failed"].includes(turn.state) ? turn.state : turn.kind;
    const end = has(`history.${state}`) ? t(`history.${state}`) : "";
    const follows = turn.conversation === turn.turn ? "" : t("history.follow_up");
    const time = new Date(turn.asked).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    const row = el("li", {},
      button(turn.question, () => this._opened(turn), { class: "asked", title: turn.question }),
      el("span", { class: "fine" }, time + follows + end),
      iconButton("close", t("history.forget_one", { question: turn.question }), () => this._sure(row, t("history.forget_one.sure"), () => forget(turn.turn)), { class: "icon bin" }),
    );
    return row;
  }

  /** Ask once more in the place of a row. */
  _sure(row, question, act) {
    const before = [...row.childNodes];
    row.replaceChildren(el("span", { class: "sure" }, question),
      button(t("forget"), () => this._act(act), { class: "plain" }), " ", button(t("keep"), () => row.replaceChildren(...before), { class: "plain" }));
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
      if (!this._reopen(whole, turn.turn)) this._about.textContent = t("history.busy");
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
  return ago === 0 ? t("today") : ago === 1 ? t("yesterday") : date.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** A kept turn as the events that it came in. */
export function events({ answer, state, problem, searched_for, turn, conversation: of }) {
  const numbers = { turn, conversation: of };
  const end = problem ?? (state === "stopped" && { kind: "stopped", message: t("halted") });
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

/** What became of a quote since; null if it stands. */
export function lost({ citations }) {
  const standing = citations.map((citation) => citation.standing).find((one) => has(`lost.${one}`));
  return standing ? el("p", { class: "fine lost" }, t(`lost.${standing}`)) : null;
}
