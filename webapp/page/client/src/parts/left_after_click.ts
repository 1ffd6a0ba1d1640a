// Who leaves a field by a click has left it when the click is over: what is then said beside it moves what is below it,
// and a click that ends on something else than it began on is none.

/** For what is around the fields. */
export const leftAfterClick = {
  onBlurCapture: (event: FocusEvent) => leavesLater(event),
  onFocusOutCapture: (event: FocusEvent) => leavesLater(event),
};

function leavesLater(event: FocusEvent): void {
  const isDown = document.documentElement.matches(":active");
  if (!event.isTrusted || !isDown) return;
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
