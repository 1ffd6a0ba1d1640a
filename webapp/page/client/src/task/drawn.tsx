// A form as its modeller drew it.
import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import type { FormReference, Json, Values } from "../api/shapes.ts";
import type { Schema } from "./drawn_schema.ts";
import { toNextControl } from "./form_focus.ts";
import { type Viewer, viewerFor, type Wrong } from "./viewing.ts";

/** The form that is named; `null` until it is there, "none" where there is none to draw. */
export function useSchema(reference: FormReference | null, path: string): Schema | null | "none" {
  const [found, setFound] = useState<Schema | null | "none">(reference ? null : "none");
  useEffect(() => {
    if (!reference) return setFound("none");
    const stop = new AbortController();
    // Who cannot draw it fills in its fields.
    const read = async () => {
      const { body } = await call<{ schema: Schema }>(path, { signal: stop.signal });
      await viewerFor(body.schema);
      if (!stop.signal.aborted) setFound(body.schema);
    };
    read().catch(() => stop.signal.aborted || setFound("none"));
    return () => stop.abort();
  }, [path, reference?.key, reference?.version]);
  return found;
}

interface Given {
  schema: Schema;
  data: Values;
  locked: boolean;
  viewer: { current: Viewer | null };
  changed: (name: string, value: Json) => void;
  wrong: (wrong: Wrong) => void;
  ready?: (container: HTMLElement) => void;
  failed: () => void;
}

export function Drawn(given: Given) {
  const { schema, data, locked, viewer } = given;
  const container = useRef<HTMLDivElement>(null);
  // What is told later concerns the present.
  const latest = useRef(given);
  latest.current = given;
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  useEffect(() => {
    let made: Viewer | null = null;
    let gone = false;
    const draw = async () => {
      const Made = await viewerFor(schema);
      if (gone) return;
      made = new Made(container.current!, {
        changed: (name, value) => latest.current.changed(name, value),
        wrong: (wrong) => latest.current.wrong(wrong),
        failed: () => latest.current.failed(),
      });
      made.lock(latest.current.locked);
      await made.show(schema, latest.current.data);
      viewer.current = made;
      latest.current.ready?.(container.current!);
    };
    turn.current = draw().catch(() => gone || latest.current.failed());
    return () => {
      gone = true;
      viewer.current = null;
      made?.destroy();
    };
  }, [schema]);
  useEffect(() => {
    turn.current = turn.current.then(() => viewer.current?.hold(schema, latest.current.data));
  }, [JSON.stringify(data)]);
  useEffect(() => {
    turn.current = turn.current.then(() => viewer.current?.lock(latest.current.locked));
  }, [locked]);
  const pressed = (event: KeyboardEvent) => {
    // What form-js makes up itself, as for a date that is left, is no key that somebody pressed.
    if (!event.isTrusted || event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (!(event.target instanceof HTMLInputElement)) return;
    // Enter in a field is no way to complete by mistake: it goes on to the next.
    event.preventDefault();
    toNextControl(container.current!, event.target);
  };
  // biome-ignore lint/a11y/noStaticElementInteractions: keys of the controls within
  return <div ref={container} class="drawn-form" onKeyDown={pressed} />;
}
