// What to say about several tasks at once.
import { useState } from "preact/hooks";
import type { Task } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { SubmitOrCancel } from "../parts/submit.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { MentionField } from "../task/mention_field.tsx";
import { t } from "../words/words.ts";

// What was begun stays until it has been said.
let begun = "";

/** Asks, and tells what is to be said; it is kept where not all of it could be. */
export const openComment = (tasks: Task[], chosen: (text: string) => Promise<boolean>): void =>
  openDialog(() => <Comment tasks={tasks} chosen={chosen} />);

function Comment({ tasks, chosen }: { tasks: Task[]; chosen: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState(begun);
  const write = (value: string) => {
    begun = value;
    setText(value);
  };
  const send = async () => {
    if (!text.trim()) return;
    closeDialog();
    if ((await chosen(text)) && begun === text) begun = "";
  };
  return (
    <Dialog title={t("comment.title", { n: tasks.length })} close={closeDialog}>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <MentionField taskId={tasks[0]!.id} value={text} write={write} send={() => void send()} />
        <SubmitOrCancel label={t("task.add_comment")} />
      </form>
    </Dialog>
  );
}
