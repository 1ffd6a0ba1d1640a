// Alike things as a small table.
import type { Values } from "../api/shapes.ts";
import { useFirst } from "./first.tsx";
import { Scalar } from "./scalar.tsx";
import { columnsOf, isNumeric } from "./values.ts";

const FIRST = 50;

export function Table({ rows, label }: { rows: Values[]; label: string }) {
  const columns = columnsOf(rows).map((name) => ({ name, kind: isNumeric(rows, name) ? "figure" : "" }));
  const { shown, rest } = useFirst(rows, FIRST);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than its place is scrolled with the keyboard */}
      <section class="data-table" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map(({ name, kind }) => (
                <th key={name} scope="col" class={kind} dir="auto">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {columns.map(({ name, kind }) => (
                  <td key={name} class={kind}>
                    <Scalar value={row[name]} name={name} beside={row} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rest}
    </>
  );
}
