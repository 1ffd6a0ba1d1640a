// One value in words.
import type { Json, Values } from "../api/shapes.ts";
import { exact } from "../words/moments.ts";
import { locale, t } from "../words/words.ts";
import { LongText } from "./long_text.tsx";
import { dayIn, kindOf, numberIn } from "./values.ts";

export function Scalar({ value, name, beside }: { value: Json | undefined; name?: string; beside?: Values }) {
  switch (kindOf(value)) {
    case "empty":
      return <span class="quiet">–</span>;
    case "boolean":
      return <>{t(value ? "field.yes" : "field.no")}</>;
    case "number":
      return <>{numberIn(locale.value, value as number, name, beside)}</>;
    case "day":
      return <time dateTime={String(value)}>{dayIn(locale.value, String(value))}</time>;
    case "moment":
      return <time dateTime={String(value)}>{exact(String(value))}</time>;
    case "link":
      return (
        <a href={String(value)} target="_blank" rel="noopener noreferrer" dir="ltr">
          {String(value)}
        </a>
      );
    case "mail":
      return <a href={`mailto:${encodeURIComponent(String(value)).replace("%40", "@")}`}>{String(value)}</a>;
    default:
      return <LongText text={String(value)} />;
  }
}
