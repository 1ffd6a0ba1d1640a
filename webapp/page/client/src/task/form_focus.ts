// Where the focus goes in a form.

const CONTROLS = "input, select, textarea";

export function focusField(form: HTMLElement, id: string): void {
  const field = form.querySelector(`[data-field="${CSS.escape(id)}"]`);
  (field?.querySelector<HTMLElement>(":checked") ?? field?.querySelector<HTMLElement>(CONTROLS))?.focus();
}

export const focusWrong = (form: HTMLElement): void => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();

/** Fields in which something stands that the browser cannot read as what it should be. */
export const badInputIn = (form: HTMLElement | null): string[] =>
  [...(form?.querySelectorAll<HTMLInputElement>("[data-field] input") ?? [])]
    .filter((input) => input.validity.badInput)
    .map((input) => input.closest<HTMLElement>("[data-field]")!.dataset.field!);

export function toNextField(form: HTMLElement, from: HTMLElement): void {
  const field = from.closest("[data-field]");
  const all = [...form.querySelectorAll<HTMLElement>("[data-field]")].filter((one) => one.querySelector(":enabled"));
  const next = all[all.indexOf(field as HTMLElement) + 1];
  if (next) focusField(form, next.dataset.field!);
  else form.querySelector<HTMLElement>("[type=submit]")?.focus();
}

/** The same where fields are drawn by others: every control is one. */
export function toNextControl(form: HTMLElement, from: HTMLElement): void {
  const controls = "input:enabled:not([readonly]), select:enabled, textarea:enabled";
  const all = [...form.querySelectorAll<HTMLElement>(controls)].filter((one) => one.tabIndex >= 0);
  const next = all[all.indexOf(from) + 1];
  (next ?? form.parentElement?.querySelector<HTMLElement>(".actions .primary"))?.focus();
}

const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/** When what is being typed has been left and read: form-js reads a date two frames later. */
export async function leaveTyped(): Promise<void> {
  const typing = document.activeElement;
  if (typing instanceof HTMLElement && typing.closest(".drawn-form")) typing.blur();
  await painted();
  await painted();
}

/** After an action what had the focus may be gone: then it goes where one goes on. */
export async function keepFocus(): Promise<void> {
  await painted();
  const now = document.activeElement;
  if (now && now !== document.body) return;
  const pane = document.getElementById("pane");
  const places = [".task-form [data-field] :enabled:not([readonly])", ".task-form .actions .primary:enabled"];
  const [next] = [...places, ".task-actions .primary"].flatMap((one) => pane?.querySelector<HTMLElement>(one) ?? []);
  (next ?? pane)?.focus();
}
