// Numbers and problems as people say them.

import { has, language, t } from "./messages.js";

/** So many documents, pages, files or questions. */
export const count = (number, noun) => t(`count.${noun}`, { n: number });

const decimals = (value, digits) => value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });

/** Seconds: 0.08 s, 2.3 s, 14 s, 2 min 5 s. */
export function seconds(value) {
  if (value < 0.1) return `${decimals(value, 2)} s`;
  if (value < 9.95) return `${decimals(value, 1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60 ? `${whole % 60} s` : ""}`.trim();
}

/** Time left, in whole steps so that it does not flicker. */
export const left = (value) => (value === null || value === undefined ? "" : t("left", { time: value < 1.5 ? "1 s" : seconds(Math.round(value)) }));

/** When its turn comes, behind what is said of who is before it; nothing while nobody knows. */
export const soon = (value) => (value === null || value === undefined ? "" : t("soon", { time: seconds(Math.max(1, Math.round(value))) }));

export function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  if (bytes < 1e9) return `${decimals(bytes / 1e6, bytes < 1e7 ? 1 : 0)} MB`;
  return `${decimals(bytes / 1e9, 1)} GB`;
}

/** The name of a model as people call it: llama.cpp/SmolLM2-135M-Instruct.Q4_1 -> SmolLM2-135M-Instruct. */
export const model = (engine) => engine.replace(/^.*\//, "").replace(/\.Q\d\w*$/i, "").replace(/-Q\d\w*$/i, "");

/** Characters as the server counts them (code points). */
export const length = (text) => Array.from(text).length;

/** A quote for reading: line ends and rows of dots are the printer's, not the sentence's. */
export const flowing = (text) => text.replace(/(?:\s?\.){5,}\s*/g, " … ").replace(/\s+/g, " ").trim();

/** The same with the line ends that mean something: after a heading, before an item of a list; `full` is a line's width. */
export const lines = (text, full = 0) => linesOf([text], { full })[0];

/** The same for a text in pieces; `apart` keeps those on lines of their own that stand so on the page. */
export function linesOf(pieces, { full = 0, apart = false } = {}) {
  const texts = pieces.map((piece) => piece.replace(/(?:\s?\.){5,}[^\S\n]*/g, " … ").replace(/[^\S\n]+/g, " "));
  const rows = texts.join("").split("\n");
  const width = Math.max(full, ...rows.map((row) => row.length)) * 0.72;
  let at = 0;
  return texts.map((text) => text.replace(/\n/g, (_, offset) => {
    const edge = apart && (offset === 0 || offset === text.length - 1);
    return ends(rows[at].trim(), rows[(at += 1)], width) || edge ? "\n" : " ";
  }));
}

const CELLS = /\s[$€£(+−–-]*\d[\d.,]*[)%]*\s+(?:[$€£]\s?)?[(+−–-]*\d[\d.,]*[)%]*$/; // two numbers end a row of a table

const ITEM = /^\s*(?:[•▪◦‣]|[*–—-]\s|\(?(?:\d{1,2}|[a-zA-Z])[.)]\s)/; // of a list

/** Whether a row ends before the next one because it says so, not because the line was full. */
function ends(row, next, width) {
  if (CELLS.test(row) || CELLS.test(next)) return true;
  const heading = ITEM.test(row) && row.length < width / 2;
  const closed = heading || /(^|\s)[^\s\p{Ll}]\S*$|[.:!?]["”)]?$/u.test(row); // a quote may begin in the middle of a line
  const whole = row.length < width && closed && !/[,;\-–(]$/.test(row) && /^[\s"“(]*[\p{Lu}\d•▪–\-*]/u.test(next);
  return whole || ITEM.test(next);
}

/** What a person can do about a problem, in the page's own terms. */
export const remedy = (problem) => (has(`remedy.${problem.kind}`) ? t(`remedy.${problem.kind}`) : /^recto |^apt-get|^qpdf/.test(problem.hint ?? "") ? "" : (problem.hint ?? ""));

/** A message without the name that stands beside it already. */
export const without = (message, name) => {
  const rest = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
};
