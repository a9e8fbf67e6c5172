// Files on their way into the library: sent two at a time, then followed by the server's events.

import * as api from "./api.js";
import { refusal } from "./picking.js";

const AT_ONCE = 2;
const AGAIN_MS = 1500; // before a lost stream of events is opened again
const AHEAD = 6; // files that may wait on the server; the others wait here

/** `changed` is called with the list of jobs; `arrived` when a document is there, or more of it. */
export class Intake {
  constructor({ changed, arrived }) {
    this.jobs = []; // {key, name, file?, password?, state, done, total, eta_s, outcome, problem}
    this.passwords = new Map(); // by document: pictures of an encrypted one need it again
    this.megabytes = 0;
    this._changed = changed;
    this._arrived = arrived;
    this._sending = 0;
    this._key = 0;
    this._following = false;
    this._forgotten = new Set(); // ids of outcomes that are not shown again
    this._last = []; // what the server said last
  }

  /** Look for files that were on their way before a reload. */
  async resume() {
    this._merge(await api.uploads());
    if (this._busy()) this._follow();
  }

  add(files) {
    for (const file of files) {
      this.jobs.push({ key: `here-${(this._key += 1)}`, name: file.name, file, state: "queued", done: 0, total: file.size });
    }
    this._changed();
    this._next();
  }

  retry(job, password) {
    Object.assign(job, { state: "queued", password, problem: null, outcome: null, done: 0, total: job.file.size });
    this._forget(job);
    job.id = null;
    this._changed();
    this._next();
  }

  dismiss(job) {
    this.jobs = this.jobs.filter((one) => one !== job);
    this._forget(job);
    this._changed();
  }

  _forget(job) {
    if (!job.id) return;
    this._forgotten.add(job.id);
    api.forget(job.id).catch(() => {});
  }

  /** What still happens to a document that is in the library already, null if nothing does. */
  of(document) {
    return this.jobs.find((job) => ["encoding", "ocr"].includes(job.state) && job.document === document.id) ?? null;
  }

  _busy() {
    return this.jobs.some((job) => job.id && !["done", "failed"].includes(job.state));
  }

  _next() {
    const waiting = this.jobs.filter((job) => job.state === "waiting").length;
    const job = this.jobs.find((one) => one.state === "queued");
    if (!job || this._sending >= AT_ONCE || waiting >= AHEAD) return;
    this._sending += 1;
    job.state = "sending";
    this._send(job).finally(() => {
      this._sending -= 1;
      this._next();
    });
    this._next();
  }

  async _send(job) {
    try {
      const refused = await refusal(job.file, this.megabytes);
      if (refused) throw refused;
      const sent = await api.upload(job.file, job.name.slice(-255), job.password, (done, total) => {
        Object.assign(job, { done, total });
        this._changed();
      });
      Object.assign(job, { id: sent.id, state: sent.state, done: 0, total: 0 });
      this._merge(this._last); // it may have been done before its id was known
      this._follow();
    } catch (problem) {
      Object.assign(job, { state: "failed", problem: { kind: problem.kind, message: problem.message, hint: problem.hint } });
    }
    this._changed();
  }

  /** Listen to the server until nothing is on its way. */
  async _follow() {
    if (this._following) return;
    this._following = true;
    const end = new AbortController();
    while (this._busy()) {
      try {
        for await (const [, { uploads }] of api.uploading(end.signal)) {
          this._merge(uploads);
          this._next();
          if (!this._busy()) break;
        }
      } catch (problem) {
        if (problem.kind === "session") break;
      }
      if (this._busy()) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    end.abort();
    this._following = false;
    if (this._busy()) this._follow(); // a file was sent while the last words were read
  }

  _merge(uploads) {
    let news = false;
    this._last = uploads;
    for (const upload of uploads) {
      if (this._forgotten.has(upload.id)) continue;
      let job = this.jobs.find((one) => one.id === upload.id);
      if (!job) {
        if (this._sending) continue; // it may be one whose id is not known yet
        if (upload.state === "done" && !upload.outcome?.problem) continue;
        this.jobs.push((job = { key: upload.id }));
      }
      news ||= job.state !== upload.state;
      Object.assign(job, upload, { problem: upload.outcome?.problem ?? null, problems: upload.outcome?.problems ?? [] });
      if (job.password && upload.document) this.passwords.set(upload.document, job.password);
      if (job.state !== "failed" && upload.outcome) job.file = null; // it is there: let go of the bytes
    }
    this.jobs = this.jobs.filter((job) => !this._over(job));
    this._changed();
    if (news) this._arrived();
  }

  /** Whether there is nothing left to say about a job. */
  _over(job) {
    return job.state === "done" && !job.problem && job.outcome?.status !== "already";
  }
}
