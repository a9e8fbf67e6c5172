// Numbers and problems as people say them.

export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** Seconds: 0.08 s, 2.3 s, 14 s, 2 min 5 s. */
export function seconds(value) {
  if (value < 0.1) return `${value.toFixed(2)} s`;
  if (value < 9.95) return `${value.toFixed(1)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60 ? `${whole % 60} s` : ""}`.trim();
}

/** Time left, in whole steps so that it does not flicker. */
export const left = (value) => (value === null || value === undefined ? "" : value < 1.5 ? "1 s left" : `${seconds(Math.round(value))} left`);

/** When its turn comes, behind what is said of who is before it; nothing while nobody knows. */
export const soon = (value) => (value === null || value === undefined ? "" : `, its turn is in about ${seconds(Math.max(1, Math.round(value)))}`);

export function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
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
  const closed = /(^|\s)[^\s\p{Ll}]\S*$|[.:!?]["”)]?$/u.test(row); // a quote may begin in the middle of a line
  const whole = row.length < width && closed && !/[,;\-–(]$/.test(row) && /^[\s"“(]*[\p{Lu}\d•▪–\-*]/u.test(next);
  return whole || ITEM.test(next);
}

const DO = {
  not_a_pdf: "Print or export it as a PDF and add that.",
  empty: "Choose the file again: nothing was in it.",
  too_large: "Split it into smaller files and add those.",
  damaged: "Open it in another program, save it again or as a PDF, and add that.",
  no_converter: "The machine that runs recto needs LibreOffice for such files. Or save it as a PDF and add that.",
  missing_signs: "The other words can be asked. The machine that runs recto needs a font that has these characters.",
  unreadable_pages: "Open it in a PDF reader, save it again, and add that.",
  lost_pages: "The other pages can be asked. Saving the file again in a PDF reader often mends it.",
  garbled: "A font does not say which letters it shows. With tesseract or RapidOCR on the machine that runs recto the pages can be read as pictures.",
  hidden_text: "No page shows it: it may be meant to mislead, or be a redaction that is none.",
  unrecognised: "It goes on when the server is started again.",
  no_ocr: "The machine that runs recto needs tesseract with the language of the pages, or RapidOCR, to read scans.",
  disk_full: "Free some space on the machine that runs recto, then try again.",
  library_full: "Remove a document first.",
  busy: "Try again in a moment.",
  other_version: "Both can be asked. Remove the one that you no longer need.",
  session: "Reload the page to begin a new session.",
  token: "Open the address that recto serve printed.",
  offline: "Check that recto serve still runs, then try again.",
};

/** What a person can do about a problem, in the page's own terms. */
export const remedy = (problem) => DO[problem.kind] ?? (/^recto |^apt-get|^qpdf/.test(problem.hint ?? "") ? "" : (problem.hint ?? ""));

/** A message without the name that stands beside it already. */
export const without = (message, name) => {
  const rest = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
};
