// Keys as they stand on a keyboard.
import { t } from "../words/words.ts";
import "./key_names.css";

const SIGNS: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "↵",
  Escape: "Esc",
  " ": "␣",
};
const isApple = /Mac|iP(hone|ad)/.test(navigator.platform);

/** Keys as they stand on a keyboard: `Ctrl+k` together, `g m` one after the other. */
export function Keys({ name }: { name: string }) {
  const presses = name === " " ? [name] : name.split(" ");
  return (
    <span class="presses">
      {presses.map((press, at) => (
        <kbd key={`${at} ${press}`}>{shown(press)}</kbd>
      ))}
    </span>
  );
}

function shown(press: string): string {
  const keys = press.split("+");
  const sign = (key: string) => SIGNS[key] ?? (key === "Ctrl" ? control() : keys.length > 1 ? capital(key) : key);
  return keys.map(sign).join(" ");
}

const capital = (key: string) => (key.length === 1 ? key.toUpperCase() : key);
const control = () => (isApple ? "⌘" : t("keys.ctrl"));
