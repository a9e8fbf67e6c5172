// An answer as Markdown, its citations as footnotes.

import { numbered } from "./dom.js";
import { t } from "./messages.js";
import { link } from "./places.js";
import { flowing } from "./words.js";

const plain = (text) => text.replace(/([\\`*_[\]<>#|])/g, "\\$1");

/** `marks` are `{at, number}` in the written text. */
export function markdown({ question, text, marks, places, quotes, engine, unsupported, doubt }) {
  const parts = [`**${plain(question)}**`, doubt && `*${doubt}*`];
  if (text) parts.push(withNotes(text, marks) + (unsupported ? `\n\n*${t("markdown.unsupported")}*` : ""));
  if (!text) parts.push(quotes.map((quote) => `> ${plain(flowing(quote.quote))}[^${quote.number}]`).join("\n\n"));
  parts.push(places.map(note).join("\n"));
  if (text && engine) parts.push(`*${t("markdown.by", { model: plain(engine) })}*`);
  return parts.filter(Boolean).join("\n\n") + "\n";
}

function withNotes(text, marks) {
  const characters = Array.from(text);
  let out = "";
  let at = 0;
  for (const mark of [...marks].sort((one, other) => one.at - other.at)) {
    out += plain(characters.slice(at, mark.at).join("")) + `[^${mark.number}]`;
    at = mark.at;
  }
  return (out + plain(characters.slice(at).join(""))).trim();
}

const note = (place) =>
  `[^${place.number}]: “${plain(flowing(place.quote))}” [${plain(place.document.name)}, ${plain(numbered(place))}](${location.origin}${link(place)})`;
