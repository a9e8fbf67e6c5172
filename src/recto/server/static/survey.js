// Quotes of whole documents: below the name of each, and side by side where the same was asked of each.

import { el } from "./dom.js";
import { t } from "./messages.js";

/** Whether a survey's documents are named above their quotes. */
const isHeaded = (survey) => Boolean(survey) && (survey.kind !== "summary" || survey.groups.length > 1);

/** What stands above how many places, where an answer is saved. */
export const sections = (survey) => (isHeaded(survey) ? survey.groups.map(({ heading, count: places }) => ({ heading, places })) : []);

/** The quotes as lists of `item`s: one list, or one for each document of a survey. */
export function byDocument(quotes, survey, item) {
  const list = (own) => el("ol", { class: "quote-list" }, ...own.map(item));
  if (!isHeaded(survey)) return [list(quotes)];
  let at = 0;
  const groups = survey.groups.map(({ heading, kind, count: places }) => {
    const own = [];
    for (let taken = 0; taken < places && at < quotes.length; at += 1) {
      taken += quotes[at].citations.length;
      own.push(quotes[at]);
    }
    return el("section", { class: `voice ${kind}` }, el("h4", { class: "voice-name" }, el("bdi", {}, heading)), own.length > 0 && list(own));
  });
  const left = survey.left_out > 0 && el("p", { class: "fine" }, t("not_asked", { n: survey.left_out }));
  return [el("div", { class: survey.kind === "each" ? "voices beside" : "voices" }, ...groups), left].filter(Boolean);
}
