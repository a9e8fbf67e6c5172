// The machine: which model writes, how fast it is, choosing another, fetching one.

import * as api from "./api.js";
import { $, button, el, iconButton } from "./dom.js";
import { model, seconds, size } from "./words.js";

export class Machine {
  /** `changed` is called with the state whenever another model writes. */
  constructor({ changed }) {
    this._changed = changed;
    this._pulls = new Map(); // name -> {stop, words}
    $("machine").addEventListener("click", () => this.open());
    $("machine-sheet").addEventListener("close", () => $("machine").focus());
  }

  show(state) {
    this.state = state;
    const { writer } = state;
    $("machine-name").textContent = writer ? model(writer.model) : "Quotes only";
    $("machine-where").textContent = writer ? (writer.leaves_machine ? "passages leave this machine" : "writes on this machine") : "no model writes";
    $("machine").setAttribute("aria-label", `The machine: ${$("machine-name").textContent}, ${$("machine-where").textContent}`);
    $("machine").classList.toggle("leaves", Boolean(writer?.leaves_machine));
    this._changed(state);
  }

  async open() {
    const sheet = $("machine-sheet");
    sheet.replaceChildren(this._head(), el("p", { class: "fine" }, "A moment"));
    if (!sheet.open) sheet.showModal();
    await this._fill();
  }

  _head() {
    return el("header", { class: "sheet-head" }, el("h2", { id: "machine-title" }, "What writes here"), iconButton("close", "Close", () => $("machine-sheet").close()));
  }

  async _fill(trouble = "") {
    try {
      const [state, models] = await Promise.all([api.state(), api.models()]);
      this.show(state);
      this._models = models;
      $("machine-sheet").replaceChildren(this._head(), ...this._now(state, trouble), ...(state.public ? [] : [this._choice(models)]));
    } catch (problem) {
      $("machine-sheet").replaceChildren(this._head(), el("p", { class: "notice" }, `${problem.message}.`));
    }
  }

  _now(state, trouble) {
    const { writer, why, speeds } = state;
    const facts = writer
      ? [`${model(writer.model)} writes under the quotes, through ${writer.home}.`, writer.leaves_machine ? "Passages of your documents go to it over the network." : "It runs on the machine that runs recto; nothing leaves it."]
      : [`No model writes: ${why}.`, "The documents’ own sentences are the answer."];
    const speed = speeds && `Measured here: it reads ${Math.round(speeds.prefill)} tokens a second and writes ${Math.round(speeds.decode)}; loading takes ${seconds(speeds.load_s)}.`;
    return [
      ...(trouble ? [el("p", { class: "notice", role: "alert" }, trouble)] : []),
      el("p", {}, facts.join(" ")),
      el("p", { class: "fine" }, speed || (writer ? "Its speed is measured with the first answer." : "")),
    ];
  }

  _choice(models) {
    const writing = this.state.writer?.model;
    const rows = models.map((one) => this._row(one, writing));
    const named = rows.some((row) => row.querySelector(".used"));
    const other = writing && !named ? [this._entry({ name: writing, title: model(writing), about: this.state.why }, true)] : [];
    const none = this._entry({ name: "quote", title: "Quotes only", about: "no model: the documents’ own sentences, at once" }, !writing);
    return el("ul", { class: "models", "aria-label": "Models" }, none, ...other, ...rows);
  }

  _row(one, writing) {
    const about = [one.installed ? "" : size(one.size), one.why, one.licence].filter(Boolean).join(", ");
    const file = one.home === "ollama" ? one.model : one.name.replace(/\.gguf$/, "");
    return this._entry({ name: one.name, title: one.model, about, installed: one.installed }, writing === file || writing === one.model);
  }

  _entry({ name, title, about, installed = true }, used) {
    const words = el("p", { class: "fine", role: "status" }, about);
    const act = used ? el("span", { class: "used" }, "In use")
      : installed ? button("Use", () => this._use(name), { class: "plain", "aria-label": `Use ${title}` })
      : button("Fetch", () => this._pull(name, words, act), { class: "plain", "aria-label": `Fetch ${title}` });
    return el("li", { class: "model" }, el("div", {}, el("p", {}, title), words), act);
  }

  async _use(name) {
    try {
      await api.choose(name);
      await this._fill();
    } catch (problem) {
      await this._fill(`${problem.message}.`);
    }
  }

  async _pull(name, words, act) {
    const line = new AbortController();
    act.disabled = true;
    words.textContent = "Beginning";
    const stop = button("Stop", () => line.abort(), { class: "plain" });
    act.after(stop);
    try {
      for await (const [kind, event] of api.pull(name, line.signal)) {
        if (kind === "progress") words.textContent = `${size(event.done)} of ${size(event.total)}${event.eta_s ? `, ${seconds(event.eta_s)} left` : ""}`;
        else if (kind === "failed") throw event;
      }
      await this._fill();
    } catch (problem) {
      words.textContent = problem.name === "AbortError" ? "Stopped; what came is kept." : `${problem.message}.`;
      act.disabled = false;
    }
    stop.remove();
  }
}
