import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

async function drawing(): Promise<typeof import("./schema_templates.tsx")> {
  const entry = fileURLToPath(new URL("schema_templates.tsx", import.meta.url));
  const jsx = { jsx: "automatic", jsxImportSource: "preact" } as const;
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false, ...jsx });
  return await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString("base64")}`);
}

test("files are not drawn: their names would be, with the HTML in them", async () => {
  const { templates, widgets } = await drawing();
  assert.equal(widgets.FileWidget, templates.UnsupportedFieldTemplate);
});
