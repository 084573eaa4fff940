// A test suite in Node, with nothing but node:test and fetch.
//
//   ampsandbox serve sample_configs/mailmonkey.yaml --ephemeral --speed 0 --port 0
//   AMPSANDBOX_URL=http://127.0.0.1:… node --test leads.test.mjs
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const url = process.env.AMPSANDBOX_URL;
const control = `${url}/_sandbox/v1`;
const key = process.env.AMPSANDBOX_API_KEY;

async function call(method, address, body) {
  const response = await fetch(address, {
    method,
    headers: {
      ...(key ? { "x-api-key": key } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

const write = (endpoint, fields) =>
  call("POST", `${url}/projects/demo/${endpoint}`, { groupId: "demo", fields });

const leads = async () =>
  (await call("GET", `${control}/records/demo/Lead?integration=mailmonkey-salesforce`)).body;

beforeEach(() => call("POST", `${control}/reset`));

test("leads wait for their flush, and go out together", async () => {
  for (const lastName of ["Ann", "Bob"]) {
    const { status } = await write("create-lead", { lastName, company: "Big Co." });
    assert.equal(status, 202);
  }
  assert.deepEqual(await leads(), []);

  await call("POST", `${control}/clock/advance`, { minutes: 2 });
  assert.deepEqual((await leads()).map((lead) => lead.LastName), ["Ann", "Bob"]);
});

test("a locked record is tried again until it is free", async () => {
  await call("POST", `${control}/faults/demo?integration=mailmonkey-salesforce`, { kind: "row-lock", nth: 1 });
  const { body } = await write("create-lead", { lastName: "Ann", company: "Big Co." });

  await call("POST", `${control}/clock/advance`, { minutes: 5 });
  const operation = await call("GET", `${url}/projects/demo/operations/${body.operationId}`);
  assert.equal(operation.body.status, "succeeded");
  assert.ok(operation.body.attempts > 1);
});

test("what Salesforce refuses comes back in its own words", async () => {
  const { status, body } = await write("create-account", { nam: "Big Co." });
  assert.equal(status, 422);
  assert.equal(body.errors[0].code, "INVALID_FIELD");
});
