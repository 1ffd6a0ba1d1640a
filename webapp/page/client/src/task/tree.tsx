// Data as people read it: groups within groups, lists of alike things as tables, everything else in a line.
import { useId, useState } from "preact/hooks";
import type { Json, Values } from "../api/shapes.ts";
import { locale, t } from "../words/words.ts";
import { CopyButton } from "./copy.tsx";
import { useFirst } from "./first.tsx";
import { Scalar } from "./scalar.tsx";
import { Table } from "./table.tsx";
import { copied, isGroup, isScalar, kindOf, linesOf } from "./values.ts";
import "./tree.css";

const FEW_LINES = 8;
const FIRST = 50;

export function Tree({ values, depth = 0 }: { values: Values; depth?: number }) {
  const { shown, rest } = useFirst(Object.entries(values), FIRST);
  return (
    <>
      <dl class={depth ? "tree inner" : "tree"}>
        {shown.map(([name, value]) =>
          isFoldable(value) ? (
            <Group key={name} name={name} value={value} depth={depth} />
          ) : (
            <Line key={name} name={name} value={value} beside={values} />
          ),
        )}
      </dl>
      {rest}
    </>
  );
}

const isFoldable = (value: Json): boolean => ["group", "table", "list"].includes(kindOf(value));

function Line({ name, value, beside }: { name: string; value: Json; beside: Values }) {
  return (
    <div class="data-line">
      <dt dir="auto">{name}</dt>
      <dd>
        <div class="said">
          {Array.isArray(value) && value.length ? (
            <Inline values={value} />
          ) : (
            <Scalar value={value} name={name} beside={beside} />
          )}
        </div>
        {kindOf(value) !== "empty" && <CopyButton text={() => copied(value)} label={t("copy.value", { name })} />}
      </dd>
    </div>
  );
}

function Inline({ values }: { values: Json[] }) {
  return (
    <ul class="inline">
      {values.map((one, index) => (
        <li key={index}>
          <Scalar value={one} />
        </li>
      ))}
    </ul>
  );
}

function Group({ name, value, depth }: { name: string; value: Json; depth: number }) {
  const [isOpen, setOpen] = useState(() => linesOf(value, FEW_LINES) <= FEW_LINES);
  const id = useId();
  const n = Object.keys(value as Values).length;
  return (
    <div class="data-group">
      <dt>
        <button type="button" class="fold" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          <span dir="auto">{name}</span>
          <span class="quiet"> {t(Array.isArray(value) ? "tree.entries" : "tree.values", { n })}</span>
        </button>
        <CopyButton text={() => copied(value)} label={t("copy.value", { name })} />
      </dt>
      <dd id={id} hidden={!isOpen}>
        {isOpen && <Inside value={value} name={name} depth={depth + 1} />}
      </dd>
    </div>
  );
}

function Inside({ value, name, depth }: { value: Json; name: string; depth: number }) {
  if (isGroup(value)) return <Tree values={value} depth={depth} />;
  if (kindOf(value) === "table") return <Table rows={value as Values[]} label={name} />;
  return <List values={value as Json[]} depth={depth} />;
}

function List({ values, depth }: { values: Json[]; depth: number }) {
  const { shown, rest } = useFirst(values, FIRST);
  // What is no line of its own is named by its place.
  if (!values.every(isScalar)) {
    const named = values.map((one, index) => [(index + 1).toLocaleString(locale.value), one] as const);
    return <Tree values={Object.fromEntries(named)} depth={depth} />;
  }
  return (
    <>
      <ul class="values">
        {shown.map((one, index) => (
          <li key={index}>
            <Scalar value={one} />
          </li>
        ))}
      </ul>
      {rest}
    </>
  );
}
