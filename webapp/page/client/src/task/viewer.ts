// Draws a form with form-js: fetched when the first one is shown.
import { Form } from "@bpmn-io/form-js-viewer";
import type { Json, Values } from "../api/shapes.ts";
import { isSame } from "./form_values.ts";
import { translate } from "./viewer_words.ts";
import type { Told, Viewer, Wrong } from "./viewing.ts";

interface Component {
  id: string;
  key?: string;
  label?: string;
}
interface Instance {
  id: string;
  valuePath: (string | number)[];
}
interface State {
  data: Values | null;
  errors: { [component: string]: Json };
}
interface Validator {
  validateFieldInstance(instance: Instance, value: Json): string[];
}
interface Registry {
  get(id: string): Component | undefined;
  getAll(): Component[];
}

export class FormViewer implements Viewer {
  private readonly form: Form;
  private readonly container: HTMLElement;
  private readonly told: Told;
  /** What it was given, and what was filled in since. */
  private held: Values = {};
  private known: Values = {};
  private importing = false;
  private refused = new Map<string, { value: Json; message: string }>();

  constructor(container: HTMLElement, told: Told) {
    this.container = container;
    this.told = told;
    const options = { container, debounce: false, additionalModules: [{ translate: ["value", translate] }] };
    this.form = new Form(options);
    const validator = this.form.get<Validator>("validator");
    const judged = validator.validateFieldInstance.bind(validator);
    validator.validateFieldInstance = (instance, value) => {
      const said = judged(instance, value);
      const refusal = this.refused.get(String(instance.valuePath[0]));
      return !said.length && refusal && isSame(refusal.value, value) ? [refusal.message] : said;
    };
    this.form.on("changed", (state: State) => this.changed(state));
  }

  async show(schema: object, data: Values): Promise<void> {
    this.held = data;
    await this.take(() => this.form.importSchema(schema, data));
  }

  async hold(schema: object, data: Values): Promise<void> {
    const names = new Set([...Object.keys(data), ...Object.keys(this.held)]);
    if ([...names].every((name) => isSame(data[name], this.held[name]))) return;
    const at = document.activeElement;
    const focused = at && this.container.contains(at) ? at.id : "";
    await this.show(schema, data);
    const again = focused && document.activeElement?.id !== focused ? document.getElementById(focused) : null;
    again?.focus();
  }

  lock(isLocked: boolean): void {
    this.form.setProperty("readOnly", isLocked);
  }

  submit(): { values: Values; wrong: Wrong } {
    const { data, errors } = this.form.submit();
    return { values: data, wrong: flat(errors) };
  }

  refuse(said: Wrong): { wrong: Wrong; rest: Wrong } {
    const { data } = this.state;
    const shown = new Set(
      this.form
        .get<Registry>("formFieldRegistry")
        .getAll()
        .map(({ key }) => key?.split(".")[0]),
    );
    const here = Object.entries(said).filter(([name]) => shown.has(name));
    this.refused = new Map(here.map(([name, message]) => [name, { value: data?.[name] ?? null, message }]));
    const rest = Object.entries(said).filter(([name]) => !shown.has(name));
    return { wrong: flat(this.form.validate()), rest: Object.fromEntries(rest) };
  }

  labelOf(component: string): string | undefined {
    const found = this.form.get<Registry>("formFieldRegistry").get(component);
    return found && (found.label || found.key);
  }

  focus(component: string): void {
    const begins = `fjs-form-${this.form._id}-${component}`;
    const label = this.container.querySelector<HTMLElement>(`[id^="${CSS.escape(begins)}"]`);
    const field = label?.closest(".fjs-form-field") ?? label;
    (label?.matches(CONTROLS) ? label : field?.querySelector<HTMLElement>(CONTROLS))?.focus();
  }

  destroy(): void {
    this.form.destroy();
  }

  private get state(): State {
    return this.form._getState() as State;
  }

  private async take(importing: () => Promise<unknown>): Promise<void> {
    this.importing = true;
    try {
      await importing();
    } finally {
      this.importing = false;
    }
    this.known = structuredClone(this.state.data ?? {});
  }

  private changed({ data, errors }: State): void {
    if (this.importing || !data) return;
    this.told.wrong(flat(errors));
    for (const [name, value] of Object.entries(data)) {
      if (isSame(value as Json, this.known[name])) continue;
      this.known[name] = structuredClone(value);
      this.held = { ...this.held, [name]: this.known[name]! };
      this.told.changed(name, this.known[name]!);
    }
  }
}

const CONTROLS = "input, select, textarea, button";

/** What repeats is one. */
function flat(errors: { [component: string]: unknown }): Wrong {
  const first = (said: unknown): string | undefined =>
    typeof said === "string"
      ? said
      : Object.values(said ?? {})
          .map(first)
          .find(Boolean);
  const found = Object.entries(errors).map(([id, said]) => [id, first(said)] as const);
  return Object.fromEntries(found.filter((one): one is [string, string] => Boolean(one[1])));
}
