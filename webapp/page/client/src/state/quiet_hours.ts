// When the reader wants to hear nothing.

const minutes = (hour: string) => Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3, 5));

/** Whether `now` (`HH:MM`) lies from one hour up to another, past midnight too; the same twice is never. */
export function isQuiet(now: string, from: string, until: string): boolean {
  const [at, begins, ends] = [minutes(now), minutes(from), minutes(until)];
  return begins <= ends ? at >= begins && at < ends : at >= begins || at < ends;
}
