// A time, relative, with the exact one on hover.
import { ago, exact } from "../words/moments.ts";

export function Moment({ iso, say }: { iso: string; say?: (when: string) => string }) {
  const when = ago(iso);
  return (
    <time dateTime={iso} title={exact(iso)}>
      {say ? say(when) : when}
    </time>
  );
}
