// The picture of an instance's process, with where it stands; fetched when it comes on the screen.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { call, Problem } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { t, type Word } from "../words/words.ts";
import type { Drawing, Mark } from "./drawing.ts";
import { useOnScreen } from "./on_screen.ts";
import type { Diagram as Read } from "./shapes.ts";
import "./diagram.css";

interface Given {
  /** The instance's id, here or its engine's. */
  instance: string;
  /** Another one is another picture. */
  definition: string | null;
  process: string | null;
  name: string;
  marks: Mark[];
  /** In a dialog of its own. */
  large?: boolean;
}

const MOVE = 40;
const LEGEND: [Mark["kind"], Word][] = [
  ["is-here", "drawn.waiting"],
  ["has-stopped", "drawn.incident"],
  ["is-own", "drawn.own"],
];

export function Diagram(given: Given) {
  const { instance, definition, process, name, marks, large } = given;
  const frame = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const [state, setState] = useState<"waits" | "drawn" | Word>("waits");
  const isSeen = useOnScreen(frame, true);
  // Where it stands may be known before the picture is, or after.
  const current = useRef(marks);
  current.current = marks;
  const keys = useId();
  useEffect(() => {
    if (!isSeen) return;
    const stop = new AbortController();
    let made: Drawing | null = null;
    setState("waits");
    draw(frame.current!, instance, process, stop.signal).then(
      (found) => {
        made = found;
        drawing.current = found;
        found.mark(current.current);
        setState("drawn");
      },
      (error) => stop.signal.aborted || setState(whyNot(error)),
    );
    return () => {
      stop.abort();
      drawing.current = null;
      made?.destroy();
    };
  }, [isSeen, instance, definition, process]);
  useEffect(() => drawing.current?.mark(marks), [JSON.stringify(marks)]);
  useSize(frame, drawing, state === "drawn", large === true);
  if (state !== "waits" && state !== "drawn") return <p class="quiet">{t(state as Word)}</p>;
  const shown = new Set(marks.map((one) => one.kind));
  return (
    <figure class={`diagram${large ? " large" : ""}`}>
      {/* biome-ignore lint/a11y/useSemanticElements: a group that is looked at, not a fieldset */}
      <div
        ref={frame}
        class="drawing"
        role="group"
        aria-label={t("drawn.label", { name })}
        aria-describedby={keys}
        aria-busy={state === "waits"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move what is drawn
        tabIndex={0}
        onClick={() => frame.current?.focus({ preventScroll: true })}
        onKeyDown={(event) => event.target === frame.current && drawing.current && pressed(event, drawing.current)}
      />
      <figcaption>
        {LEGEND.filter(([kind]) => shown.has(kind)).map(([kind, word]) => (
          <span key={kind} class={`legend ${kind}`}>
            {t(word)}
          </span>
        ))}
        <span id={keys} hidden>
          {t("drawn.keys")}
        </span>
        <span class="zooms">
          <Do word="drawn.smaller" sign="M3 8h10" run={() => drawing.current?.zoom(-1)} />
          <Do word="drawn.bigger" sign="M3 8h10M8 3v10" run={() => drawing.current?.zoom(1)} />
          <Do
            word="drawn.fit"
            sign="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"
            run={() => drawing.current?.fit()}
          />
          {!large && (
            <Do
              word="drawn.large"
              sign="M9 7l4.5-4.5M9.5 2.5h4v4M7 9l-4.5 4.5M6.5 13.5h-4v-4"
              run={() => openDialog(() => <Large {...given} />)}
            />
          )}
        </span>
      </figcaption>
    </figure>
  );
}

function Large(given: Given) {
  return (
    <Dialog title={given.name} close={closeDialog} kind="picture">
      <Diagram {...given} large />
      <p class="actions">
        <button type="button" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}

function Do({ word, sign, run }: { word: Word; sign: string; run: () => void }) {
  return (
    <button type="button" aria-label={t(word)} title={t(word)} onClick={run}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={sign} />
      </svg>
    </button>
  );
}

async function draw(frame: HTMLElement, instance: string, process: string | null, stop: AbortSignal): Promise<Drawing> {
  const [{ Drawing }, { body }] = await Promise.all([
    import("./drawing.ts"),
    call<Read>(ofInstance(instance, "diagram"), { signal: stop }),
    styled(),
  ]);
  stop.throwIfAborted();
  const made = new Drawing(frame);
  try {
    await made.show(body.xml, process);
    stop.throwIfAborted();
  } catch (error) {
    made.destroy();
    throw error;
  }
  return made;
}

let sheet: Promise<void> | undefined;

// The style of what is drawn, once; without it there is a picture all the same.
function styled(): Promise<void> {
  sheet ??= new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = "/static/built/drawn.css";
    link.onload = link.onerror = () => done();
    document.head.append(link);
  });
  return sheet;
}

function whyNot(error: unknown): Word {
  if (error instanceof Problem) return "drawn.away";
  return error instanceof Error && error.name === "NoPicture" ? "drawn.none" : "drawn.bad";
}

function pressed(event: KeyboardEvent, drawing: Drawing): void {
  const deeds: Record<string, () => void> = {
    "+": () => drawing.zoom(1),
    "=": () => drawing.zoom(1),
    "-": () => drawing.zoom(-1),
    "0": () => drawing.fit(),
    ArrowLeft: () => drawing.move(MOVE, 0),
    ArrowRight: () => drawing.move(-MOVE, 0),
    ArrowUp: () => drawing.move(0, MOVE),
    ArrowDown: () => drawing.move(0, -MOVE),
  };
  const deed = deeds[event.key];
  if (!deed || event.ctrlKey || event.metaKey || event.altKey) return;
  // The keys of the list mean something else.
  event.preventDefault();
  event.stopPropagation();
  deed();
}

// As high as all of it needs at this width.
function useSize(
  frame: { current: HTMLDivElement | null },
  drawing: { current: Drawing | null },
  isDrawn: boolean,
  large: boolean,
): void {
  useEffect(() => {
    const shown = frame.current;
    if (!isDrawn || !shown) return;
    let width = 0;
    const watch = new ResizeObserver(() => {
      if (!drawing.current || shown.clientWidth === width) return;
      width = shown.clientWidth;
      if (!large) shown.style.height = `${drawing.current.heightFor(width)}px`;
      drawing.current.fit();
    });
    watch.observe(shown);
    return () => watch.disconnect();
  }, [isDrawn, large]);
}
