// Where an instance stands, in words.
import { session } from "../state/session.ts";
import { listed } from "../words/listed.ts";
import { t, type Word } from "../words/words.ts";
import type { Stand } from "./stands.ts";

/** What it waits for there: "approver2 has it". */
export function waitsFor({ kind, who, groups }: Stand): string {
  if (kind !== "userTask") return t(`stand.${kind}` as Word);
  if (who) return who === session.user ? t("stand.yours") : t("stand.held", { who });
  return groups.length ? t("stand.offered", { groups: listed(groups) }) : t("stand.nobody");
}

/** What the place is called. */
export const placeOf = (stand: Stand): string => stand.name || stand.element;
