// A task that was to be completed as it was seen, and is another by now.
import type { Problem } from "../api/calls.ts";
import type { Task } from "../api/shapes.ts";
import { session } from "../state/session.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import { differing } from "./differing.ts";
import { reread } from "./opened.ts";

/** Shows it as it is now; what has changed, in a sentence, empty where it can be completed no more and that was said. */
export async function sayChanged(seen: Task, refusal: Problem): Promise<string> {
  const now = await reread(seen.id, refusal.document.revision ?? seen.revision + 1);
  if (now?.state === "open" && now.assignee === session.user) {
    const { fields, data } = differing(seen, now);
    const what = [...data, ...fields.map((name) => t(`attribute.task.${name}`))].join(", ");
    return what ? t("form.changed", { what }) : t("form.changed_else");
  }
  toast(t(now === null ? "refused.gone" : now.state === "open" ? "refused.assignee" : "refused.completed"), "error");
  return "";
}
