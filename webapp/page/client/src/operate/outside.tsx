// What operators use beside this page.
import { t } from "../words/words.ts";

const HERE = ["localhost", "127.0.0.1", "[::1]"];

export function Outside() {
  const flower = document.getElementById("app")?.dataset.flower;
  return (
    <section aria-labelledby="outside-title">
      <h2 id="outside-title">{t("ops.outside")}</h2>
      <ul class="outside">
        <li>
          <a href="/api/v1/docs" target="_blank" rel="noreferrer">
            {t("ops.api")}
          </a>{" "}
          <span class="quiet">{t("ops.api_hint")}</span>
        </li>
        <li>
          <a href="/metrics" target="_blank" rel="noreferrer">
            {t("ops.metrics")}
          </a>{" "}
          <span class="quiet">{t("ops.metrics_hint")}</span>
        </li>
        <li>
          {flower && HERE.includes(location.hostname) ? (
            <a href={flower} target="_blank" rel="noreferrer">
              Flower
            </a>
          ) : (
            <b>Flower</b>
          )}{" "}
          <span class="quiet">{t("ops.flower_hint")}</span>
        </li>
      </ul>
    </section>
  );
}
