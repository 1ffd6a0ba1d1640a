// What the API answers; `docs/openapi` and `webapp/api/answers.py` say the same.

export type Action =
  | "claim"
  | "unclaim"
  | "complete"
  | "assign"
  | "delegate"
  | "resolve"
  | "defer"
  | "undefer"
  | "change";
export type Scope = "visible" | "mine" | "group" | "unassigned" | "completed" | "involved";
export type Deferred = "hide" | "show" | "only";
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Values = { [name: string]: Json };

export interface FormField {
  id: string;
  label?: string;
  type: string;
  default?: Json;
  required?: boolean;
  values?: { id: string; name: string }[];
  constraints?: {
    readonly?: boolean;
    min?: number;
    max?: number;
    minlength?: number;
    maxlength?: number;
    pattern?: string;
    /** It is enough that a part matches. */
    anywhere?: boolean;
  };
}

/** A form that is drawn as its modeller drew it; without a version it stands in the model. */
export interface FormReference {
  key: string;
  version: number | null;
}

export interface Entry {
  id: string;
  application: string;
  entryType: string;
  entryId: string;
  type: string | null;
  name: string | null;
  description: string | null;
  payload: Values | null;
  payloadOmitted: boolean;
  state: { processingType: string; state: string | null };
  formUrl: string | null;
  revision: number;
}

export interface Task {
  id: string;
  application: string;
  name: string | null;
  description: string | null;
  taskDefinitionKey: string | null;
  processName: string | null;
  processDefinitionKey: string | null;
  processDefinitionId: string | null;
  processInstanceId: string | null;
  businessKey: string | null;
  formUrl: string | null;
  state: "open" | "completed" | "deleted";
  assignee: string | null;
  owner: string | null;
  candidateUsers: string[];
  candidateGroups: string[];
  priority: number | null;
  createTime: string | null;
  dueDate: string | null;
  followUpDate: string | null;
  endTime: string | null;
  completedBy: string | null;
  payload: Values | null;
  payloadOmitted: boolean;
  partlySearched: boolean;
  parentTaskId: string | null;
  delegationState: "PENDING" | "RESOLVED" | null;
  suspended: boolean;
  excludedUsers: string[];
  revision: number;
  formFields: FormField[] | null;
  formRef: FormReference | null;
  pending: { commandId: string; action: Action; user: string } | null;
  dataEntries: Entry[] | null;
  warnings: { attribute: string; raw: string; reason: string }[] | null;
  /** Comes only with a task that is read by itself: when the reader last filled in its form and did not send it. */
  draft?: { time: string } | null;
}

export interface TaskPage {
  items: Task[];
  total: number;
  totalIsAtLeast: boolean;
  next: string | null;
  cursor: string;
}

export interface TaskChanges {
  cursor: string;
  reset: boolean;
  entered: Task[];
  updated: Task[];
  left: string[];
}

export interface Comment {
  id: string;
  user: string;
  text: string;
  time: string;
}

export interface HistoryLine {
  id: string;
  type: string;
  time: string;
  revision: number;
  changes: Values | null;
  assignee: string | null;
  by: string | null;
}

export interface SavedFilter {
  id: string;
  name: string;
  user: string;
  groups: string[];
  query: Partial<Question>;
  position: number;
  /** Absent where the server does not know of them. */
  description?: string | null;
  color?: string | null;
  own: boolean;
  total: number | null;
  totalIsAtLeast: boolean;
}

export interface Counts {
  scopes: Record<string, { total: number; totalIsAtLeast: boolean }>;
  /** `isAbout`: not counted one by one. */
  facets: Record<string, { value: string | number | null; count: number; isAbout?: boolean }[]>;
}

export interface Attribute {
  name: string;
  types: ("text" | "number" | "boolean" | "time" | "list")[];
}

/** A filter as text, `task.priority >= 50`, or a group of them. */
export type Filter = string | { and: Filter[] } | { or: Filter[] } | { not: Filter };

/** What a list asks for: the body of `POST /tasks/search`. */
export interface Question {
  scope: Scope;
  filter: Filter[];
  q: string;
  deferred: Deferred;
  sort: string | null;
}

export interface ProblemDocument {
  type?: string;
  title?: string;
  detail?: string;
  status?: number;
  assignee?: string;
  owner?: string;
  revision?: number;
  errors?: { field: string; message: string }[];
}
