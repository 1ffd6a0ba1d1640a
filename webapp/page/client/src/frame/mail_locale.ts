// Tells the server in which language and time zone this reader has mail written.
import { effect } from "@preact/signals";
import { call } from "../api/calls.ts";
import { kept } from "../state/preferences.ts";
import { zone } from "../words/moments.ts";
import { locale } from "../words/words.ts";

/** What this browser has said, or needed not to say: others that have not changed since do not speak again. */
const told = kept("mail locale", "", (value) => typeof value === "string");

/** The browser's own where nobody has said it; later whatever changes here, by choice or with the browser. */
export async function tellLocale(): Promise<void> {
  try {
    if (!told.value && (await call<{ locale: string | null }>("/me/locale")).body.locale) told.value = wanted();
  } catch {
    return;
  }
  effect(() => {
    const now = wanted();
    if (now === told.peek()) return;
    call("/me/locale", { method: "POST", body: JSON.parse(now) }).then(
      () => {
        told.value = now;
      },
      // It is said when the page is opened the next time.
      () => {},
    );
  });
}

const wanted = (): string =>
  JSON.stringify({
    locale: locale.value,
    timeZone: zone.value ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
