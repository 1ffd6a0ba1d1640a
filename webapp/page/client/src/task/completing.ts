// Sending what was filled in: once at a time, as the task was seen, and what is refused is said.
import { useState } from "preact/hooks";
import { Problem } from "../api/calls.ts";
import type { Task, Values } from "../api/shapes.ts";
import { doing, isStale } from "../state/commands.ts";
import { actOnOpened } from "./actions.tsx";
import { sayChanged } from "./changed.ts";
import type { Errors } from "./fields.tsx";
import { wasSent } from "./filled.tsx";
import type { Filling } from "./filling.ts";
import { errorsOf } from "./sentences.ts";

export function useCompleting(task: Task, filling: Filling, refuse: (wrong: Errors) => void) {
  const [changed, setChanged] = useState("");
  const isBusy = doing.value.has(task.id) || Boolean(task.pending);
  /** Sends it unless something is wrong, and says what is. */
  const complete = async (variables: Values, wrong: Errors) => {
    refuse(wrong);
    setChanged("");
    if (Object.keys(wrong).length) return;
    const keeper = filling.keeper.current;
    try {
      if (!(await actOnOpened(task, "complete", { variables }))) return;
      wasSent(task.id, variables);
      filling.end(keeper);
    } catch (error) {
      if (isStale(error)) setChanged(await sayChanged(task, error));
      else if (error instanceof Problem) refuse(errorsOf(error, task.formFields ?? filling.fields));
    }
  };
  return { isBusy, changed, complete };
}
