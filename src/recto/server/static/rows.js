// The rows of the list of documents: one for each file that comes in, and one for each document that is there.

import { button, el, iconButton, say } from "./dom.js";
import { passwordForm } from "./password.js";
import { count, left, remedy, size, without } from "./words.js";

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
  const of = job.total ? ` ${job.done} of ${job.total}` : "";
  const rest = job.eta_s === null || job.eta_s === undefined ? "" : `, ${left(job.eta_s)}`;
  switch (job.state) {
    case "queued": return "Waiting";
    case "sending": return job.done < job.total ? `Sending ${size(job.done)} of ${size(job.total)}` : "Sending";
    case "waiting": return "Waiting for the files before it";
    case "reading": return job.total ? `Reading page${of}${rest}` : "Opening";
    case "ocr": return `Scanned: recognising page${of}${rest}`;
    case "encoding": return job.total ? `Can be asked. Indexing its meaning: passage${of}${rest}` : "Can be asked. Its meaning is indexed next";
    default: return "";
  }
}

const share = (job) => (job.total ? Math.min(1, job.done / job.total) : 0);

export function jobRow(library, job) {
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
    const choose = kind === "password" && !now.file ? "Choose the file again to give its password." : "";
    acts.replaceChildren(
      ...(kind === "password" && now.file ? [passwordForm(now, (password) => library.intake.retry(now, password))] : []),
      ...(again && kind !== "password" ? [button("Try again", () => library.intake.retry(now), { class: "plain" })] : []),
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
      what.textContent = now.outcome?.status === "already" ? "Is in the library already." : now.problems.map((problem) => `${without(problem.message, now.name)}. ${remedy(problem)}`).join(" ");
      acts.replaceChildren(...olderVersion(now), dismissal(now));
      say(`${now.name}: ${what.textContent}`);
    }
    last = key;
  }

  const dismissal = (now) => button("Dismiss", () => library.intake.dismiss(now), { class: "plain", "aria-label": `Dismiss ${now.name}` });

  /** Both versions are kept until somebody says which is not needed. */
  function olderVersion(now) {
    if (!now.problems.some(({ kind }) => kind === "other_version")) return [];
    const remove = () => {
      const older = library.older(now);
      library.intake.dismiss(now);
      if (older) library.remove(older);
    };
    return [button("Remove the older one", remove, { class: "plain", "aria-label": `Remove the older ${now.name}` })];
  }
  return { node, update };
}

export function documentRow(library, document) {
  const tick = el("input", {
    type: "checkbox", "aria-label": `Ask only ${document.name}`, title: "Ask only the ticked ones",
    on: { change: () => library.tick(document, tick.checked) },
  });
  const title = el("button", { type: "button", class: "name", title: document.name, on: { click: () => library.show(document) } }, document.name);
  const meta = el("p", { class: "meta" });
  const progress = bar();
  const bin = iconButton("close", `Remove ${document.name}`, () => library.remove(document), { class: "icon bin" });
  const undo = button("Undo", () => library.keep(document), { class: "plain", "aria-label": `Undo: put ${document.name} back` });
  const now = button("Delete now", () => library.finish(document), { class: "plain", "aria-label": `Delete ${document.name} now` });
  const wrong = wrongs(library, document);
  const here = el("div", { class: "here" }, tick, el("div", { class: "text" }, title, meta, progress.node, wrong.node), bin);
  const away = el("div", { class: "away", hidden: true }, el("p", { class: "meta" }, `Removed ${document.name}`), undo, now);
  const node = el("li", { class: "row document" }, here, away);

  function update(own) {
    const leaving = library.leaving(own);
    here.hidden = leaving;
    away.hidden = !leaving;
    if (leaving) return;
    tick.checked = library.asked.has(own.id);
    const job = library.intake.of(own);
    progress.node.hidden = !job || !job.total;
    if (job) progress.set(share(job), `${own.name}: ${stage(job)}`);
    meta.textContent = job ? stage(job) : described(own);
    wrong.update(job ? [] : own.problems);
  }
  return { node, update, undo, title };
}

/** What is wrong with a document, unfolded by whoever wants to know, and what mends it. */
function wrongs(library, document) {
  const summary = el("summary");
  const list = el("ul");
  const node = el("details", { class: "meta wrong", hidden: true }, summary, list);
  let shown = "";

  function item(problem) {
    const again = AGAIN.has(problem.kind) && button(problem.kind === "hidden_text" ? "Read it, too" : "Read it again", () => library.reread(document, problem.kind === "hidden_text"), { class: "plain", "aria-label": `Read ${document.name} again` });
    return el("li", {}, `${without(problem.message, document.name)}. ${remedy(problem)} `, again);
  }

  function update(problems) {
    const told = JSON.stringify(problems);
    if (told === shown) return;
    shown = told;
    node.hidden = !problems.length;
    summary.textContent = problems.map(({ kind }) => SHORT[kind] ?? "Something is missing").join(", ");
    list.replaceChildren(...problems.map(item));
  }
  return { node, update };
}

const AGAIN = new Set(["no_ocr", "garbled", "hidden_text", "missing_signs", "unrecognised", "lost_pages"]); // reading again may mend it
const SHORT = {
  no_ocr: "Scans not read",
  garbled: "Pages garbled",
  hidden_text: "Hidden text left out",
  lost_pages: "Pages not read",
  missing_signs: "Characters missing",
  xml_form: "Form not read",
  attachments: "Attached files not read",
  unrecognised: "Pictures not read yet",
};

function described(own) {
  const { ocr, empty } = own.page_flags;
  const words = [
    ocr && `${count(ocr, "page")} recognised from ${ocr === 1 ? "a scan" : "scans"}`,
    empty && `${count(empty, "page")} without text`,
    own.unencoded_passages && `${count(own.unencoded_passages, "passage")} without vectors: found by words only`,
  ].filter(Boolean);
  return `${count(own.pages, "page")}, ${size(own.bytes)}${words.length ? `. ${words.join(", ")}` : ""}`;
}
