// What people said about the task.
import { useState } from "preact/hooks";
import { call, newKey } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import type { Comment, Task } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { explain } from "../state/commands.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";

// What was begun stays while one looks at something else.
const begun = new Map<string, string>();

export function Comments({ task }: { task: Task }) {
  const [text, setText] = useState(begun.get(task.id) ?? "");
  const [added, setAdded] = useState(0);
  const said = useRead<Comment>(ofTask(task.id, "comments"), `${task.revision} ${added}`);
  const write = (value: string) => {
    begun.set(task.id, value);
    setText(value);
  };
  const add = async (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    // Before it is answered: the news of it may be here earlier.
    write("");
    try {
      await call(ofTask(task.id, "comments"), {
        method: "POST",
        body: { text },
        headers: { "Idempotency-Key": newKey() },
      });
      setAdded((before) => before + 1);
    } catch (error) {
      write(text);
      toast(explain(error), "error");
    }
  };
  return (
    <section>
      <h3>{t("task.comments")}</h3>
      <ol class="comments">
        {said.map((one) => (
          <li key={one.id}>
            <p dir="auto">{one.text}</p>
            <span class="quiet">
              {one.user} <Moment iso={one.time} />
            </span>
          </li>
        ))}
      </ol>
      <form class="comment-form" onSubmit={add}>
        <textarea
          rows={2}
          maxLength={10_000}
          dir="auto"
          aria-label={t("task.say_label")}
          placeholder={t("task.say")}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
        />
        <button type="submit">{t("task.add_comment")}</button>
      </form>
    </section>
  );
}
