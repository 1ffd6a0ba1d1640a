// What is told by mail, kept by the server for the person; and the address of a calendar with their due dates.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { explain } from "../state/commands.ts";
import { toast } from "../state/toasts.ts";
import { CopyButton } from "../task/copy.tsx";
import { t } from "../words/words.ts";

const KINDS = ["assignment", "dueSoon", "overdue", "mention"] as const;

interface Wishes {
  mail: Record<(typeof KINDS)[number], boolean>;
  quietHours: { from: string; to: string; timeZone: string } | null;
}

export function MailSettings() {
  const [wishes, setWishes] = useState<Wishes | null>(null);
  useEffect(() => {
    call<Wishes>("/me/notifications").then(
      ({ body }) => setWishes(body),
      () => {},
    );
  }, []);
  // What is shown is what is wanted, until the server says otherwise.
  const save = async (wanted: Wishes) => {
    const before = wishes;
    setWishes(wanted);
    try {
      await call("/me/notifications", { method: "POST", body: wanted });
    } catch (error) {
      setWishes(before);
      toast(explain(error), "error");
    }
  };
  if (!wishes) return null;
  return (
    <fieldset class="notifications">
      <legend>{t("settings.mail")}</legend>
      {KINDS.map((kind) => (
        <label key={kind} class="choice">
          <input
            type="checkbox"
            checked={wishes.mail[kind]}
            onChange={(event) =>
              void save({ ...wishes, mail: { ...wishes.mail, [kind]: event.currentTarget.checked } })
            }
          />
          {t(`settings.mail.${kind}`)}
        </label>
      ))}
      <Calendar />
    </fieldset>
  );
}

function Calendar() {
  // Until it is read nobody is asked to make one: a new address ends the one before.
  const [url, setUrl] = useState<string | null | undefined>();
  useEffect(() => {
    call<{ url: string | null }>("/me/calendar").then(
      ({ body }) => setUrl(body.url),
      () => {},
    );
  }, []);
  const renew = async () => {
    try {
      setUrl((await call<{ url: string }>("/me/calendar", { method: "POST" })).body.url);
    } catch (error) {
      toast(explain(error), "error");
    }
  };
  if (url === undefined) return null;
  return (
    <>
      <p class="quiet">{t("settings.calendar.says")}</p>
      <p class="actions">
        {url && <input class="address" readOnly aria-label={t("settings.calendar")} value={url} />}
        {url && <CopyButton text={() => url} label={t("settings.calendar.copy")} show={t("settings.calendar.copy")} />}
        <button type="button" onClick={() => void renew()}>
          {t(url ? "settings.calendar.renew" : "settings.calendar.make")}
        </button>
      </p>
    </>
  );
}
