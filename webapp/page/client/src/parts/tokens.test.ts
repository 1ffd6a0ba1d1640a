// Contrast of every pair of colours that is used together, in every theme.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { COLORS } from "../filters/look.ts";

type Colours = Record<string, string>;

const HEX = /#[0-9a-f]+/g;

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const CONTRAST = ':root[data-theme="contrast"] {';
const both = blockAfter(":root {");
const side = (at: 0 | 1): Colours =>
  Object.fromEntries(Object.entries(both).map(([name, value]) => [name, (value.match(HEX) ?? [])[at] ?? value]));
const themes: Record<string, Colours> = {
  light: side(0),
  dark: side(1),
  contrast: { ...side(0), ...blockAfter(CONTRAST) },
};

const GROUNDS = ["ground", "surface", "raised"];
const TEXT: [string, string][] = [
  ...["ink", "quiet", "accent", "late", "warm", "good"].flatMap((text) =>
    GROUNDS.map((ground): [string, string] => [text, ground]),
  ),
  ["accent-ink", "accent"],
  ["surface", "late"],
  ...["accent", "good", "late", "warm"].map((kind): [string, string] => [kind, `${kind}-soft`]),
  ...["accent", "good", "late", "warm"].flatMap((kind): [string, string][] => [
    ["ink", `${kind}-soft`],
    ["quiet", `${kind}-soft`],
  ]),
];

for (const [name, colours] of Object.entries(themes)) {
  const least = name === "contrast" ? 7 : 4.5;
  test(`${name}: text can be read, ${least} to 1`, () => {
    const low = TEXT.filter(([text, ground]) => contrast(colours, text, ground) < least);
    assert.deepEqual(
      low.map(([text, ground]) => `${text} on ${ground} ${contrast(colours, text, ground)}`),
      [],
    );
  });
  test(`${name}: the colours of saved filters can be seen, and no two are the same`, () => {
    const dots = Object.keys(colours).filter((one) => one.startsWith("dot-"));
    const low = dots.flatMap((dot) =>
      [...GROUNDS, "accent-soft"].filter((ground) => contrast(colours, dot, ground) < 3).map((ground) => [dot, ground]),
    );
    assert.deepEqual(low, []);
    assert.deepEqual(
      dots,
      COLORS.map((color) => `dot-${color}`),
    );
    assert.equal(new Set(dots.map((dot) => colours[dot])).size, COLORS.length);
  });
  test(`${name}: the edges of what is typed in can be seen, 3 to 1`, () => {
    const low = GROUNDS.filter((ground) => contrast(colours, "edge", ground) < 3);
    assert.deepEqual(low, []);
  });
}

test("every colour is said once for the day and once for the night, and anew for high contrast", () => {
  for (const [name, value] of Object.entries(both)) {
    assert.match(value, /^light-dark\(#[0-9a-f]+, #[0-9a-f]+\)$/, name);
    assert.match(blockAfter(CONTRAST)[name] ?? "", /^#[0-9a-f]+$/, name);
  }
});

function blockAfter(head: string): Colours {
  const at = css.indexOf(head);
  assert.ok(at >= 0, head);
  const block = css.slice(at, css.indexOf("}", at));
  const said = [...block.matchAll(/--([\w-]+): ((?:light-dark\()?#[^;]+);/g)];
  return Object.fromEntries(said.map((found) => [found[1]!, found[2]!]));
}

function contrast(colours: Colours, one: string, other: string): number {
  const [dark, bright] = [lightness(colours[one]!), lightness(colours[other]!)].sort((a, b) => a - b);
  return Math.floor((100 * (bright! + 0.05)) / (dark! + 0.05)) / 100;
}

// As WCAG 2 has it.
function lightness(hex: string): number {
  const whole = hex.length === 4 ? hex.replace(/[0-9a-f]/g, "$&$&") : hex;
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(whole.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
