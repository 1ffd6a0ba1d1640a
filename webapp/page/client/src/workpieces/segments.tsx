// One of a few, all of them in sight.
import { useId } from "preact/hooks";
import "./segments.css";

interface Given {
  label: string;
  value: string;
  options: [value: string, text: string][];
  choose: (value: string) => void;
}

export function Segments({ label, value, options, choose }: Given) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend>{label}</legend>
      {options.map(([one, text]) => (
        <label key={one}>
          <input type="radio" name={name} value={one} checked={one === value} onChange={() => choose(one)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
