// Calls to the API, in the page's session.
import type { ProblemDocument, Task } from "./shapes.ts";

/** The server said no, and why. */
export class Problem extends Error {
  readonly document: ProblemDocument;
  readonly retryAfter: number;

  constructor(document: ProblemDocument, retryAfter = 0) {
    super(document.detail || document.title || "");
    this.document = document;
    this.retryAfter = retryAfter;
  }

  /** The last part of its type: `claim-conflict`. */
  get slug(): string {
    return (this.document.type ?? "").split("/").pop() ?? "";
  }
}

export interface Answer<Body> {
  status: number;
  body: Body;
  headers: Headers;
}

export interface Asked {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const csrf = () => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";

const AWAY = new Set([502, 503, 504]);

/** Asks `/api/v1` and the path; raises `Problem` for a refusal and `TypeError` where nobody answers. */
export async function call<Body>(path: string, asked: Asked = {}): Promise<Answer<Body>> {
  const { method = "GET", body, headers = {}, signal } = asked;
  const sent: Record<string, string> = { "X-Requested-With": "page", Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRFToken"] = csrf();
  const isText = typeof body === "string" || body instanceof Blob || body instanceof FormData;
  if (body !== undefined && !isText) sent["Content-Type"] = "application/json";
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: sent,
    signal,
    body: body === undefined ? undefined : isText ? body : JSON.stringify(body),
  });
  if (response.status === 401) {
    location.assign("/sign-in");
    return new Promise(() => {});
  }
  // An answer that ends within is none.
  const unread = (error: unknown) => (response.ok ? Promise.reject(error) : { title: String(response.status) });
  const found = response.status === 204 ? null : await response.json().catch(unread);
  // What stands in front of the server says so where that is away.
  if (AWAY.has(response.status) && !found?.type) throw new TypeError(`nobody answered: ${response.status}`);
  if (!response.ok) throw new Problem(found, 1000 * Number(response.headers.get("Retry-After") ?? 0));
  return { status: response.status, body: found, headers: response.headers };
}

/** A key that says of a repeat that it is one. */
export const newKey = (): string => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

interface Outcome {
  commandId?: string;
  status?: string;
  task?: Task;
  result?: unknown;
  problem?: ProblemDocument;
}

/** Does something to a task or process and waits past a 202 until its outcome is known; raises as `call`. */
export async function command<Body>(
  path: string,
  body?: unknown,
  key = newKey(),
  { method = "POST", headers: more = {} }: Pick<Asked, "method" | "headers"> = {},
): Promise<Body> {
  const headers = { Prefer: "wait=10", "Idempotency-Key": key, ...more };
  const answer = await call<Outcome>(path, { method, body, headers });
  if (answer.status !== 202) return answer.body as Body;
  const place = answer.headers.get("Location")?.replace("/api/v1", "") ?? `/commands/${answer.body.commandId}`;
  for (let tries = 0; tries < 60; tries += 1) {
    await pause(1000);
    const { body: found } = await call<Outcome>(place);
    if (found.problem) throw new Problem(found.problem);
    if (found.status !== "pending") return (found.task ?? found.result ?? found) as Body;
  }
  return answer.body as Body;
}

export const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));
