// A labelled choice above a list: which ones, in which order.
interface Given {
  label: string;
  value: string;
  options: [value: string, text: string][];
  choose: (value: string) => void;
}

export function Choose({ label, value, options, choose }: Given) {
  return (
    <select
      class="choose"
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
      {!options.some(([one]) => one === value) && <option value={value}>{value}</option>}
    </select>
  );
}
