// The business data a task is about, each with its log.
import { ofEntry } from "../api/paths.ts";
import type { Entry, Task, Values } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { kept } from "../state/preferences.ts";
import { t, type Word } from "../words/words.ts";
import { Description } from "./description.tsx";
import { Tree } from "./tree.tsx";

export function About({ task }: { task: Task }) {
  if (!task.dataEntries?.length) return null;
  return (
    <section>
      <h3>{t("task.about")}</h3>
      {task.dataEntries.map((one) => (
        <OneEntry key={one.id} entry={one} />
      ))}
    </section>
  );
}

const STATES = ["PRELIMINARY", "IN_PROGRESS", "COMPLETED", "CANCELLED"];

/** The application's own words for how far it is, else ours. */
export function stateOf({ state }: Entry): string {
  return state.state ?? (STATES.includes(state.processingType) ? t(`state.${state.processingType}` as Word) : "");
}

// Which are open stays so, also in the next task that is about them.
const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
const unfolded = kept<string[]>("open entries", [], isTexts);
const REMEMBERED = 100;

function unfold(id: string, open: boolean): void {
  const others = unfolded.peek().filter((one) => one !== id);
  if (open !== others.length < unfolded.peek().length)
    unfolded.value = open ? [id, ...others].slice(0, REMEMBERED) : others;
}

function OneEntry({ entry }: { entry: Entry }) {
  const isOpen = unfolded.value.includes(entry.id);
  return (
    <details class="entry" open={isOpen} onToggle={(event) => unfold(entry.id, event.currentTarget.open)}>
      <summary>
        <span dir="auto">{entry.name ?? entry.entryId}</span>{" "}
        <span class="quiet">{[entry.type, stateOf(entry)].filter(Boolean).join(" · ")}</span>
      </summary>
      {isOpen && <Description text={entry.description} />}
      {isOpen && <Tree values={entry.payload ?? {}} />}
      {entry.formUrl && (
        <p>
          <a href={entry.formUrl} target="_blank" rel="noopener noreferrer">
            {t("work.open")}
          </a>
        </p>
      )}
      {isOpen && <EntryLog id={entry.id} revision={entry.revision} />}
    </details>
  );
}

interface Line {
  id: string;
  type: string;
  time: string;
  log: Values | null;
}

export function EntryLog({ id, revision }: { id: string; revision: number }) {
  const lines = useRead<Line>(`${ofEntry(id, "history")}?size=100`, revision);
  return (
    <ol class="history">
      {lines.map((line) => (
        <li key={line.id}>
          <Logged line={line} />
        </li>
      ))}
    </ol>
  );
}

function Logged({ line }: { line: Line }) {
  const word = `event.${line.type.split(".").pop()}` as Word;
  const what = typeof line.log?.message === "string" ? line.log.message : t(KNOWN.has(word) ? word : "event.other");
  const who = typeof line.log?.user === "string" ? line.log.user : "";
  return (
    <>
      <span dir="auto">{who ? t("event.by", { what, who }) : what}</span>{" "}
      <span class="quiet">
        <Moment iso={line.time} />
      </span>
    </>
  );
}

const KNOWN = new Set<Word>(["event.saved", "event.created", "event.deleted", "event.anonymised"]);
