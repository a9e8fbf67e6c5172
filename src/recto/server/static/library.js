// The column of documents: what is there, what comes in, what is asked, and taking things out with a way back.

import * as api from "./api.js";
import { $, button, el, iconButton, onceSeen, say } from "./dom.js";
import { Intake } from "./intake.js";
import { language, t } from "./messages.js";
import { passwordForm } from "./password.js";
import { chosen, dropped } from "./picking.js";
import { Shelves, groupRow } from "./shelves.js";
import { count, left, remedy, size, without } from "./words.js";

const UNDO_MS = 8000;
const ROWS = 60; // that are made at once
const FEW = 4; // documents that need no search

/** `open` shows a document, `changed` is called whenever another set of documents can be asked. */
export class Library {
  constructor({ open, changed }) {
    this.documents = [];
    this.asked = new Set(); // ids that were ticked; none means all
    this.ready = new Promise((known) => (this._known = known)); // when it is known what is there
    this._open = open;
    this._changed = changed;
    this._leaving = new Map(); // id -> timer, until a removal is final
    this._most = ROWS; // of the list that are shown, until somebody scrolls on
    this._rows = new Map(); // key -> row, so that rows keep their focus
    this._flags = new Map(); // id -> how many pages are not plain text
    this.shelves = new Shelves(this);
    this.intake = new Intake({ changed: () => this._show(), arrived: () => this.refresh() });
    this._listen();
  }

  begin(state) {
    const { megabytes, documents, pages } = state.limits;
    this.intake.megabytes = megabytes;
    $("limits").textContent = t(state.public ? "limits.public" : "limits", { megabytes, documents, pages: pages?.toLocaleString(language) });
  }

  async refresh() {
    [this.documents, this.shelves.collections] = await Promise.all([api.documents(), api.collections()]);
    this._known();
    const known = new Set(this.documents.map((document) => document.id));
    for (const id of this.asked) if (!known.has(id)) this.asked.delete(id);
    for (const key of this._rows.keys()) if (key.startsWith("doc-") && !known.has(key.slice(4))) this._drop(key);
    this._show();
    this._changed();
  }

  /** The documents to be asked: null for all there are. */
  scope() {
    const staying = this.documents.filter((document) => !this._leaving.has(document.id));
    const wanted = this.asked.size ? staying.filter((document) => this.asked.has(document.id)) : staying;
    return wanted.length === this.documents.length ? null : wanted;
  }

  get present() {
    return this.documents.filter((document) => !this._leaving.has(document.id));
  }

  askAll() {
    this.asked.clear();
    this._show();
    this._changed();
  }

  password(id) {
    return this.intake.passwords.get(id);
  }

  pick() {
    $("files").click();
  }

  // --- coming in ----------------------------------------------------------------------------------------------------
  take({ files, other }) {
    if (other) say(t("outside", { n: other }));
    if (files.length) {
      this.intake.add(files);
      say(t("adding", { n: files.length }));
    }
    this._show();
  }

  _listen() {
    $("add-files").addEventListener("click", () => this.pick());
    $("add-folder").addEventListener("click", () => $("folder").click());
    for (const id of ["files", "folder"]) {
      $(id).addEventListener("change", (event) => {
        this.take(id === "folder" ? chosen(event.target.files) : { files: [...event.target.files], other: 0 });
        event.target.value = "";
      });
    }
    $("filter").addEventListener("input", () => this._anew());
    document.querySelector(".shelf").addEventListener("scroll", (event) => this._scrolled(event.target), { passive: true });
    let depth = 0;
    const over = (shown) => ($("dropping").hidden = !shown);
    addEventListener("dragenter", (event) => {
      if (event.dataTransfer?.types.includes("Files")) over((depth += 1) > 0);
    });
    addEventListener("dragleave", () => over((depth = Math.max(0, depth - 1)) > 0));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      over((depth = 0) > 0);
      if (event.dataTransfer?.files.length || event.dataTransfer?.items.length) {
        dropped(event.dataTransfer).then((found) => this.take(found));
      }
    });
    addEventListener("pagehide", () => this._flush());
  }

  // --- the list -----------------------------------------------------------------------------------------------------
  _show() {
    const jobs = this.intake.jobs.filter((job) => !this._inDocument(job));
    place($("uploads"), jobs.map((job) => this._row(`job-${job.key}`, job, jobRow)));
    for (const key of this._rows.keys()) {
      if (key.startsWith("job-") && !jobs.some((job) => `job-${job.key}` === key)) this._drop(key);
    }
    $("filter-box").hidden = this.documents.length <= FEW;
    const wanted = $("filter-box").hidden ? "" : $("filter").value.trim().toLowerCase();
    const matching = this.documents.filter((document) => document.name.toLowerCase().includes(wanted));
    $("no-match").hidden = matching.length > 0 || !this.documents.length;
    this._place(this.shelves.groups(matching).filter((group) => !wanted || group.documents.length));
    this.shelves.show();
  }

  /** Show as much of the groups as was scrolled to: a thousand rows at once would take a second. */
  _place(groups) {
    const rows = groups.flatMap((group) => [
      ...(group.collection || group.titled ? [[groupKey(group), group, groupRow]] : []),
      ...group.documents.map((document) => [`doc-${document.id}`, document, documentRow]),
    ]);
    const keys = new Set(groups.map(groupKey));
    for (const key of this._rows.keys()) if (key.startsWith("group-") && !keys.has(key)) this._drop(key);
    this._more = rows.length > this._most;
    place($("documents"), rows.slice(0, this._most).map((row) => this._row(...row)));
  }

  /** Show the list from its beginning. */
  _anew() {
    this._most = ROWS;
    document.querySelector(".shelf").scrollTop = 0;
    this._show();
  }

  _scrolled({ scrollTop, clientHeight, scrollHeight }) {
    if (!this._more || scrollTop + 2 * clientHeight < scrollHeight) return;
    this._most += ROWS;
    this._show();
  }

  /** Whether a document's own row says what happens to it. */
  _inDocument(job) {
    return ["encoding", "ocr"].includes(job.state) && this.documents.some((document) => this.intake.of(document) === job);
  }

  _row(key, subject, make) {
    let row = this._rows.get(key);
    if (!row) this._rows.set(key, (row = make(this, subject)));
    row.update(subject);
    return row.node;
  }

  _drop(key) {
    this._rows.get(key).node.remove();
    this._rows.delete(key);
  }

  reorder() {
    this._anew();
  }

  tickAll(documents, ticked) {
    for (const { id } of documents) {
      if (ticked) this.asked.add(id);
      else this.asked.delete(id);
    }
    this._show();
    this._changed();
  }

  /** The version of a file that was there before the one that a job brought; undefined if none is. */
  older(job) {
    const at = this.documents.findIndex((document) => document.id === job.document);
    return this.present.findLast((document) => document.name === this.documents[at]?.name && this.documents.indexOf(document) < at);
  }

  tick(document, ticked) {
    this.tickAll([document], ticked);
  }

  show(document) {
    this._open({ document, page: 1 });
  }

  /** How many of a document's pages are not plain text, and how many words they hide; asked for once. */
  async flags(document) {
    if (!this._flags.has(document.id)) {
      this._flags.set(document.id, api.document_(document.id).then((entry) => ({ ...entry.page_flags, hidden: entry.hidden_words })).catch(() => ({})));
    }
    return this._flags.get(document.id);
  }

  // --- going out ----------------------------------------------------------------------------------------------------
  remove(document) {
    this.asked.delete(document.id);
    this._leaving.set(document.id, setTimeout(() => this._gone(document.id), UNDO_MS));
    say(t("removed.said", { name: document.name }));
    this._show();
    this._changed();
    this._rows.get(`doc-${document.id}`)?.undo.focus();
  }

  keep(document) {
    clearTimeout(this._leaving.get(document.id));
    this._leaving.delete(document.id);
    say(t("stays", { name: document.name }));
    this._show();
    this._changed();
    this._rows.get(`doc-${document.id}`).title.focus();
  }

  leaving(document) {
    return this._leaving.has(document.id);
  }

  async _gone(id) {
    try {
      await api.remove(id);
    } catch (problem) {
      if (problem.status !== 404) say(problem.message);
    }
    this._leaving.delete(id);
    this._flags.delete(id);
    await this.refresh().catch(() => {});
  }

  /** The tab goes: what was removed stays removed. */
  _flush() {
    for (const [id, timer] of this._leaving) {
      clearTimeout(timer);
      api.remove(id, { keepalive: true }).catch(() => {});
    }
    this._leaving.clear();
  }
}

/** What a group's head is kept by: its collection and what that is called. */
const groupKey = ({ collection }) => (collection ? `group-${collection.id} ${collection.name}` : "group-");

/** Make a list hold these nodes in this order, moving only what stands wrong. */
function place(list, nodes) {
  nodes.forEach((node, at) => {
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
  while (list.children.length > nodes.length) list.lastElementChild.remove();
}

function bar() {
  const fill = el("i");
  const node = el("div", { class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  return {
    node,
    set(share, label) {
      fill.style.transform = `scaleX(${share})`;
      node.setAttribute("aria-valuenow", Math.round(share * 100));
      node.setAttribute("aria-label", label);
    },
  };
}

function stage(job) {
  const rest = job.eta_s === null || job.eta_s === undefined ? "" : `, ${left(job.eta_s)}`;
  switch (job.state) {
    case "queued": return t("waiting");
    case "sending": return job.done < job.total ? t("stage.sending_of", { done: size(job.done), total: size(job.total) }) : t("stage.sending");
    case "waiting": return t("stage.waiting");
    case "reading": return job.total ? t("stage.reading", job) + rest : t("stage.opening");
    case "ocr": return t("stage.ocr", job) + rest;
    case "encoding": return job.total ? t("stage.encoding", job) + rest : t("stage.encoding_next");
    default: return "";
  }
}

const share = (job) => (job.total ? Math.min(1, job.done / job.total) : 0);

function jobRow(library, job) {
  const name = el("p", { class: "name" }, job.name);
  const what = el("p", { class: "meta" });
  const progress = bar();
  const acts = el("p", { class: "acts" });
  const node = el("li", { class: "row job" }, name, what, progress.node, acts);
  let last = "";

  function failed(now) {
    const kind = now.problem.kind;
    const again = now.file && !["not_a_pdf", "too_large", "empty"].includes(kind);
    what.replaceChildren(el("strong", {}, without(now.problem.message, now.name)), ". ", kind === "password" ? "" : remedy(now.problem));
    const choose = kind === "password" && !now.file ? t("choose_again") : "";
    acts.replaceChildren(
      ...(kind === "password" && now.file ? [passwordForm(now, (password) => library.intake.retry(now, password))] : []),
      ...(again && kind !== "password" ? [button(t("try_again"), () => library.intake.retry(now), { class: "plain" })] : []),
      choose,
      dismissal(now),
    );
    say(`${now.name}: ${now.problem.message}`);
  }

  function update(now) {
    const over = now.state === "failed" || now.state === "done";
    node.dataset.state = now.state;
    progress.node.hidden = over || !now.total;
    const key = over ? `${now.state} ${now.problem?.message} ${now.problems?.length}` : "";
    if (!over) {
      what.textContent = stage(now);
      progress.set(share(now), `${now.name}: ${stage(now)}`);
      if (last) acts.replaceChildren();
    } else if (key !== last && now.state === "failed") failed(now);
    else if (key !== last) {
      what.textContent = now.outcome?.status === "already" ? t("already") : now.problems.map((problem) => `${without(problem.message, now.name)}. ${remedy(problem)}`).join(" ");
      acts.replaceChildren(...olderVersion(now), dismissal(now));
      say(`${now.name}: ${what.textContent}`);
    }
    last = key;
  }

  const dismissal = (now) => button(t("dismiss"), () => library.intake.dismiss(now), { class: "plain", "aria-label": t("dismiss.label", { name: now.name }) });

  /** Both versions are kept until somebody says which is not needed. */
  function olderVersion(now) {
    if (!now.problems.some(({ kind }) => kind === "other_version")) return [];
    const remove = () => {
      const older = library.older(now);
      library.intake.dismiss(now);
      if (older) library.remove(older);
    };
    return [button(t("remove_older"), remove, { class: "plain", "aria-label": t("remove_older.label", { name: now.name }) })];
  }
  return { node, update };
}

function documentRow(library, document) {
  const tick = el("input", {
    type: "checkbox", "aria-label": t("ask_only", { name: document.name }), title: t("ask_only.title"),
    on: { change: () => library.tick(document, tick.checked) },
  });
  const title = el("button", { type: "button", class: "name", title: document.name, on: { click: () => library.show(document) } }, document.name);
  const meta = el("p", { class: "meta" });
  const progress = bar();
  const bin = iconButton("close", t("remove.label", { name: document.name }), () => library.remove(document), { class: "icon bin" });
  const undo = button(t("undo"), () => library.keep(document), { class: "plain" });
  const here = el("div", { class: "here" }, tick, el("div", { class: "text" }, title, meta, progress.node), bin);
  const away = el("div", { class: "away", hidden: true }, el("p", { class: "meta" }, t("removed", { name: document.name })), undo);
  const node = el("li", { class: "row document" }, here, away);
  let flagged = "";
  let asked = true; // until it is seen: a long list would ask for hundreds
  onceSeen(node, () => {
    asked = false;
    update(library.documents.find((one) => one.id === document.id) ?? document);
  });

  function describe(now) {
    const job = library.intake.of(now);
    progress.node.hidden = !job || !job.total;
    if (job) progress.set(share(job), `${now.name}: ${stage(job)}`);
    meta.textContent = job ? stage(job) : `${count(now.pages, "page")}, ${size(now.size)}${flagged}`;
    return job;
  }

  function update(now) {
    const leaving = library.leaving(now);
    here.hidden = leaving;
    away.hidden = !leaving;
    tick.checked = library.asked.has(now.id);
    if (!describe(now) && !asked) {
      asked = true;
      library.flags(now).then((flags) => {
        flagged = flagWords(flags);
        describe(now);
      });
    }
  }
  return { node, update, undo, title };
}

function flagWords(flags) {
  const words = ["ocr", "garbled", "empty", "hidden"].filter((flag) => flags[flag]).map((flag) => t(`flags.${flag}`, { n: flags[flag] }));
  return words.length ? `. ${words.join(", ")}` : "";
}
