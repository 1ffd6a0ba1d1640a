// Data as people read it.
import type { Json, Values } from "../api/shapes.ts";

export function Tree({ values }: { values: Values }) {
  return (
    <dl class="data">
      {Object.entries(values).map(([name, value]) => [
        <dt key={`${name} name`} dir="auto">
          {name}
        </dt>,
        <dd key={`${name} value`} dir="auto">
          <Value value={value} />
        </dd>,
      ])}
    </dl>
  );
}

function Value({ value }: { value: Json }) {
  if (typeof value === "object" && value !== null) return <pre>{JSON.stringify(value, null, 2)}</pre>;
  return <>{value === null ? "–" : String(value)}</>;
}
