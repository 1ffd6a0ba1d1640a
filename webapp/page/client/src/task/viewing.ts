// What draws a form, whoever does it: form-js, or react-jsonschema-form.
import type { Json, Values } from "../api/shapes.ts";
import { isJsonSchema, type Schema } from "./drawn_schema.ts";

/** What is wrong, by component: the id that form-js has given it, or the path of a value within a JSON Schema. */
export type Wrong = { [component: string]: string };

export interface Told {
  changed: (name: string, value: Json) => void;
  wrong: (wrong: Wrong) => void;
  failed: () => void;
}

export interface Viewer {
  /** Draws it with these values; raises what cannot be read. */
  show(schema: Schema, data: Values): Promise<void>;
  /** Shows these values instead, where they are others than it was given or than were filled in since. */
  hold(schema: Schema, data: Values): Promise<void>;
  lock(isLocked: boolean): void;
  /** What is filled in, without what is hidden, and what is wrong with it. */
  submit(): { values: Values; wrong: Wrong };
  /** Says beside the fields what the engine has said of them: what is wrong there now, and what has no place. */
  refuse(said: Wrong): { wrong: Wrong; rest: Wrong };
  labelOf(component: string): string | undefined;
  focus(component: string): void;
  destroy(): void;
}

/** Who draws this, fetched when the first of its kind is shown, and its style. */
export async function viewerFor(schema: Schema): Promise<new (container: HTMLElement, told: Told) => Viewer> {
  if (isJsonSchema(schema)) {
    const [{ SchemaViewer }] = await Promise.all([import("./schema_viewer.tsx"), styled("schema_form")]);
    return SchemaViewer;
  }
  const [{ FormViewer }] = await Promise.all([import("./viewer.ts"), styled("drawn_form")]);
  return FormViewer;
}

const sheets = new Map<string, Promise<void>>();

// The style of what is drawn, once; without it there is a form all the same.
function styled(name: string): Promise<void> {
  const sheet = sheets.get(name) ?? fetched(name);
  sheets.set(name, sheet);
  return sheet;
}

const fetched = (name: string) =>
  new Promise<void>((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = `/static/built/${name}.css`;
    link.onload = link.onerror = () => done();
    document.head.append(link);
  });
