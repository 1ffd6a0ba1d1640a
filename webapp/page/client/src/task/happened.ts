// What a line of the history says: the name of a sentence, and what has changed besides.
import type { HistoryLine, Json, Values } from "../api/shapes.ts";

export interface Happened {
  sentence: Sentence;
  values?: Record<string, string>;
  /** A moment in the sentence, as `when`. */
  when?: string;
  /** New values by the names of fields, as far as the sentence does not tell them. */
  fields: [string, Json][];
  /** Data that came with it. */
  payload?: Values;
  text?: string;
}

export type Sentence =
  | "event.created"
  | "event.assigned"
  | "event.taken"
  | "event.given_back"
  | "event.attributes_changed"
  | "event.deferred"
  | "event.brought_back"
  | "event.data_changed"
  | "event.candidates_changed"
  | "event.offered"
  | "event.withdrawn"
  | "event.offered_instead"
  | "event.migrated"
  | "event.completed"
  | "event.completed_by"
  | "event.deleted"
  | "event.deleted_because"
  | "event.restated"
  | "event.commented_by"
  | "event.other";

const list = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);
const said = (value: Json | undefined): string => (typeof value === "string" ? value : "");

export function happened({ type, changes }: HistoryLine, me: string): Happened {
  const given = changes ?? {};
  switch (type.split(".").pop()) {
    case "created":
      return { sentence: "event.created", fields: [] };
    case "assigned":
      return assigned(said(given.assignee), me);
    case "attributes_changed":
      return changed(given);
    case "candidates_changed":
      return offered(given);
    case "migrated":
      return { sentence: "event.migrated", fields: [["processDefinitionId", given.processDefinitionId ?? null]] };
    case "completed": {
      const who = said(given.completedBy);
      return { sentence: who ? "event.completed_by" : "event.completed", values: { who }, fields: [] };
    }
    case "deleted": {
      const why = said(given.reason);
      return { sentence: why ? "event.deleted_because" : "event.deleted", values: { why }, fields: [] };
    }
    case "commented":
      return { sentence: "event.commented_by", values: { who: said(given.user) }, text: said(given.text), fields: [] };
    case "restated":
      return { sentence: "event.restated", fields: [] };
    default:
      return { sentence: "event.other", fields: Object.entries(given) };
  }
}

function assigned(who: string, me: string): Happened {
  if (!who) return { sentence: "event.given_back", fields: [] };
  return { sentence: who === me ? "event.taken" : "event.assigned", values: { who }, fields: [] };
}

function changed(given: Values): Happened {
  const { payload, correlations: _, ...others } = given;
  const fields = Object.entries(others);
  const data = payload && typeof payload === "object" && !Array.isArray(payload) ? payload : undefined;
  if (!fields.length && data) return { sentence: "event.data_changed", fields, payload: data };
  const [only] = fields;
  if (fields.length === 1 && only![0] === "followUpDate" && !data) {
    const when = said(only![1]);
    return when ? { sentence: "event.deferred", when, fields: [] } : { sentence: "event.brought_back", fields: [] };
  }
  return { sentence: "event.attributes_changed", fields, payload: data };
}

function offered(given: Values): Happened {
  const came = [...list(given.addGroups), ...list(given.addUsers)].join(", ");
  const went = [...list(given.removeGroups), ...list(given.removeUsers)].join(", ");
  if (came && went) return { sentence: "event.offered_instead", values: { came, went }, fields: [] };
  if (came) return { sentence: "event.offered", values: { came }, fields: [] };
  if (went) return { sentence: "event.withdrawn", values: { went }, fields: [] };
  return { sentence: "event.candidates_changed", fields: [] };
}
