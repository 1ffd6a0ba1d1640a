// How numbers are read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readGauges, sum } from "./gauges.ts";

test("gauges are kept by their label, histograms and counters are not", () => {
  const text = [
    "# HELP taskpool_ready 1 when the part works",
    'taskpool_ready{part="mongodb"} 1.0',
    'taskpool_ready{part="sql.a b"} 0.0',
    "taskpool_hub_running 1.0",
    'taskpool_http_requests_total{endpoint="x",method="GET",status="200"} 4.0',
    'taskpool_publish_window_rows_bucket{le="1.0"} 4.0',
    "python_info 1.0",
  ].join("\n");
  assert.deepEqual(readGauges(text), { ready: { mongodb: 1, "sql.a b": 0 }, hub_running: { "": 1 } });
});

test("what nobody has said has no sum", () => {
  assert.equal(sum(undefined), null);
  assert.equal(sum({}), null);
  assert.equal(sum({ a: 1, b: 2 }), 3);
});
