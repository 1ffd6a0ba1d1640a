// What people said about the task.
import { useRef, useState } from "preact/hooks";
import { call, newKey } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import type { Comment, Task } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { explain } from "../state/commands.ts";
import { session } from "../state/session.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import { MentionField } from "./mention_field.tsx";
import { piecesOf } from "./mentions.ts";
import "./comments.css";

// What was begun stays while one looks at something else.
const begun = new Map<string, string>();

export function Comments({ task }: { task: Task }) {
  const [text, setText] = useState(begun.get(task.id) ?? "");
  const [changed, setChanged] = useState(0);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  // One key for one text: sent again after a lost answer it is said once.
  const attempt = useRef({ text: "", key: "" });
  const form = useRef<HTMLFormElement>(null);
  // A comment is no revision: whatever is heard of the task is a reason to look.
  const said = useRead<Comment>(ofTask(task.id, "comments"), useCount(task, changed));
  const write = (value: string) => {
    begun.set(task.id, value);
    setText(value);
  };
  const add = async (words: string) => {
    if (!words.trim()) return;
    if (attempt.current.text !== words) attempt.current = { text: words, key: newKey() };
    try {
      const headers = { "Idempotency-Key": attempt.current.key };
      await call(ofTask(task.id, "comments"), { method: "POST", body: { text: words }, headers });
      attempt.current = { text: "", key: "" };
      setChanged((before) => before + 1);
    } catch (error) {
      write([words, begun.get(task.id)].filter(Boolean).join("\n"));
      toast(explain(error), "error");
    }
  };
  const send = () => {
    // Before it is answered: the news of it may be here earlier.
    write("");
    void add(text);
  };
  const remove = async (one: Comment) => {
    setGone((before) => new Set(before).add(one.id));
    form.current?.querySelector("textarea")?.focus();
    try {
      await call(`${ofTask(task.id, "comments")}/${encodeURIComponent(one.id)}`, { method: "DELETE" });
      toast(t("task.comment_deleted"), "info", one.user === session.user ? () => void add(one.text) : undefined);
    } catch (error) {
      setGone((before) => new Set([...before].filter((id) => id !== one.id)));
      toast(explain(error), "error");
    }
  };
  return (
    <section>
      <h3>{t("task.comments")}</h3>
      <ol class="comments">
        {said
          .filter((one) => !gone.has(one.id))
          .map((one) => (
            <Said key={one.id} comment={one} remove={() => remove(one)} />
          ))}
      </ol>
      <form
        ref={form}
        class="comment-form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <MentionField taskId={task.id} value={text} write={write} send={send} />
        <button type="submit">{t("task.add_comment")}</button>
      </form>
    </section>
  );
}

/** Another number whenever the task is another object, or `more` has changed. */
function useCount(task: Task, more: number): number {
  const count = useRef({ task, more, n: 0 });
  const now = count.current;
  if (now.task !== task || now.more !== more) count.current = { task, more, n: now.n + 1 };
  return count.current.n;
}

function Said({ comment, remove }: { comment: Comment; remove: () => void }) {
  const own = comment.user === session.user || session.isOperator;
  return (
    <li>
      <p class="said-by">
        <b dir="auto">{comment.user}</b>{" "}
        <span class="quiet">
          <Moment iso={comment.time} />
        </span>
        {own && (
          <button type="button" class="plain" aria-label={t("task.delete_comment")} onClick={remove}>
            {t("remove")}
          </button>
        )}
      </p>
      <p class="said-text" dir="auto">
        {piecesOf(comment.text).map(({ text, who }, index) =>
          who ? (
            <mark key={index} class={who === session.user ? "mention own" : "mention"}>
              {text}
            </mark>
          ) : (
            text
          ),
        )}
      </p>
    </li>
  );
}
