// The operator's page.
import { t } from "../words/words.ts";

export function Operate() {
  return <h1>{t("title.operate")}</h1>;
}
