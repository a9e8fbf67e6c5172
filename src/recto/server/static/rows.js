// The rows of the list of documents: one for each file that comes in, and one for each document that is there.

import { button, el, iconButton, say } from "./dom.js";
import { has, t } from "./messages.js";
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
      if (older) library.remove([older], now.document);
    };
    return [button(t("remove_older"), remove, { class: "plain", "aria-label": t("remove_older.label", { name: now.name }) })];
  }
  return { node, update };
}

export function documentRow(library, document) {
  const tick = el("input", {
    type: "checkbox", "aria-label": t("ask_only", { name: document.name }), title: t("ask_only.title"),
    on: { change: () => library.tick(document, tick.checked) },
  });
  const title = el("button", { type: "button", class: "name", title: document.name, on: { click: () => library.show(document) } }, document.name);
  const meta = el("p", { class: "meta" });
  const progress = bar();
  const bin = iconButton("close", t("remove.label", { name: document.name }), () => library.remove([document]), { class: "icon bin" });
  const undo = button(t("undo"), () => library.keep(document), { class: "plain", "aria-label": t("undo.label", { name: document.name }) });
  const now = button(t("delete_now"), () => library.finish(document), { class: "plain", "aria-label": t("delete_now.label", { name: document.name }) });
  const wrong = wrongs(library, document);
  const here = el("div", { class: "here" }, tick, el("div", { class: "text" }, title, meta, progress.node, wrong.node), bin);
  const away = el("div", { class: "away", hidden: true }, el("p", { class: "meta" }, t("removed", { name: document.name })), undo, now);
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
    const again = AGAIN.has(problem.kind) && button(t(problem.kind === "hidden_text" ? "reread.hidden" : "reread"), () => library.reread(document, problem.kind === "hidden_text"), { class: "plain", "aria-label": t("reread.label", { name: document.name }) });
    return el("li", {}, `${without(problem.message, document.name)}. ${remedy(problem)} `, again);
  }

  function update(problems) {
    const told = JSON.stringify(problems);
    if (told === shown) return;
    shown = told;
    node.hidden = !problems.length;
    summary.textContent = problems.map(({ kind }) => t(has(`wrong.${kind}`) ? `wrong.${kind}` : "wrong")).join(", ");
    list.replaceChildren(...problems.map(item));
  }
  return { node, update };
}

const AGAIN = new Set(["no_ocr", "garbled", "hidden_text", "missing_signs", "unrecognised", "lost_pages"]); // reading again may mend it

function described(own) {
  const { ocr, empty } = own.page_flags;
  const words = [
    ocr && t("flags.ocr", { n: ocr }),
    empty && t("flags.empty", { n: empty }),
    own.unencoded_passages && t("unencoded", { n: own.unencoded_passages }),
  ].filter(Boolean);
  return `${count(own.pages, "page")}, ${size(own.bytes)}${words.length ? `. ${words.join(", ")}` : ""}`;
}
