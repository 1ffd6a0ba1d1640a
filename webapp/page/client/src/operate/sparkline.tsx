// A small chart of one number over the last hour, with the same in words.
import { t } from "../words/words.ts";
import { hasGaps, known, linesThrough, type Point } from "./samples.ts";

const WIDTH = 120;
const HEIGHT = 26;
const EDGE = 2;

interface Given {
  points: Point[];
  /** What is shown, for who cannot see it. */
  name: string;
  say: (value: number) => string;
  /** From where on it is too much. */
  limit: number;
}

export function Sparkline({ points, name, say, limit }: Given) {
  const all = known(points);
  if (!all.length) return <span class="quiet">{t("ops.unknown")}</span>;
  const now = points.at(-1)![1];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const said = now === null ? t("ops.unknown") : say(now);
  const chart = t("ops.chart", { name, now: said, least: say(least), most: say(most) });
  const text = hasGaps(points) ? t("ops.chart_gaps", { chart }) : chart;
  return (
    <span class={now !== null && now > limit ? "spark too-much" : "spark"}>
      <svg role="img" aria-label={text} viewBox={`0 0 ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}`}>
        <title>{text}</title>
        <g transform={`translate(${EDGE} ${EDGE})`}>
          <line class="floor" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
          {linesThrough(points, WIDTH, HEIGHT).map((line) => (
            <polyline key={line.slice(-40)} points={line} />
          ))}
          {now !== null && <circle cx={WIDTH} cy={HEIGHT - (now / Math.max(most, 1)) * HEIGHT} r="2" />}
        </g>
      </svg>
      {now === null ? <span class="quiet">{said}</span> : <b>{said}</b>}
    </span>
  );
}
