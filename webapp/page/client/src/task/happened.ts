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
  /** Who did it, as far as that is known. */
  by: string | null;
}

type Told = Omit<Happened, "by">;

/** Those of whoever did it, as `by`. */
export type Active =
  | "by.taken"
  | "by.assigned"
  | "by.assigned_you"
  | "by.given_back"
  | "by.to_nobody"
  | "by.attributes_changed"
  | "by.due"
  | "by.no_due"
  | "by.suspended"
  | "by.resumed"
  | "by.delegated"
  | "by.resolved"
  | "by.deferred"
  | "by.brought_back"
  | "by.data_changed"
  | "by.migrated"
  | "by.completed"
  | "by.deleted"
  | "by.deleted_because"
  | "by.commented";

export type Sentence =
  | Active
  | "event.created"
  | "event.assigned"
  | "event.taken"
  | "event.given_back"
  | "event.attributes_changed"
  | "event.suspended"
  | "event.resumed"
  | "event.delegated"
  | "event.resolved"
  | "event.deferred"
  | "event.brought_back"
  | "event.data_changed"
  | "event.candidates_changed"
  | "event.offered"
  | "event.withdrawn"
  | "event.offered_instead"
  | "event.migrated"
  | "event.completed"
  | "event.deleted"
  | "event.deleted_because"
  | "event.restated"
  | "event.other";

const list = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);
const said = (value: Json | undefined): string => (typeof value === "string" ? value : "");

const ACTIVE: Partial<Record<Sentence, Active>> = {
  "event.assigned": "by.assigned",
  "event.taken": "by.assigned_you",
  "event.given_back": "by.given_back",
  "event.attributes_changed": "by.attributes_changed",
  "event.suspended": "by.suspended",
  "event.resumed": "by.resumed",
  "event.delegated": "by.delegated",
  "event.resolved": "by.resolved",
  "event.deferred": "by.deferred",
  "event.brought_back": "by.brought_back",
  "event.data_changed": "by.data_changed",
  "event.migrated": "by.migrated",
  "event.completed": "by.completed",
  "event.deleted": "by.deleted",
  "event.deleted_because": "by.deleted_because",
};

/** `before`: who had the task until then. */
export function happened(line: HistoryLine, me: string, before: string | null = null): Happened {
  const { by } = line;
  const told = toldOf(line, me);
  if (!by) return { ...told, by };
  const [only] = told.fields;
  if (told.sentence === "event.attributes_changed" && told.fields.length === 1 && !told.payload) {
    const when = said(only![1]);
    if (only![0] === "dueDate") return { sentence: when ? "by.due" : "by.no_due", when, fields: [], by };
  }
  if (told.values?.who === by) return { ...told, sentence: "by.taken", by };
  if (told.sentence === "event.given_back" && before !== by) return { ...told, sentence: "by.to_nobody", by };
  return { ...told, sentence: ACTIVE[told.sentence] ?? told.sentence, by };
}

function toldOf({ type, changes }: HistoryLine, me: string): Told {
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
    case "completed":
      return { sentence: "event.completed", fields: [] };
    case "deleted": {
      const why = said(given.reason);
      return { sentence: why ? "event.deleted_because" : "event.deleted", values: { why }, fields: [] };
    }
    case "commented":
      return { sentence: "by.commented", text: said(given.text), fields: [] };
    case "restated":
      return { sentence: "event.restated", fields: [] };
    default:
      return { sentence: "event.other", fields: Object.entries(given) };
  }
}

function assigned(who: string, me: string): Told {
  if (!who) return { sentence: "event.given_back", fields: [] };
  return { sentence: who === me ? "event.taken" : "event.assigned", values: { who }, fields: [] };
}

function changed(given: Values): Told {
  const { payload, correlations: _, ...others } = given;
  const fields = Object.entries(others);
  const data = payload && typeof payload === "object" && !Array.isArray(payload) ? payload : undefined;
  if (!fields.length && data) return { sentence: "event.data_changed", fields, payload: data };
  const [only] = fields;
  if (fields.length === 1 && only![0] === "followUpDate" && !data) {
    const when = said(only![1]);
    return when ? { sentence: "event.deferred", when, fields: [] } : { sentence: "event.brought_back", fields: [] };
  }
  if (fields.length === 1 && only![0] === "suspended" && !data) {
    return { sentence: only![1] ? "event.suspended" : "event.resumed", fields: [] };
  }
  const { delegationState } = given;
  if (delegationState === "PENDING" && !data) {
    return { sentence: "event.delegated", fields: fields.filter(isOther) };
  }
  if (delegationState === "RESOLVED" && !data) return { sentence: "event.resolved", fields: fields.filter(isOther) };
  return { sentence: "event.attributes_changed", fields, payload: data };
}

const isOther = ([name]: [string, Json]) => name !== "delegationState" && name !== "owner";

function offered(given: Values): Told {
  const came = [...list(given.addGroups), ...list(given.addUsers)].join(", ");
  const went = [...list(given.removeGroups), ...list(given.removeUsers)].join(", ");
  if (came && went) return { sentence: "event.offered_instead", values: { came, went }, fields: [] };
  if (came) return { sentence: "event.offered", values: { came }, fields: [] };
  if (went) return { sentence: "event.withdrawn", values: { went }, fields: [] };
  return { sentence: "event.candidates_changed", fields: [] };
}
