// A small chart of one number over the last hour, with the same in words.
import { t } from "../words/words.ts";
import { linesThrough, type Point } from "./samples.ts";

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
  const last = points.at(-1);
  if (!last) return <span class="quiet">{t("ops.unknown")}</span>;
  const most = Math.max(...points.map(([, value]) => value));
  const text = t("ops.chart", { name, now: say(last[1]), most: say(most) });
  return (
    <span class={last[1] > limit ? "spark too-much" : "spark"}>
      <svg role="img" aria-label={text} viewBox={`0 0 ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}`}>
        <title>{text}</title>
        <g transform={`translate(${EDGE} ${EDGE})`}>
          <line class="floor" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
          {linesThrough(points, WIDTH, HEIGHT).map((line) => (
            <polyline key={line.slice(-40)} points={line} />
          ))}
          <circle cx={WIDTH} cy={lastHeight(last[1], most)} r="2" />
        </g>
      </svg>
      <b>{say(last[1])}</b>
    </span>
  );
}

const lastHeight = (value: number, most: number) => HEIGHT - (value / Math.max(most, 1)) * HEIGHT;
