// The operator's page: fetched when an operator opens it, refused in words to everybody else.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { session } from "../state/session.ts";
import { pageTitle } from "../state/title.ts";
import { t } from "../words/words.ts";
import "./operate.css";
import "./tables.css";
import "./health.css";
import "./deployments.css";

export function Operate() {
  const [Room, setRoom] = useState<ComponentType | null>(null);
  useEffect(() => {
    pageTitle.value = t("title.operate");
    if (session.isOperator) void import("./room.tsx").then((found) => setRoom(() => found.Room));
  }, []);
  return (
    <section class="operate" id="list" tabIndex={-1} aria-labelledby="operate-title">
      <h1 id="operate-title">{t("title.operate")}</h1>
      {!session.isOperator ? <p>{t("ops.not_yours", { who: session.user })}</p> : Room ? <Room /> : null}
    </section>
  );
}
