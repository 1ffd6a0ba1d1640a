// What brings several tasks back to how they were, those that were alike at once.
import type { Task } from "../api/shapes.ts";
import type { Body, ManyAction } from "../state/commands.ts";
import { isToCome } from "../state/deferred.ts";

type Before = Pick<Task, "id" | "assignee" | "followUpDate" | "priority" | "dueDate">;

export interface Step<One extends Before> {
  action: ManyAction;
  body: Body;
  tasks: One[];
}

/** None where there is no way back, as after completing. */
export function stepsBack<One extends Before>(action: ManyAction, tasks: One[]): Step<One>[] {
  switch (action) {
    case "claim":
      return [{ action: "unclaim", body: {}, tasks }];
    case "defer": {
      const again = tasks.filter((task) => isToCome(task.followUpDate));
      const back = tasks.filter((task) => !isToCome(task.followUpDate));
      const steps = alike(action, again, ({ followUpDate }) => ({ followUpDate: followUpDate! }));
      return back.length ? [{ action: "undefer", body: {}, tasks: back }, ...steps] : steps;
    }
    case "assign":
      return alike(action, tasks, ({ assignee }) => ({ assignee }));
    case "change":
      return alike(action, tasks, ({ priority, dueDate }) => ({ priority, dueDate }));
    default:
      return [];
  }
}

function alike<One extends Before>(action: ManyAction, tasks: One[], bodyOf: (task: One) => Body): Step<One>[] {
  const steps = new Map<string, Step<One>>();
  for (const task of tasks) {
    const body = bodyOf(task);
    const key = JSON.stringify(body);
    const step = steps.get(key) ?? { action, body, tasks: [] };
    step.tasks.push(task);
    steps.set(key, step);
  }
  return [...steps.values()];
}
