// Makes of src/ what browsers load: one script, parts that are fetched when they are needed, one style sheet.
import { rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const out = "../static/built";
rmSync(out, { recursive: true, force: true });
// On its own, in one file: it lives on where the page is gone.
await build({
  entryPoints: { service_worker: "src/frame/service_worker.ts" },
  outdir: out,
  bundle: true,
  target: "es2023",
  minify: true,
  logLevel: "warning",
});
const { metafile } = await build({
  entryPoints: {
    page: "src/main.tsx",
    sign_in: "src/sign_in/sign_in.ts",
    drawn: "src/instances/drawn.css",
    drawn_form: "src/task/drawn_form.css",
    schema_form: "src/task/schema_form.css",
  },
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2023",
  minify: !process.argv.includes("--readable"),
  sourcemap: process.argv.includes("--readable"),
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "linked",
  loader: { ".svg": "dataurl", ".woff2": "file", ".woff": "file", ".ttf": "file", ".eot": "file" },
  chunkNames: "part-[hash]",
  metafile: true,
  logLevel: "warning",
});

// What each script cannot begin without: the page names it at once, instead of after reading the script.
const needs = (file, seen = new Set()) => {
  for (const { path, kind } of metafile.outputs[file].imports)
    if (kind === "import-statement" && !seen.has(path)) needs(path, seen.add(path));
  return [...seen].map((path) => basename(path));
};
const entries = Object.entries(metafile.outputs).filter(
  ([file, { entryPoint }]) => entryPoint && !/\bpart-/.test(file),
);
const first = Object.fromEntries(entries.map(([file]) => [basename(file), needs(file)]));
writeFileSync(`${out}/first.json`, JSON.stringify(first));

// A part that is fetched later brings no styles with it: they belong to what fetches it.
const styled = (file) => Object.keys(metafile.outputs[file]?.inputs ?? {}).filter((input) => input.endsWith(".css"));
const shown = new Set(styled(Object.keys(metafile.outputs).find((file) => file.endsWith("/page.css"))));
for (const [, { cssBundle }] of Object.entries(metafile.outputs))
  for (const input of cssBundle && /part-/.test(cssBundle) ? styled(cssBundle) : [])
    if (!shown.has(input))
      console.warn(`${input} is imported only by a part that is fetched later: no browser loads it`);
