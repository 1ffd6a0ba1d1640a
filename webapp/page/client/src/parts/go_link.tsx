// A link within the page: no loading anew, and still a link to copy or open in another tab.
import type { ComponentChildren } from "preact";
import { go, type Place, readPlace, type Tab, writePlace } from "../state/place.ts";
import "./go_link.css";

interface Given {
  to: Tab;
  changes?: Partial<Place>;
  children: ComponentChildren;
  class?: string;
}

export function GoLink({ to, changes = {}, children, class: kind = "go-link" }: Given) {
  const place = { ...readPlace(""), ...changes, tab: to };
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(place);
  };
  return (
    <a href={writePlace(place)} onClick={follow} class={kind} dir="auto">
      {children}
    </a>
  );
}
