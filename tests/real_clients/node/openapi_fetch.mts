// Type-checked against what openapi-typescript made of /openapi.json, and run against the sandbox.
import createClient from "openapi-fetch";
import type { paths } from "./api.d.ts";

const client = createClient<paths>({ baseUrl: (globalThis as any).process.argv[2] });

const written = await client.POST("/projects/demo/create-account", {
  body: { groupId: "demo", fields: { name: "Big Co." } },
});
const operationId: string = written.data!.operationId;
const followed = await client.GET("/projects/demo/operations/{operationId}", { params: { path: { operationId } } });
const status: "queued" | "sending" | "succeeded" | "failed" | "in_doubt" | "dropped" = followed.data!.status;

const queued = await client.POST("/projects/demo/create-lead", {
  body: { groupId: "demo", fields: { lastName: "Ann", company: "Big Co." } },
});
const flushAt: string | null = queued.data!.flushAt;
const clock = await client.POST("/_sandbox/v1/clock/advance", { body: { hours: 2 } });
const operations = await client.GET("/_sandbox/v1/operations", { params: { query: { object: "lead" } } });

const crm = { integration: "mailmonkey-salesforce" };
const records = await client.GET("/_sandbox/v1/records/{group}/{object}", {
  params: { path: { group: "demo", object: "account" }, query: { ...crm, limit: 5 } },
});
const fault = await client.POST("/_sandbox/v1/faults/{group}", {
  params: { path: { group: "demo" }, query: crm },
  body: { kind: "outage", first: 1 },
});
const refused = await client.POST("/projects/demo/create-account", { body: { groupId: "nobody", fields: {} } });

console.log(
  JSON.stringify({
    status,
    isQueued: flushAt !== null,
    speed: clock.data!.speed,
    leads: operations.data!.map((each) => each.state),
    records: records.data!.length,
    fault: fault.data!.kind,
    refused: refused.response.status,
  }),
);
