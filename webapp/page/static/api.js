// Calls to the API, in the page's session.
const token = document.querySelector("meta[name=csrf-token]").content;

export class Problem extends Error {
  constructor(document) {
    super(document.detail || document.title);
    this.document = document;
    this.slug = (document.type || "").split("/").pop();
  }
}

export async function call(path, { method = "GET", body, headers = {}, signal } = {}) {
  const sent = { "X-Requested-With": "page", Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRFToken"] = token;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const response = await fetch(`/api/v1${path}`, {
    method, headers: sent, signal, body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401) {
    location.assign("/sign-in");
    return new Promise(() => {});
  }
  const found = await response.json().catch(() => ({ title: `The server answered ${response.status}` }));
  if (!response.ok) throw Object.assign(new Problem(found), { retryAfter: 1000 * (response.headers.get("Retry-After") ?? 0) });
  return { status: response.status, body: found, headers: response.headers };
}

// Does something to a task or process; waits past a 202 until its outcome is known.
export async function command(path, body) {
  const headers = { Prefer: "wait=10", "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()) };
  let answer = await call(path, { method: "POST", body, headers });
  for (let tries = 0; answer.status === 202 && tries < 60; tries += 1) {
    await pause(1000);
    const found = await call(answer.headers.get("Location")?.replace("/api/v1", "") ?? `/commands/${answer.body.commandId}`);
    if (found.body.problem) throw new Problem(found.body.problem);
    if (found.body.status !== "pending") return found.body.task ?? found.body.result ?? found.body;
  }
  return answer.body;
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
