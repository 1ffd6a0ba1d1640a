// Two ways out for what is stuck: it is tried again, or given up for good; with what became of it beside.
import { call } from "../api/calls.ts";
import { t } from "../words/words.ts";
import { confirm } from "./confirm.tsx";
import { Outcome, type Outcomes } from "./outcomes.tsx";

/** One way: where it is asked for, what is said meanwhile and when it is done. */
export interface Way {
  path: string;
  doing: string;
  done: string;
}

/** The way that cannot be taken back: what the button and the question before it say. */
export interface LastWay extends Way {
  act: string;
  title: string;
  says: string[];
  understood?: string;
}

interface Given {
  id: string;
  what: string;
  retry: Way;
  giveUp: LastWay;
  outcomes: Outcomes;
  /** The list is not current any more. */
  changed: () => void;
}

export const goes = (id: string, { path, doing, done }: Way, outcomes: Outcomes): Promise<unknown> =>
  outcomes.run(id, doing, async () => {
    await call(path, { method: "POST" });
    return done;
  });

export function Decide({ id, what, retry, giveUp, outcomes, changed }: Given) {
  const told = outcomes.of(id);
  const { act, title, says, understood } = giveUp;
  const ask = () =>
    confirm({
      title,
      says,
      act,
      understood,
      dangerous: true,
      // What becomes of it is said beside it.
      work: async () => void goes(id, giveUp, outcomes).then(changed),
    });
  return (
    <>
      {(!told || told.state === "failed") && (
        <p class="actions">
          <button
            type="button"
            aria-label={t("ops.retry_what", { what })}
            onClick={() => void goes(id, retry, outcomes).then(changed)}
          >
            {t("ops.retry")}
          </button>
          <button type="button" class="plain" onClick={ask}>
            {act}
          </button>
        </p>
      )}
      <Outcome told={told} />
    </>
  );
}
