// What a reader chooses for this browser: language, look, times, notifications.
import type { ComponentChildren } from "preact";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog } from "../state/dialogs.ts";
import {
  firstWeekday,
  type Language,
  type Layout,
  language,
  layout,
  type Theme,
  theme,
  timeZone,
} from "../state/preferences.ts";
import { locale, t, type Word } from "../words/words.ts";
import { MailSettings } from "./mail_settings.tsx";
import { NotificationSettings } from "./notification_settings.tsx";

const THEMES: Theme[] = ["system", "light", "dark", "contrast"];
const WEEKDAYS = [1, 0, 6];
// A Sunday: names of weekdays are counted from it.
const SUNDAY = Date.UTC(2026, 1, 1);
const DAY = 86_400_000;

export function Settings() {
  return (
    <Dialog title={t("app.settings")} close={closeDialog} kind="settings">
      <Choices name="language" value={language.value} choose={(value) => (language.value = value as Language)}>
        <option value="system">{t("settings.as_browser")}</option>
        <option value="en" lang="en">
          English
        </option>
        <option value="de" lang="de">
          Deutsch
        </option>
        {(language.value === "pseudo" || new URLSearchParams(location.search).has("pseudo")) && (
          <option value="pseudo">Pseudo</option>
        )}
      </Choices>
      <Choices name="theme" value={theme.value} choose={(value) => (theme.value = value as Theme)}>
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {t(`settings.theme.${one}` as Word)}
          </option>
        ))}
      </Choices>
      <Choices
        name="layout"
        value={layout.value ?? ""}
        choose={(value) => {
          layout.value = (value || null) as Layout | null;
        }}
      >
        <option value="">{t("settings.layout.fits")}</option>
        <option value="cards">{t("list.cards")}</option>
        <option value="table">{t("list.table")}</option>
      </Choices>
      <Choices
        name="first_weekday"
        value={String(firstWeekday.value ?? "")}
        choose={(value) => {
          firstWeekday.value = value ? Number(value) : null;
        }}
      >
        <option value="">{t("settings.as_browser")}</option>
        {WEEKDAYS.map((one) => (
          <option key={one} value={String(one)}>
            {new Date(SUNDAY + one * DAY).toLocaleDateString(locale.value, { weekday: "long", timeZone: "UTC" })}
          </option>
        ))}
      </Choices>
      <Choices
        name="time_zone"
        value={timeZone.value ?? ""}
        choose={(value) => {
          timeZone.value = value || null;
        }}
      >
        <option value="">
          {t("settings.zone_browser", { zone: new Intl.DateTimeFormat().resolvedOptions().timeZone })}
        </option>
        {Intl.supportedValuesOf("timeZone").map((one) => (
          <option key={one} value={one}>
            {one.replaceAll("_", " ")}
          </option>
        ))}
      </Choices>
      <NotificationSettings />
      <MailSettings />
      <p class="quiet">{t("settings.kept")}</p>
      <p class="actions">
        <button type="button" class="primary" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}

interface Given {
  name: string;
  value: string;
  choose: (value: string) => void;
  children: ComponentChildren;
}

function Choices({ name, value, choose, children }: Given) {
  return (
    <div class="setting">
      <label for={`setting-${name}`}>{t(`settings.${name}` as Word)}</label>
      <select id={`setting-${name}`} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {children}
      </select>
    </div>
  );
}
