// The column of documents: what is there, what comes in, what is asked, and taking things out with a way back.

import * as api from "./api.js";
import { $, say } from "./dom.js";
import { Intake } from "./intake.js";
import { language, t } from "./messages.js";
import { chosen, dropped } from "./picking.js";
import { documentRow, jobRow } from "./rows.js";
import { Shelves, groupRow } from "./shelves.js";
import { Standing } from "./standing.js";
import { count } from "./words.js";

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
    this.removed = []; // documents that can be put back for `undo_s` seconds
    this._most = ROWS; // of the list that are shown, until somebody scrolls on
    this._rows = new Map(); // key -> row, so that rows keep their focus
    this.shelves = new Shelves(this);
    this.standing = new Standing({ changed: () => this.refresh().catch(() => {}), filtered: () => this._anew() });
    this.intake = new Intake({ changed: () => this._show(), arrived: () => this.refresh() });
    this._listen();
  }

  begin(state) {
    const { megabytes, documents, pages } = state.limits;
    this.intake.megabytes = megabytes;
    this._asks = !state.undo; // what is removed cannot be put back
    $("limits").textContent = t(state.public ? "limits.public" : "limits", { megabytes, documents, pages: pages?.toLocaleString(language) });
  }

  async refresh() {
    const all = [api.documents(), api.collections(), api.removals(), api.totals()];
    const [documents, collections, removed, whole] = await Promise.all(all);
    Object.assign(this, { documents, removed, _order: null });
    this.shelves.collections = collections;
    this._known();
    const known = new Set(documents.map((document) => document.id));
    for (const id of this.asked) if (!known.has(id)) this.asked.delete(id);
    for (const { id } of removed) known.add(id);
    for (const key of this._rows.keys()) if (key.startsWith("doc-") && !known.has(key.slice(4))) this._drop(key);
    this.standing.show(whole);
    this._await();
    this._show();
    this._changed();
  }

  /** The documents to be asked: null for all there are. */
  scope() {
    const wanted = this.documents.filter((document) => this.asked.has(document.id));
    return wanted.length && wanted.length < this.documents.length ? wanted : null;
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
    const listed = this._listed();
    const matching = listed.filter((document) => document.name.toLowerCase().includes(wanted) && this.standing.lets(document));
    $("no-match").hidden = matching.length > 0 || !listed.length;
    this._place(this.shelves.groups(matching).filter((group) => !wanted || group.documents.length));
    this.shelves.show();
  }

  /** The documents in their order, and those that can be put back where they were; comparing a thousand names takes long. */
  _listed() {
    this._order ??= this.shelves.sorted(this._all());
    return this._order;
  }

  _all() {
    const listed = [...this.documents];
    for (const removed of this.removed) {
      const at = listed.findIndex((document) => document.added > removed.added);
      listed.splice(at < 0 ? listed.length : at, 0, removed);
    }
    return listed;
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

  /** Whether a document's own row says what happens to it, if anything does. */
  _inDocument(job) {
    return ["encoding", "ocr"].includes(job.state) && this._listed().some((document) => this.intake.of(document) === job);
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
    this._order = null;
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
    return this.documents.findLast((document, place) => document.name === this.documents[at]?.name && place < at);
  }

  tick(document, ticked) {
    this.tickAll([document], ticked);
  }

  show(document) {
    this._open({ document, page: 1 });
  }

  /** Read a document again from its own bytes, with the text that it hides if that is wanted. */
  async reread(document, hidden) {
    try {
      await api.reread(document.id, hidden, this.password(document.id));
      say(t("reread.said", { name: document.name }));
      await this.intake.resume();
    } catch (problem) {
      this._complain(problem);
    }
  }

  _complain(problem) {
    $("shelf-problem").textContent = `${problem.message}.`;
  }

  // --- going out ----------------------------------------------------------------------------------------------------
  /** Remove documents; a newer version, by its id, takes their place in collections. */
  async remove(documents, successor) {
    const names = documents.length > 1 ? count(documents.length, "document") : documents[0].name;
    if (this._asks && !confirm(t("remove.sure", { name: names }))) return;
    const removed = await this._do(() => api.removeAll(documents.map(({ id }) => id), successor));
    if (!removed) return;
    say(t(removed.length ? "removed.said" : "deleted", { name: names }));
    this._rows.get(`doc-${removed[0]?.id}`)?.undo.focus();
  }

  async keep(document) {
    if (!(await this._do(() => api.undo(document.id)))) return;
    say(t("stays", { name: document.name }));
    this._rows.get(`doc-${document.id}`)?.title.focus();
  }

  async finish(document) {
    if (await this._do(() => api.finish(document.id))) say(t("deleted", { name: document.name }));
  }

  leaving(document) {
    return this.removed.includes(document);
  }

  /** Change what is there, and show it; what the server answered, nothing if it would not. */
  async _do(work) {
    let answer = null;
    $("shelf-problem").textContent = "";
    try {
      answer = await work();
    } catch (problem) {
      this._complain(problem);
    }
    await this.refresh().catch(() => {});
    return answer;
  }

  /** Look again when the next removal is final. */
  _await() {
    clearTimeout(this._timer);
    const next = Math.min(...this.removed.map(({ undo_s }) => undo_s));
    if (this.removed.length) this._timer = setTimeout(() => this.refresh().catch(() => {}), 1000 * next + 500);
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
