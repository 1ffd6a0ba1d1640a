// Whether the browser tells of what is assigned to the reader, and when it is quiet.
import { useState } from "preact/hooks";
import { notifies, quietFrom, quietUntil } from "../state/preferences.ts";
import { t } from "../words/words.ts";

export function NotificationSettings() {
  const [refused, setRefused] = useState(false);
  const possible = "Notification" in window;
  const turn = async (on: boolean) => {
    const allowed = on && (await Notification.requestPermission()) === "granted";
    setRefused(on && !allowed);
    notifies.value = allowed;
  };
  return (
    <fieldset class="notifications">
      <legend>{t("settings.notifications")}</legend>
      <label class="choice">
        <input
          type="checkbox"
          checked={notifies.value}
          disabled={!possible}
          onChange={(event) => void turn(event.currentTarget.checked)}
        />
        {t("settings.notify")}
      </label>
      {(refused || !possible) && (
        <p class="field-error" role="alert">
          {t("settings.notify_refused")}
        </p>
      )}
      {notifies.value && (
        <div class="quiet-hours">
          <label>
            {t("settings.quiet_from")}
            <input
              type="time"
              value={quietFrom.value}
              onChange={(event) => keep(quietFrom, event.currentTarget.value)}
            />
          </label>
          <label>
            {t("settings.quiet_until")}
            <input
              type="time"
              value={quietUntil.value}
              onChange={(event) => keep(quietUntil, event.currentTarget.value)}
            />
          </label>
        </div>
      )}
    </fieldset>
  );
}

// An emptied field says nothing.
function keep(hour: { value: string }, typed: string): void {
  if (typed) hour.value = typed;
}
