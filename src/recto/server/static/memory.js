// What outlives a reload of this tab, where the browser allows it; in a frame of another site it often does not.

const PREFIX = "recto.";

export function get(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keep a value. False if the browser does not: denied, or full. */
export function set(name, value) {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
