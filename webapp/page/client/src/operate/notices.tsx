// What a list says beside its rows: that it is being read, is empty, could not be read, or lacks what a store has.
import { t } from "../words/words.ts";
import type { Listed } from "./listed.ts";

export function Notices({
  listed,
  empty,
}: {
  listed: Pick<Listed<unknown>, "items" | "away" | "failed">;
  empty: string;
}) {
  const { items, away, failed } = listed;
  return (
    <>
      {failed && (
        <p class="notice late" dir="auto">
          {t("ops.not_read", { reason: failed })}
        </p>
      )}
      {Object.entries(away).map(([store, reason]) => (
        <p key={store} class="notice late" dir="auto">
          {t("ops.store_away", { store, reason })}
        </p>
      ))}
      {items === null && !failed && <p class="quiet">{t("ops.reading")}</p>}
      {items?.length === 0 && <p class="notice">{empty}</p>}
    </>
  );
}
