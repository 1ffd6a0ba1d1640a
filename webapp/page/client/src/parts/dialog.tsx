// A dialog of the browser's own: keeps the focus, closes with Escape, gives the focus back.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { dialog } from "../state/dialogs.ts";

interface Given {
  title: string;
  close: () => void;
  children: ComponentChildren;
  kind?: string;
  /** It begins with what it says, and not with a field or a button. */
  isRead?: boolean;
}

export function Dialog({ title, close, children, kind = "", isRead = false }: Given) {
  const own = useRef<HTMLDialogElement>(null);
  const id = useId();
  // At once: what is typed next is for the dialog, and no key of the list any more.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    own.current?.showModal();
    return () => before?.focus?.();
  }, []);
  // It hears that it was closed a moment later, when a key may have opened the next.
  const [mine] = useState(() => dialog.peek());
  const closed = () => {
    if (dialog.peek() === mine) close();
  };
  const outside = (event: MouseEvent) => event.target === own.current && close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it already
    <dialog ref={own} class={kind} aria-labelledby={id} onClose={closed} onClick={outside}>
      <div class="dialog-inner">
        <h2 id={id} {...(isRead ? { autofocus: true, tabIndex: -1 } : {})}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
