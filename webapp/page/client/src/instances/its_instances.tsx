// Instances that belong together: those one has called, or those that tasks of an entry are in.
import { GoLink } from "../parts/go_link.tsx";
import { t } from "../words/words.ts";
import { useLivePath } from "./live.ts";
import { nameOfInstance } from "./running.tsx";
import type { Instance } from "./shapes.ts";

interface Given {
  title: string;
  /** All of them have to be found; null where nothing is asked. */
  filters: string[] | null;
}

export function ItsInstances({ title, filters }: Given) {
  const asked = new URLSearchParams({ size: "50", sort: "-startTime" });
  for (const one of filters ?? []) asked.append("filter", one);
  const { found } = useLivePath<{ items: Instance[] }>(filters && `/process-instances?${asked}`);
  if (!found?.items.length) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="of-it">
        {found.items.map((one) => (
          <li key={one.id}>
            <GoLink to="running" changes={{ part: "all", task: one.id }}>
              {[nameOfInstance(one), one.businessKey].filter(Boolean).join(" · ")}
            </GoLink>{" "}
            <span class="quiet">{t(`run.${one.state}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
