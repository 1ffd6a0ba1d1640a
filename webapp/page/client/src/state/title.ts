// What the browser's tab says: what is shown, and how many of one's own tasks are late.
import { effect, signal } from "@preact/signals";
import { overdue } from "./counts.ts";

/** What is shown, as its heading says it. */
export const pageTitle = signal("");

const MOST = 9;
const icon = () => document.querySelector<HTMLLinkElement>('link[rel="icon"]');

export function followTitle(): void {
  const plain = icon()?.href ?? "";
  let mark: Promise<string> | undefined;
  effect(() => {
    if (!pageTitle.value) return;
    const late = overdue.value ? `(${overdue.value}) ` : "";
    document.title = `${late}${pageTitle.value} · Taskpool`;
  });
  effect(() => {
    const late = overdue.value;
    const link = icon();
    if (!link) return;
    if (!late) {
      if (link.href !== plain) link.href = plain;
      return;
    }
    mark ??= fetch(plain).then((answer) => answer.text());
    mark.then(
      (drawing) => {
        if (overdue.peek() === late) link.href = withNumber(drawing, late);
      },
      () => {
        mark = undefined;
      },
    );
  });
}

// The page's mark with a number at its corner.
function withNumber(drawing: string, number: number): string {
  const text = number > MOST ? `${MOST}+` : String(number);
  const dot =
    '<circle cx="22" cy="22" r="10" fill="#b3261e" stroke="#fff" stroke-width="1.5"/>' +
    `<text x="22" y="26.4" font-family="sans-serif" font-size="${text.length > 1 ? 10.5 : 13}" font-weight="700" fill="#fff" text-anchor="middle">${text}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing.replace("</svg>", `${dot}</svg>`))}`;
}
