// The address of a task, for anybody who may see it.
import type { Task } from "../api/shapes.ts";

export const pathTo = (id: string): string => `/?tab=visible&deferred&task=${encodeURIComponent(id)}`;
export const linkTo = (task: Task): string => `${location.origin}${pathTo(task.id)}`;
