// What an operator has done to which thing, while it is done and what became of it.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../words/words.ts";
import { PartLink } from "./part_link.tsx";

export interface Told {
  /** `again`: it was done, and has failed again. */
  state: "busy" | "done" | "failed" | "again";
  text: string;
  /** Which incident it is now. */
  incident?: string;
}

export interface Outcomes {
  of: (id: string) => Told | undefined;
  /** Whether something was decided or is being decided. */
  has: (id: string) => boolean;
  /** Does it once, says `doing` meanwhile and then what the work answers, or why it was refused. */
  run: (id: string, doing: string, work: () => Promise<string | Told>) => Promise<boolean>;
}

export function useOutcomes(): Outcomes {
  const [told, setTold] = useState<ReadonlyMap<string, Told>>(new Map());
  // Read at once by a second click, before the page is drawn again.
  const busy = useRef(new Set<string>());
  const tell = (id: string, one: Told) => setTold((before) => new Map(before).set(id, one));
  return {
    of: (id) => told.get(id),
    has: (id) => told.get(id) !== undefined && told.get(id)!.state !== "failed",
    run: async (id, doing, work) => {
      if (busy.current.has(id)) return false;
      busy.current.add(id);
      tell(id, { state: "busy", text: doing });
      try {
        const became = await work();
        tell(id, typeof became === "string" ? { state: "done", text: became } : became);
        return true;
      } catch (error) {
        tell(id, { state: "failed", text: reasonOf(error) });
        return false;
      } finally {
        busy.current.delete(id);
      }
    },
  };
}

/** Why something was not done, in the server's own words. */
export function reasonOf(error: unknown): string {
  // A `TypeError` is a connection that is not there; other errors are our own words.
  if (error instanceof TypeError) return t("offline.given_up");
  return (error as Error).message || t("failed");
}

/** Takes the focus when what had it is gone. */
export function Outcome({ told }: { told: Told | undefined }) {
  const own = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (told && document.activeElement === document.body) own.current?.focus();
  }, [told?.state]);
  return (
    <p ref={own} class={`outcome ${told?.state ?? "none"}`} role="status" tabIndex={-1} dir="auto">
      {told?.text}
      {told?.incident && (
        <>
          {" "}
          <PartLink part="incidents" task={told.incident}>
            {t("ops.to_new_incident")}
          </PartLink>
        </>
      )}
    </p>
  );
}
