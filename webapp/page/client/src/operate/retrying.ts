// Tries an incident again, and looks whether it comes back.
import { call, pause } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import { t } from "../words/words.ts";
import { nextOf } from "./again.ts";
import type { Told } from "./outcomes.tsx";
import type { Incident } from "./shapes.ts";

// Until it has gone on or has failed again; where neither can be seen, for a few seconds.
const WAITS = [500, 1000, 1500, 2000, 5000, 5000, 10_000, 20_000];
const FEW = 4;
const FRESH = 900;

export const ofIncident = (id: string, what = ""): string =>
  `/ops/incidents/${encodeURIComponent(id)}${what && `/${what}`}`;

let queue: Promise<unknown> = Promise.resolve();

/** One after the other, however many are asked for at once. */
export async function retryIncident(incident: Incident): Promise<string | Told> {
  const turn = queue.then(() => call(ofIncident(incident.id, "retry"), { method: "POST" }));
  queue = turn.catch(() => {});
  await turn;
  for (const [number, wait] of WAITS.entries()) {
    await pause(wait);
    const again = await failedAgain(incident);
    if (again) return again;
    const stands = await standsStill(incident);
    if (stands === false || (stands === null && number + 1 === FEW)) break;
  }
  return t("ops.incident.retried");
}

/** What there is to say of it where it has failed again, and which incident that is. */
export async function failedAgain(incident: Incident): Promise<Told | null> {
  const again = nextOf(incident, await openIncidents());
  if (!again) return null;
  const reason = again.problem.detail ?? again.problem.title ?? "";
  return { state: "again", text: t("ops.incident.again", { reason }), incident: again.id };
}

/** Whether its element is where it was; null where that is not told. */
async function standsStill(incident: Incident): Promise<boolean | null> {
  if (incident.element === null) return null;
  try {
    const { body } = await call<{ items: { element: string; type: string }[] }>(
      ofInstance(incident.processInstanceId, "activities"),
    );
    return body.items.some((one) => one.element === incident.element && STOPPED.includes(one.type));
  } catch {
    return null;
  }
}

const STOPPED = ["job", "incident"];

let looked: { at: number; found: Promise<Incident[]> } | null = null;

// Many that are tried again at once look together.
function openIncidents(): Promise<Incident[]> {
  if (!looked || Date.now() - looked.at > FRESH) {
    const found = call<{ items: Incident[] }>("/ops/incidents").then(
      ({ body }) => body.items,
      () => [],
    );
    looked = { at: Date.now(), found };
  }
  return looked.found;
}
