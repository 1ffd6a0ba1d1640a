// What the API answers about process instances.

export type State = "RUNNING" | "SUSPENDED" | "FINISHED" | "CANCELLED";

export interface Instance {
  id: string;
  processInstanceId: string;
  application: string;
  processDefinitionKey: string | null;
  processDefinitionId: string | null;
  processName: string | null;
  businessKey: string | null;
  state: State;
  startUser: string | null;
  startTime: string | null;
  endTime: string | null;
  superInstanceId: string | null;
  deleteReason: string | null;
  revision: number;
  incidents: number | null;
}

export type Kind =
  | "userTask"
  | "subProcess"
  | "callActivity"
  | "task"
  | "timer"
  | "message"
  | "signal"
  | "condition"
  | "eventGateway"
  | "gateway"
  | "job"
  | "incident";

export interface Activity {
  element: string;
  name: string | null;
  type: Kind;
  since: string | null;
  taskId: string | null;
  assignee?: string | null;
  candidateGroups?: string[];
  calledInstanceId: string | null;
  incident: string | null;
}

export interface Diagram {
  definitionId: string;
  xml: string;
}

export const hasEnded = ({ state }: Instance): boolean => state === "FINISHED" || state === "CANCELLED";
