// Starting a process: choose it, fill its form.
import { useEffect, useRef, useState } from "preact/hooks";
import { call, command, Problem } from "../api/calls.ts";
import { toStart } from "../api/paths.ts";
import type { FormField } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { explain } from "../state/commands.ts";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { toast } from "../state/toasts.ts";
import { type Errors, Field, initial, type Typed, valuesOf } from "../task/fields.tsx";
import { errorsOf } from "../task/form.tsx";
import { t } from "../words/words.ts";

export interface Definition {
  id: string;
  application: string;
  key: string;
  name: string | null;
  description: string | null;
  formFields: FormField[] | null;
}

export const openStart = () => openDialog(() => <Start />);

function Start() {
  const [all, setAll] = useState<Definition[] | null>(null);
  const [one, choose] = useState<Definition | null>(null);
  useEffect(() => {
    call<{ items: Definition[] }>("/process-definitions").then(
      ({ body }) => setAll(body.items),
      (error) => toast(explain(error), "error"),
    );
  }, []);
  if (one) return <Fill definition={one} back={() => choose(null)} />;
  return (
    <Dialog title={t("start.open")} close={closeDialog}>
      {all?.length === 0 && <p>{t("start.none")}</p>}
      <ul class="choices-list">
        {(all ?? []).map((definition) => (
          <li key={definition.id}>
            <button type="button" onClick={() => choose(definition)}>
              <b dir="auto">{definition.name ?? definition.key}</b>
              <span class="quiet" dir="auto">
                {definition.description ?? definition.application}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="actions">
        <button type="button" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}

function Fill({ definition, back }: { definition: Definition; back: () => void }) {
  const fields = definition.formFields ?? [];
  const [typed, setTyped] = useState<Typed>({});
  const [errors, setErrors] = useState<Errors>({});
  const [reference, setReference] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const name = definition.name ?? definition.key;
  const valueIn = (field: FormField) => typed[field.id] ?? initial(field);
  useEffect(() => form.current?.querySelector<HTMLElement>("input, select, textarea")?.focus(), []);
  useEffect(() => {
    if (Object.keys(errors).length) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const variables = valuesOf(fields, Object.fromEntries(fields.map((field) => [field.id, valueIn(field)])));
    try {
      await command(toStart(definition.application, definition.key), { variables, businessKey: reference || null });
      closeDialog();
      toast(t("start.done", { name }), "good");
    } catch (error) {
      if (error instanceof Problem && error.document.errors) setErrors(errorsOf(error));
      else toast(explain(error), "error");
      setBusy(false);
    }
  };
  return (
    <Dialog title={name} close={closeDialog}>
      {definition.description && (
        <p class="quiet" dir="auto">
          {definition.description}
        </p>
      )}
      <form ref={form} class="start-form" noValidate onSubmit={submit}>
        {fields.map((field) => (
          <Field
            key={field.id}
            field={field}
            value={valueIn(field)}
            error={errors[field.id]}
            change={(value) => setTyped((before) => ({ ...before, [field.id]: value }))}
          />
        ))}
        <div class="field">
          <label for="business-key">{t("start.reference")}</label>
          <input
            id="business-key"
            autocomplete="off"
            dir="auto"
            value={reference}
            onInput={(event) => setReference(event.currentTarget.value)}
          />
          <p class="quiet">{t("start.reference_hint")}</p>
        </div>
        <p class="actions">
          <button type="submit" class="primary" disabled={busy}>
            {t("start.start")}
          </button>
          <button type="button" onClick={back}>
            {t("back")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
