// Who leaves a field by a click has left it when the click is over: what is then said beside it moves what is below it,
// and a click that ends on something else than it began on is none. Not for fields that take what is typed when they
// are left.

let isPressed = false;
addEventListener(
  "mousedown",
  ({ button }) => {
    // Where the menu of the other one opens, nobody hears it go up.
    isPressed = button === 0;
  },
  true,
);
for (const end of ["mouseup", "dragend"]) {
  addEventListener(
    end,
    () => {
      isPressed = false;
    },
    true,
  );
}

/** For what is around the fields, where they are drawn here. */
export const leftAfterClick = { onBlurCapture: leavesLater, onFocusOutCapture: leavesLater };

/** The same where others draw them; ends with the signal. */
export function leaveAfterClick(container: HTMLElement, signal: AbortSignal): void {
  for (const type of ["blur", "focusout"] as const) {
    container.addEventListener(type, leavesLater, { capture: true, signal });
  }
}

function leavesLater(event: FocusEvent): void {
  if (!event.isTrusted || !isPressed) return;
  event.stopImmediatePropagation();
  const { type, target, relatedTarget, bubbles } = event;
  const field = target as HTMLElement;
  afterClick(() => {
    const isLeft = field.isConnected && field !== document.activeElement;
    if (isLeft) field.dispatchEvent(new FocusEvent(type, { relatedTarget, bubbles }));
  });
}

function afterClick(then: () => void): void {
  const over = new AbortController();
  const ends = () => {
    over.abort();
    setTimeout(then);
  };
  for (const end of ["mouseup", "dragend"]) addEventListener(end, ends, { signal: over.signal, capture: true });
}
