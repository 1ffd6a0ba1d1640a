// Draws a form of a JSON Schema with react-jsonschema-form: fetched when the first one is shown.

import Form from "@rjsf/core/lib/components/Form.js";
import type { ErrorSchema, ValidatorType } from "@rjsf/utils";
import { Component, type ComponentChildren, render } from "preact";
import type { Json, Values } from "../api/shapes.ts";
import { leaveAfterClick } from "../parts/left_after_click.ts";
import { t } from "../words/words.ts";
import type { Schema } from "./drawn_schema.ts";
import { isSame } from "./form_values.ts";
import { NOTHING_MADE_UP } from "./schema_defaults.ts";
import { treeOf } from "./schema_errors.ts";
import { SchemaJudge } from "./schema_judge.ts";
import { type Part, propertiesOf, withTypes } from "./schema_parts.ts";
import { templates, widgets } from "./schema_templates.tsx";
import { translate } from "./schema_words.ts";
import { sentenceOf } from "./sentences.ts";
import type { Told, Viewer, Wrong } from "./viewing.ts";

let drawn = 0;

export class SchemaViewer implements Viewer {
  private readonly container: HTMLElement;
  private readonly told: Told;
  private readonly prefix: string;
  private readonly gone = new AbortController();
  private judge!: SchemaJudge;
  private form!: { schema: Part; uiSchema: Part; validator: ValidatorType };
  private names: string[] = [];
  /** What it was given, with what was filled in since and without, what is filled in, and what of that was told. */
  private held: Values = {};
  private given: Values = {};
  private data: Values = {};
  private known: Values = {};
  private isLocked = false;
  /** What is wrong is said of what was changed and left, and of everything once it was to be sent. */
  private readonly changed = new Set<string>();
  private readonly left = new Set<string>();
  private wasSent = false;
  private refused = new Map<string, { value: Json | undefined; message: string }>();

  constructor(container: HTMLElement, told: Told) {
    this.container = container;
    this.told = told;
    drawn += 1;
    this.prefix = `schema-form-${drawn}`;
    // A wheel over a number would change it unseen.
    container.addEventListener("wheel", ({ target }) => target instanceof HTMLInputElement && target.blur(), {
      passive: true,
    });
    leaveAfterClick(container, this.gone.signal);
  }

  async show(schema: Schema, data: Values): Promise<void> {
    this.judge = new SchemaJudge(schema as Part);
    // What only the process knows is no part of the form: it would be drawn as one more property.
    const { additionalProperties: _, ...root } = this.judge.root;
    const uiSchema = { ...((schema.uiSchema as Part) ?? {}), "ui:submitButtonOptions": { norender: true } };
    this.form = { schema: withTypes(root) as Part, uiSchema, validator: validatorOf(this.judge) };
    this.names = [...propertiesOf(this.judge.root).keys()];
    this.take(data);
  }

  async hold(_: Schema, data: Values): Promise<void> {
    const names = new Set([...Object.keys(data), ...Object.keys(this.held)]);
    if (![...names].every((name) => isSame(data[name], this.held[name]))) this.take(data);
  }

  lock(isLocked: boolean): void {
    this.isLocked = isLocked;
    if (this.names.length) this.draw();
  }

  submit(): { values: Values; wrong: Wrong } {
    this.wasSent = true;
    return { values: this.values, wrong: this.draw() };
  }

  refuse(said: Wrong): { wrong: Wrong; rest: Wrong } {
    const values = this.values;
    const here = Object.entries(said).filter(([path]) => this.fieldOf(path));
    this.refused = new Map(here.map(([path, message]) => [path, { value: at(values, path), message }]));
    const rest = Object.entries(said).filter(([path]) => !this.fieldOf(path));
    return { wrong: this.draw(), rest: Object.fromEntries(rest) };
  }

  labelOf(path: string): string | undefined {
    return this.fieldOf(path)?.dataset.label;
  }

  focus(path: string): void {
    const field = this.fieldOf(path);
    const named = document.getElementById(this.idOf(path));
    const within = field?.querySelector<HTMLElement>(":checked") ?? field?.querySelector<HTMLElement>(CONTROLS);
    (named?.matches(CONTROLS) ? named : within)?.focus();
  }

  destroy(): void {
    this.gone.abort();
    render(null, this.container);
  }

  private take(data: Values): void {
    this.held = data;
    const asked = this.names.filter((name) => data[name] !== undefined);
    this.given = this.judge.pruned(Object.fromEntries(asked.map((name) => [name, data[name]!])));
    this.data = this.given;
    this.draw();
    this.known = structuredClone(this.data);
  }

  /** Draws it as it is now, with what is wrong beside the fields, and tells that. */
  private draw(): Wrong {
    const wrong = this.wrong();
    render(
      <Guard failed={this.told.failed}>
        <Form
          {...(this.form as { schema: object; validator: ValidatorType })}
          tagName="div"
          idPrefix={this.prefix}
          idSeparator="."
          formData={this.data}
          extraErrors={treeOf(wrong) as ErrorSchema}
          readonly={this.isLocked}
          templates={templates as never}
          widgets={widgets as never}
          translateString={translate}
          experimental_defaultFormStateBehavior={NOTHING_MADE_UP}
          showErrorList={false}
          noHtml5Validate
          noValidate
          onChange={({ formData }, id) => this.change(formData ?? {}, id)}
          onBlur={(id) => this.leave(id)}
        />
      </Guard>,
      this.container,
    );
    this.told.wrong(wrong);
    return wrong;
  }

  private change(data: Values, id: string | undefined): void {
    this.data = data;
    // What the schema itself begins with, nobody has typed.
    if (id === undefined) {
      this.known = structuredClone(data);
      return;
    }
    // One of several is chosen for the field itself.
    this.changed.add(id.replace(/__(any|one)of_select$/, ""));
    for (const name of this.names) {
      if (isSame(data[name], this.known[name])) continue;
      const value = structuredClone(data[name]) ?? null;
      this.known[name] = value;
      this.held = { ...this.held, [name]: value };
      this.told.changed(name, value);
    }
    queueMicrotask(() => this.draw());
  }

  private leave(id: string): void {
    // Who only passes by is not told off.
    if (!this.changed.has(id) || this.left.has(id)) return;
    this.left.add(id);
    queueMicrotask(() => this.draw());
  }

  private get values(): Values {
    return this.judge.pruned(this.data, (path) => this.isTouched(path.join(".")));
  }

  /** Whether somebody has filled in something there, here or before. */
  private isTouched(path: string): boolean {
    const within = `${this.idOf(path)}.`;
    return at(this.given, path) !== undefined || [...this.changed].some((id) => `${id}.`.startsWith(within));
  }

  private wrong(): Wrong {
    const values = this.values;
    const found = [...this.judge.wrong(values)].map(([path, wrong]) => [path, sentenceOf(wrong)] as const);
    const unread = this.unread.map((path) => [path, t("wrong.unread")] as const);
    const said = [...found, ...unread].filter(([path]) => this.wasSent || this.left.has(this.idOf(path)));
    const refused = [...this.refused].filter(([path, { value }]) => isSame(at(values, path), value));
    const places = [...this.container.querySelectorAll<HTMLElement>("[data-path]")].map((one) => one.dataset.path);
    const all = [...refused.map(([path, { message }]) => [path, message] as const), ...said];
    // As one goes through the form: the first is where one goes to.
    const placed = all.map(([path, message]) => [places.indexOf(this.idOf(path)), path, message] as const);
    return Object.fromEntries(placed.sort(([one], [other]) => one - other).map(([, path, message]) => [path, message]));
  }

  /** Where something stands that the browser cannot read as what it should be. */
  private get unread(): string[] {
    const bad = [...this.container.querySelectorAll("input")].filter((input) => input.validity.badInput);
    return bad.map((input) => input.id.slice(this.prefix.length + 1));
  }

  private readonly idOf = (path: string): string => `${this.prefix}.${path}`;

  private fieldOf(path: string): HTMLElement | null {
    return path ? this.container.querySelector<HTMLElement>(`[data-path="${CSS.escape(this.idOf(path))}"]`) : null;
  }
}

const CONTROLS = "input, select, textarea, button";

// What cannot be drawn is left to who has fields for it.
class Guard extends Component<{ failed: () => void; children: ComponentChildren }> {
  override componentDidCatch(): void {
    this.props.failed();
  }

  override render() {
    return this.props.children;
  }
}

const validatorOf = (judge: SchemaJudge): ValidatorType => ({
  isValid: (part, value) => judge.fits(part as Json, value),
  // Everything that is wrong is given to the form, from us and from the engine.
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: () => ({ errors: [] }),
});

const at = (values: Values, path: string): Json | undefined =>
  path.split(".").reduce<Json | undefined>((value, name) => (value as Values | undefined)?.[name], values);
