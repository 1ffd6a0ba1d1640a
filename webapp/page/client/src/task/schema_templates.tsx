// How react-jsonschema-form draws: as our own fields are drawn.

import templatesOf from "@rjsf/core/lib/components/templates/index.js";
import widgetsOf from "@rjsf/core/lib/components/widgets/index.js";
import {
  type ArrayFieldItemTemplateProps,
  errorId,
  type FieldErrorProps,
  type FieldTemplateProps,
  type IconButtonProps,
  type MultiSchemaFieldTemplateProps,
  schemaRequiresTrueValue,
  type TitleFieldProps,
  type WidgetProps,
} from "@rjsf/utils";
import type { ComponentChildren, ComponentType, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t, type Word } from "../words/words.ts";

const plain = widgetsOf();
const { CheckboxWidget, RadioWidget } = plain as Record<string, ComponentType<WidgetProps>> as {
  [name in "CheckboxWidget" | "RadioWidget"]: ComponentType<WidgetProps>;
};

const Required = () => <span class="required"> {t("required")}</span>;

function Field(props: FieldTemplateProps) {
  const { id, label, children, errors, help, description, hidden, required, displayLabel, rawErrors, registry } = props;
  const { schema, formData } = props;
  const own = useRef<HTMLDivElement>(null);
  const isWrong = Boolean(rawErrors?.length);
  useEffect(() => tell(own.current, id, isWrong));
  const { WrapIfAdditionalTemplate: Wrap } = registry.templates;
  // What can be nothing else is not asked; a box that has to be ticked is.
  const isGiven = schema.const !== undefined && schema.const === formData && typeof formData !== "boolean";
  if (hidden || isGiven) return <div hidden>{children}</div>;
  return (
    <Wrap {...props}>
      <div ref={own} class="field" data-path={id} data-label={label}>
        {displayLabel && (
          <label id={`${id}__label`} for={id} dir="auto">
            {label}
            {required && <Required />}
          </label>
        )}
        {displayLabel && description}
        {children}
        {errors}
        {help}
      </div>
    </Wrap>
  );
}

// What the controls do not say by themselves: that they are wrong, and of several what they are called together.
function tell(field: HTMLElement | null, id: string, isWrong: boolean): void {
  const named = document.getElementById(id);
  if (!field || !named || !field.contains(named) || named.matches("fieldset")) return;
  const isGroup = !named.matches("input, select, textarea");
  if (isGroup) {
    if (!named.role) named.role = "group";
    if (document.getElementById(`${id}__label`)) named.setAttribute("aria-labelledby", `${id}__label`);
  }
  for (const control of isGroup ? named.querySelectorAll("input") : [named])
    control.setAttribute("aria-invalid", String(isWrong));
}

function Wrong({ errors = [], fieldPathId }: FieldErrorProps) {
  if (!errors.length) return null;
  return (
    <p class="field-error" id={errorId(fieldPathId)} dir="auto">
      {errors.join(" ")}
    </p>
  );
}

function Title({ id, title, required, optionalDataControl }: TitleFieldProps) {
  return (
    <legend id={id} dir="auto">
      {title}
      {required && <Required />}
      {optionalDataControl as ComponentChildren}
    </legend>
  );
}

function Entry({ children, buttonsProps, hasToolbar, index }: ArrayFieldItemTemplateProps) {
  const { fieldPathId, disabled, readonly, hasMoveUp, hasMoveDown, hasRemove } = buttonsProps;
  const id = fieldPathId.$id;
  const list = id.slice(0, id.lastIndexOf("."));
  const name = t("schema_form.entry", { n: index + 1 });
  const button = (what: Word, key: string, does: (event: Event) => void, isOff: boolean, next: string[]) => (
    <button
      type="button"
      class="more"
      id={`${id}__${key}`}
      aria-label={t("schema_form.of", { what: t(what), name })}
      disabled={isOff}
      onClick={(event) => {
        does(event);
        void goOn(next);
      }}
    >
      {t(what)}
    </button>
  );
  const beside = (at: number, ...keys: string[]) => keys.map((key) => `${list}.${at}__${key}`);
  return (
    // biome-ignore lint/a11y/useSemanticElements: what is in it has fieldsets of its own
    <div class="list-entry" role="group" aria-label={name} data-list={list}>
      {children}
      {hasToolbar && !disabled && !readonly && (
        <p class="list-entry-actions">
          {(hasMoveUp || hasMoveDown) &&
            button("schema_form.up", "up", buttonsProps.onMoveUpItem, !hasMoveUp, beside(index - 1, "up", "down"))}
          {(hasMoveUp || hasMoveDown) &&
            button(
              "schema_form.down",
              "down",
              buttonsProps.onMoveDownItem,
              !hasMoveDown,
              beside(index + 1, "down", "up"),
            )}
          {hasRemove &&
            button("schema_form.remove", "remove", buttonsProps.onRemoveItem, false, [
              ...beside(index, "remove"),
              ...beside(index - 1, "remove"),
              `${list}__add`,
            ])}
        </p>
      )}
    </div>
  );
}

function Add({ id, onClick, disabled }: IconButtonProps) {
  const list = String(id).replace(/__add$/, "");
  const add = (event: Event) => {
    (onClick as unknown as (event: Event) => void)(event);
    void settled().then(() => {
      const entries = document.querySelectorAll(`[data-list="${CSS.escape(list)}"]`);
      [...entries].at(-1)?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    });
  };
  if (disabled) return null;
  return (
    <p>
      <button type="button" id={id} aria-labelledby={`${id} ${list}__title`} onClick={add}>
        {t("schema_form.add")}
      </button>
    </p>
  );
}

function Remove({ id, onClick, disabled }: IconButtonProps) {
  return (
    <button type="button" class="more" id={id} disabled={disabled} onClick={onClick as never}>
      {t("schema_form.remove")}
    </button>
  );
}

// A box that nobody has ticked yet says neither yes nor no.
function Box(props: WidgetProps) {
  if (!props.required || schemaRequiresTrueValue(props.schema)) return <CheckboxWidget {...props} />;
  return (
    <fieldset class="field choices">
      <legend dir="auto">
        {props.label}
        <Required />
      </legend>
      <RadioWidget {...props} />
    </fieldset>
  );
}

const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/** The button that had the focus is elsewhere, or gone: the first of these that can be pressed has it next. */
async function goOn(ids: string[]): Promise<void> {
  await settled();
  const next = ids
    .map((id) => document.getElementById(id) as HTMLButtonElement | null)
    .find((one) => one?.disabled === false);
  next?.focus();
}

// Which of several, and what that asks.
function Several({ selector, optionSchemaField }: MultiSchemaFieldTemplateProps) {
  const { id, label } = (selector as VNode<{ id: string; label: string }>).props;
  return (
    <div class="field">
      <label for={id} dir="auto">
        {label}
      </label>
      {selector as ComponentChildren}
      {optionSchemaField as ComponentChildren}
    </div>
  );
}

const Unsupported = () => <p class="quiet">{t("schema_form.cannot")}</p>;

export const templates = {
  ...templatesOf(),
  MultiSchemaFieldTemplate: Several,
  UnsupportedFieldTemplate: Unsupported,
  FieldTemplate: Field,
  FieldErrorTemplate: Wrong,
  TitleFieldTemplate: Title,
  ArrayFieldItemTemplate: Entry,
  ButtonTemplates: { ...templatesOf().ButtonTemplates, AddButton: Add, RemoveButton: Remove },
};

// What draws files shows their names as Markdown, with the HTML that somebody may have put there.
export const widgets = { ...plain, CheckboxWidget: Box, FileWidget: Unsupported };
