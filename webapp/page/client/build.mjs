// Makes of src/ what browsers load: one script, parts that are fetched when they are needed, one style sheet.
import { rmSync } from "node:fs";
import { build } from "esbuild";

const out = "../static/built";
rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: { page: "src/main.tsx", sign_in: "src/sign_in/sign_in.ts", drawn: "src/instances/drawn.css" },
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
  logLevel: "warning",
});
