// The page: its parts, and who tells whom.

import * as address from "./address.js";
import * as api from "./api.js";
import { Conversation } from "./conversation.js";
import { $, button, el } from "./dom.js";
import { drawer } from "./drawer.js";
import { Folders } from "./folders.js";
import { Marking } from "./feedback.js";
import { History } from "./history.js";
import { keys } from "./keys.js";
import { Library } from "./library.js";
import { Machine } from "./machine.js";
import { t } from "./messages.js";
import { Viewer } from "./viewer.js";
import { remedy } from "./words.js";

const BESIDE = matchMedia("(min-width: 1000px)"); // room for a page next to the answer

let closedByHand = false;

const library = new Library({
  open: (place) => show([place], 0, document.activeElement),
  changed: () => conversation.describe(),
});
const viewer = new Viewer({
  library,
  moved: (place, how) => {
    if (!place) {
      closedByHand = true;
      marking.end();
    }
    address.moved(place, how);
  },
});
const folders = new Folders({ changed: () => library.refresh().catch(() => {}) });
const marking = new Marking(viewer);
const conversation = new Conversation({ library, open: show, mark: (...marked) => marking.begin(...marked) });
const past = new History({
  reopen: (turns, at) => {
    const shown = conversation.reopen(turns, at);
    if (shown) document.dispatchEvent(new CustomEvent("recto:leave-drawer"));
    return shown;
  },
});
const machine = new Machine({
  changed: (state) => {
    conversation.prepares = Boolean(state.writer && !state.writer.leaves_machine);
    conversation.reads = Boolean(state.writer && !state.public);
  },
});

/** Show a place. Without `from` nobody asked: the first quote opens by itself where there is room, until it is closed once. */
function show(places, index, from) {
  if (!from && (!BESIDE.matches || closedByHand)) return;
  if (from) {
    closedByHand = false;
    document.dispatchEvent(new CustomEvent("recto:leave-drawer"));
  }
  viewer.open(places, index, from);
}

function begin() {
  const linked = location.pathname !== "/"; // as it was: who asks at once opens a page before all is read
  drawer();
  keys({ viewer, conversation });
  addEventListener("popstate", () => open());
  addEventListener("visibilitychange", () => document.hidden || library.refresh().catch(() => {}));
  enter(linked);
}

async function enter(linked) {
  try {
    const state = await api.enter();
    $("composer").inert = false;
    library.begin(state);
    machine.show(state);
    folders.begin(state);
    past.begin(state);
    await library.refresh();
    conversation.recall();
    await library.intake.resume();
    if (linked) await open();
  } catch (problem) {
    refuse(problem, () => enter(linked));
  }
}

/** Show what the address names. */
async function open() {
  const place = await address.named();
  if (place) show([place], 0, $("question"));
  else viewer.close({ silent: true });
}

/** The server will have none of it, so far. */
function refuse(problem, again) {
  const locked = problem.status === 401;
  $("composer").inert = true;
  $("welcome").hidden = false;
  $("welcome-title").textContent = t(locked ? "locked" : "unreachable");
  $("welcome-text").textContent = locked ? t("locked.where") : [`${problem.message}.`, remedy(problem)].join(" ");
  $("welcome-acts").replaceChildren(locked ? tokenForm(again) : button(t("try_again"), again, { class: "primary" }));
  $("welcome-acts").querySelector("input")?.focus();
}

/** Asking for the token; that the one before was wrong is said when it was. */
function tokenForm(again) {
  const token = el("input", { type: "password", required: true, "aria-label": t("token"), placeholder: t("token"), autocomplete: "current-password" });
  const wrong = el("p", { class: "fine", role: "alert" }, api.known() ? t("token.wrong") : "");
  const form = el("form", { class: "password token" }, token, el("button", { type: "submit", class: "primary" }, t("open")), wrong);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    api.know(token.value);
    again();
  });
  return form;
}

begin();
