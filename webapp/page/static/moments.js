// Times as people say them, with the exact time on hover.
import { element } from "./element.js";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const STEPS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "just now";
}

export const exact = (iso) => absolute.format(new Date(iso));
export const isPast = (iso) => new Date(iso) < new Date();

export function moment(iso, before = "") {
  return element("time", { datetime: iso, title: exact(iso), "data-before": before }, before + ago(iso));
}

export function keepFresh() {
  setInterval(() => {
    for (const shown of document.querySelectorAll("time[datetime]")) {
      shown.textContent = (shown.dataset.before ?? "") + ago(shown.dateTime);
    }
  }, 30000);
}
