// News waits while the reader is further down or chooses rows; another list begins at its top.
import { effect, signal } from "@preact/signals";
import { list } from "../state/lists.ts";
import { opened } from "../state/place.ts";
import { chosen } from "../state/selection.ts";
import { wanted } from "./focus.ts";
import { isNarrow } from "./layout.ts";

const A_LITTLE = 24;

const isScrolled = signal(false);
const rows = () => document.querySelector<HTMLElement>(".of-tasks .rows");

/** Follows it; the answer stops it. */
export function followScroll(): () => void {
  const look = () => {
    const own = rows();
    // Behind an open task the list stays as it was left.
    if (!own || own.offsetParent === null) return;
    isScrolled.value = own.scrollTop > A_LITTLE || own.getBoundingClientRect().top < -A_LITTLE;
  };
  document.addEventListener("scroll", look, { capture: true, passive: true });
  const stops = [
    effect(() => {
      // Named first: both are followed.
      const chooses = chosen.value.size > 0;
      list.holds = isScrolled.value || chooses;
    }),
    effect(() => {
      void list.round.value;
      isScrolled.value = false;
      rows()?.scrollTo(0, 0);
    }),
    followReturn(),
  ];
  return () => {
    document.removeEventListener("scroll", look, { capture: true });
    for (const stop of stops) stop();
  };
}

// On a telephone a task covers the list: who goes back is where they were.
function followReturn(): () => void {
  let left: number | null = null;
  return effect(() => {
    const isOpen = opened.value !== null;
    if (!isNarrow.peek()) left = null;
    else if (isOpen && left === null) {
      left = window.scrollY;
      requestAnimationFrame(() => scrollTo(0, 0));
    } else if (!isOpen && left !== null && wanted.peek() === null) {
      const top = left;
      left = null;
      requestAnimationFrame(() => scrollTo(0, top));
    }
  });
}
