// Pictures of pages as object addresses, the last few kept.

import * as api from "./api.js";

const KEPT = 16;
const WIDTHS = [400, 800, 1200, 1800, 2400]; // what the server draws

const kept = new Map(); // key -> promise of an address

/** The width the server draws for so many pixels of the screen. */
export const drawn = (pixels) => WIDTHS.find((width) => width >= pixels) ?? WIDTHS.at(-1);

/** The address of a page's picture. */
export function picture(doc, page, width, password) {
  const key = `${doc} ${page} ${width}`;
  const known = kept.get(key);
  kept.delete(key);
  const found = known ?? api.picture(doc, page, width, password).then((blob) => URL.createObjectURL(blob));
  kept.set(key, found);
  found.catch(() => kept.delete(key));
  if (kept.size > KEPT) {
    const [oldest, address] = kept.entries().next().value;
    kept.delete(oldest);
    address.then(URL.revokeObjectURL, () => {});
  }
  return found;
}
