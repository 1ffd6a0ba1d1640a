// The form a process is started with.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { command, newKey, Problem } from "../api/calls.ts";
import { startForm, toStart } from "../api/paths.ts";
import type { FormField, Values } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { leftAfterClick } from "../parts/left_after_click.ts";
import { explain } from "../state/commands.ts";
import { closeDialog } from "../state/dialogs.ts";
import { goTo } from "../state/place.ts";
import { recentStarts, remember } from "../state/preferences.ts";
import { toast } from "../state/toasts.ts";
import { Drawn, useSchema } from "../task/drawn.tsx";
import { accepted, beginning, variablesOf } from "../task/drawn_schema.ts";
import { type Errors, Field, initial, type Typed, valuesOf } from "../task/fields.tsx";
import { errorsOf } from "../task/form.tsx";
import { leaveTyped } from "../task/form_focus.ts";
import type { Viewer } from "../task/viewing.ts";
import { t } from "../words/words.ts";
import { type Definition, refOf } from "./definitions.ts";

const REFERENCE = "businessKey";

export function Fill({ definition, back }: { definition: Definition; back: () => void }) {
  const fields = definition.formFields ?? [];
  const [typed, setTyped] = useState<Typed>({});
  const [errors, setErrors] = useState<Errors>({});
  const [refused, setRefused] = useState("");
  const [reference, setReference] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const read = useSchema(definition.formRef, startForm(definition.application, definition.key));
  const [failed, setFailed] = useState(false);
  const schema = failed ? "none" : read;
  // One for all attempts: where an answer was lost, a second one starts nothing.
  const attempt = useRef(newKey());
  const name = definition.name ?? definition.key;
  const valueIn = (field: FormField) => typed[field.id] ?? initial(field);
  useEffect(() => {
    if (schema === "none") focusFirst(form.current);
  }, [schema === "none"]);
  useEffect(() => {
    if (Object.keys(errors).length) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);
  // Null while it cannot be sent.
  const filled = (): Values | null => {
    if (schema === "none") return valuesOf(fields, Object.fromEntries(fields.map((one) => [one.id, valueIn(one)])));
    const found = viewer.current?.submit();
    const [wrong] = Object.keys(found?.wrong ?? {});
    if (wrong) viewer.current!.focus(wrong);
    return found && !wrong ? accepted(found.values, fields) : null;
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    if (viewer.current) await leaveTyped();
    const variables = filled();
    if (!variables) return setBusy(false);
    setRefused("");
    setErrors({});
    try {
      const body = { variables, businessKey: reference || null };
      await command(toStart(definition.application, definition.key), body, attempt.current);
      remember(recentStarts, refOf(definition));
      closeDialog();
      toast(t("start.done", { name }), "good", { label: "start.see", run: () => goTo("requests") });
    } catch (error) {
      const found = error instanceof Problem && error.document.errors ? errorsOf(error) : {};
      const shown = new Set([...(schema === "none" ? fields.map((field) => field.id) : []), REFERENCE]);
      setErrors(found);
      const elsewhere = Object.entries(viewer.current?.refuse(found).rest ?? found).filter(
        ([name]) => !shown.has(name),
      );
      if (!Object.keys(found).length) setRefused(explain(error));
      else setRefused(elsewhere.map(([field, message]) => `${field}: ${message}`).join(" "));
      if (error instanceof Problem) attempt.current = newKey();
      setBusy(false);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    form.current?.requestSubmit();
  };
  return (
    <Dialog title={name} close={closeDialog} kind="start">
      {definition.description && (
        <p class="quiet" dir="auto">
          {definition.description}
        </p>
      )}
      <div class="start-form" onKeyDownCapture={press}>
        {schema !== null && schema !== "none" && (
          <Drawn
            schema={schema}
            data={beginning(variablesOf(schema, fields), {})}
            locked={false}
            viewer={viewer}
            changed={() => {}}
            wrong={() => {}}
            ready={focusFirst}
            failed={() => setFailed(true)}
          />
        )}
        <form ref={form} class="start-form" noValidate {...leftAfterClick} onSubmit={submit}>
          {refused && (
            <p class="field-error" role="alert" dir="auto">
              {refused}
            </p>
          )}
          {schema === "none" &&
            fields.map((field) => (
              <Field
                key={field.id}
                field={field}
                value={valueIn(field)}
                error={errors[field.id]}
                change={(value) => setTyped((before) => ({ ...before, [field.id]: value }))}
              />
            ))}
          <Reference value={reference} change={setReference} error={errors[REFERENCE]} />
          <p class="actions">
            <button
              type="submit"
              class="primary"
              disabled={busy}
              aria-keyshortcuts="Control+Enter"
              onMouseDown={(event) => viewer.current && event.preventDefault()}
            >
              {t("start.start")}
            </button>
            <button type="button" onClick={back}>
              {t("back")}
            </button>
            <span class="quiet start-hint">{t("start.hint")}</span>
          </p>
        </form>
      </div>
    </Dialog>
  );
}

const focusFirst = (form: HTMLElement | null) => form?.querySelector<HTMLElement>("input, select, textarea")?.focus();

function Reference({ value, change, error }: { value: string; change: (text: string) => void; error?: string }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("start.reference")}</label>
      <input
        id={id}
        autocomplete="off"
        dir="auto"
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-hint`}
        value={value}
        onInput={(event) => change(event.currentTarget.value)}
      />
      {error && <p class="field-error">{t("field.error", { message: error })}</p>}
      <p class="quiet" id={`${id}-hint`}>
        {t("start.reference_hint")}
      </p>
    </div>
  );
}
