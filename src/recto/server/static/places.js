// The places that one answer points to, numbered as they come: a quote, or several places that are read together.

import { length } from "./words.js";

const DIGITS = 12; // of a document's id
const NAMED = /^[^/]*[^/.][^/]*\.[^/]+$/; // a name that can stand in an address: others may be what this server has already

const key = (citation) => `${citation.document.id}:${citation.page}:${citation.start}:${citation.end}`;

export class Places {
  constructor() {
    this.list = []; // {number, document, page, label, start, end, boxes, quote, parts, citations, more, language, comment, struck, recognised, uncertain, blanks, asked}
    this._numbers = new Map();
  }

  /** The quotes of an answer: parts that stand line below line in its text are one. */
  quoted(citations) {
    let before = null;
    for (const citation of citations) {
      const begins = citation.at - length(citation.quote);
      const together = before && before.page === citation.page && before.document.id === citation.document.id && begins - before.at === 1;
      if (together) this._join(citation);
      else this._add(citation);
      before = citation;
    }
    return [...this.list];
  }

  /** The place of a citation in written words; a new one if no quote showed it. */
  cited(citation) {
    const known = this._numbers.get(key(citation));
    return known ? this.list[known - 1] : this._add(citation);
  }

  _add(citation) {
    const { document, page, label, start, end, boxes, quote, more, language, blanks = [] } = citation;
    const place = { number: this.list.length + 1, document, page, label, start, end, boxes, quote, parts: [quote], citations: [citation], more, language, blanks, asked: asked(citation), ...traits(citation) };
    this.list.push(place);
    this._numbers.set(key(citation), place.number);
    return place;
  }

  _join(citation) {
    const place = this.list.at(-1);
    place.parts.push(citation.quote);
    place.citations.push(citation);
    place.more = citation.more || place.more;
    const { comment, struck, recognised, uncertain } = traits(citation);
    place.comment = place.comment || comment;
    place.recognised = place.recognised || recognised;
    place.uncertain += uncertain;
    place.blanks = [...place.blanks, ...(citation.blanks ?? [])];
    place.asked = [...place.asked, ...asked(citation)];
    place.struck = [...place.struck, ...struck];
    place.quote = place.parts.join("\n");
    place.boxes = [...place.boxes, ...citation.boxes];
    place.start = Math.min(place.start, citation.start);
    place.end = Math.max(place.end, citation.end);
    this._numbers.set(key(citation), place.number);
  }
}

/** The boxes of the cells that the question asks for. */
const asked = ({ cells = [] }) => cells.filter((cell) => cell.asked).flatMap(({ boxes }) => boxes);

/** A quote in pieces, cells that the question asks for by themselves. */
function piecesOf({ quote, start, cells = [] }) {
  const characters = Array.from(quote);
  const pieces = [];
  let at = 0;
  const ranges = cells.filter((cell) => cell.asked).flatMap((cell) => cell.ranges);
  for (const [first, last] of ranges.sort((one, other) => one[0] - other[0])) {
    pieces.push({ text: characters.slice(at, first - start).join(""), quoted: true }, { text: characters.slice(first - start, last - start).join(""), quoted: true, asked: true });
    at = last - start;
  }
  return [...pieces, { text: characters.slice(at).join(""), quoted: true }];
}

/** What to know of a quote's words beside what they say. */
function traits({ quote, start, traits: all = [] }) {
  const characters = Array.from(quote);
  const struck = all.filter(({ kind }) => kind === "struck").map((trait) => characters.slice(trait.start - start, trait.end - start).join(""));
  const doubts = all.filter(({ kind }) => kind === "uncertain");
  let uncertain = 0;
  let at = start;
  for (const word of quote.split(/(\s+)/)) {
    const end = at + length(word);
    if (word.trim() && doubts.some((trait) => trait.start < end && at < trait.end)) uncertain += 1;
    at = end;
  }
  return { comment: all.some(({ kind }) => kind === "comment"), struck, recognised: uncertain > 0 || all.some(({ kind }) => kind === "recognised"), uncertain };
}

/** A place's text inside its surroundings: pieces for each of these, `{text, quoted, asked}`. */
export function surroundings(place) {
  const blocks = [];
  let before = null;
  for (const citation of place.citations) {
    const { start, end, text } = citation.context ?? { start: citation.start, end: citation.end, text: citation.quote };
    const characters = Array.from(text);
    if (!before || before.start !== start || before.end !== end) blocks.push((before = { start, end, at: 0, pieces: [], rest: characters.join("") }));
    before.pieces.push({ text: characters.slice(before.at, citation.start - start).join(""), quoted: false }, ...piecesOf(citation));
    before.at = citation.end - start;
    before.rest = characters.slice(before.at).join("");
  }
  return blocks.map(({ pieces, rest }) => [...pieces, { text: rest, quoted: false }].filter(({ text }) => text));
}

/** Whether a place stands inside the surroundings of another one. */
export const within = (place, other) =>
  other.citations.some(({ context }) => context && place.document.id === other.document.id && place.page === other.page && context.start <= place.start && place.end <= context.end);

/** The address that opens a place again, as src/recto/links.py makes them, too. */
export function link({ document, page, start, end }) {
  const about = `id=${document.id.slice(0, DIGITS)}${start === undefined ? "" : `&at=${start}-${end}`}`;
  const name = encodeURIComponent(document.name.replace(/\p{Surrogate}/gu, "?")).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return NAMED.test(document.name) ? `/${name}/${page}?${about}` : `/d/${document.id.slice(0, DIGITS)}?page=${page}&${about}`;
}
