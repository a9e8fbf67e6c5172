// The address: a place on a page has one, which opens it again, here and for whoever it is sent to.

import * as api from "./api.js";
import { t } from "./messages.js";
import { link } from "./places.js";

/** Keep the address in step with the place that is shown. */
export function moved(place, { closed }) {
  const address = place ? link(place) : "/";
  if (address === location.pathname + location.search) return;
  if (place && closed && !history.state?.page) history.pushState({ page: true }, "", address);
  else history.replaceState(place ? { page: true } : null, "", address);
}

/** A piece of the address; as it is where it is no encoding of anything. */
function plain(piece) {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

/** The place that the address names, null if it names none. Boxes and words are asked of the server. */
export async function named() {
  const query = new URLSearchParams(location.search);
  const byId = /^\/d\/([^/]+)$/.exec(location.pathname)?.[1];
  const [name, number] = /^\/([^/]+)\/(\d+)$/.exec(location.pathname)?.slice(1).map(plain) ?? [];
  if (!byId && !name) return null;
  const doc = byId ? plain(byId) : query.get("id") || name;
  const page = Math.max(1, Number(byId ? query.get("page") : number) || 1);
  const [start, end] = query.get("at")?.split("-") ?? [query.get("start"), query.get("end")];
  const place = { document: { id: doc, name: name ?? t("this_document") }, page };
  try {
    const found = await api.document_(doc);
    Object.assign(place, { document: { id: found.id, name: found.name }, pages: found.pages });
    if (/^\d+$/.test(start ?? "") && /^\d+$/.test(end ?? "")) {
      Object.assign(place, await api.boxes(found.id, page, start, end), { start: Number(start), end: Number(end) });
    }
  } catch {
    return place; // the page says what is missing when it is to be shown
  }
  return place;
}
