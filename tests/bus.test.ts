/** What becomes of an event whose way to the bus is not smooth: nothing is lost, and nothing stands in the way. */
import { expect, it } from "vitest";
import { send } from "../shared/bus.ts";
import type { HistoryEntry, State } from "../shared/core/model.ts";
import { type News, newsOf } from "../shared/core/news.ts";
import { emptyState } from "../shared/core/record.ts";
import { deliverOutbox } from "../shared/outbox.ts";
import type { Answer, Stub } from "./stub-world.ts";
import { awsError, stubWorld, T0 } from "./stub-world.ts";

const KEY = "2026-01-15T12:00:00.000Z#e1.1";
const entry: HistoryEntry = {
  at: T0,
  sequence: "e1.1",
  kind: "move",
  because: "active-dead",
  message: "Moved.",
  to: "i-2",
  epoch: 1,
};
const news = (count: number): News[] =>
  Array.from({ length: count }, (_, at) => newsOf("nat-a", KEY, { ...entry, move: `id-${at}` }) ?? []).flat();
const entriesOf = (input: Record<string, unknown>) => input.Entries as { Detail: string }[];
const idsOf = (input: Record<string, unknown>) =>
  entriesOf(input).map(({ Detail }) => JSON.parse(Detail).move);
/** The bus takes all entries but those with these ids. */
const refusing = (input: Record<string, unknown>, ...ids: string[]) => {
  const Entries = idsOf(input).map((id) =>
    ids.includes(id) ? { ErrorCode: "InternalFailure" } : { EventId: "e" },
  );
  return { FailedEntryCount: ids.length, Entries };
};
const table: Answer = (operation, input) => (operation === "PutEvents" ? refusing(input) : {});

it("sends ten a call, with source, type and the time at which it was", async () => {
  const { world, inputs } = stubWorld(table);
  expect([...(await send(world, news(23)))]).toHaveLength(23);
  expect(inputs("PutEvents").map((input) => entriesOf(input).length)).toEqual([10, 10, 3]);
  expect(entriesOf(inputs("PutEvents")[0] ?? {})[0]).toMatchObject({
    Source: "eni-failover",
    DetailType: "Move Finished",
    Time: new Date(T0),
  });
});

it("an entry that the bus did not take is sent again, and the others are not", async () => {
  const { world, inputs } = stubWorld((_, input, nth) =>
    nth === 1 ? refusing(input, "id-1") : refusing(input),
  );
  expect([...(await send(world, news(3)))]).toEqual(news(3).map(({ detail }) => detail.id));
  expect(inputs("PutEvents").map(idsOf)).toEqual([["id-0", "id-1", "id-2"], ["id-1"]]);
});

it.each([
  {
    name: "an entry is never taken",
    answer: (input: Record<string, unknown>) => refusing(input, "id-0"),
    tries: 3,
  },
  {
    name: "the bus is in trouble",
    answer: () => Promise.reject(awsError("InternalException", 500)),
    tries: 3,
  },
  { name: "there is no answer", answer: () => Promise.reject(awsError("TimeoutError", 0)), tries: 3 },
  { name: "it is forbidden", answer: () => Promise.reject(awsError("AccessDeniedException", 400)), tries: 1 },
])("where $name it is said, and no error", async ({ answer, tries }) => {
  const { world, inputs, errors } = stubWorld((_, input) => answer(input));
  expect([...(await send(world, news(1)))]).toEqual([]);
  expect(inputs("PutEvents")).toHaveLength(tries);
  expect(errors).toEqual(["events could not be sent"]);
});

const waiting = (outbox: State["outbox"] = { [KEY]: entry }): State => ({ ...emptyState(), outbox });
const deliver = (stub: Stub, state = waiting(), more: object = {}) =>
  deliverOutbox(stub.world, "nat-a", state, { historyDays: 1, ours: () => true, ...more });
/** A world whose table answers in no time: what would wait for it to time out sleeps on. */
function outboxWorld(answer: Answer): Stub & { readonly pass: (milliseconds: number) => void } {
  const stub = stubWorld(answer);
  let now = T0;
  const sleep = (milliseconds: number) =>
    milliseconds < 1_000 ? Promise.resolve() : new Promise<void>(() => undefined);
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { ...stub, world: { ...stub.world, clock: { now: () => now, sleep } }, pass };
}
const operations = ({ calls }: Stub) => calls.map(({ operation }) => operation).sort();

it("an entry leaves the outbox when it is written and told", async () => {
  const stub = outboxWorld(table);
  await deliver(stub);
  expect(operations(stub)).toEqual(["Put", "PutEvents", "Update"]);
});

it("an entry that could not be told stays, and is told by the next look", async () => {
  let away = true;
  const stub = outboxWorld((operation, input) => {
    if (operation === "PutEvents" && away) throw awsError("InternalException", 500);
    return table(operation, input, 1);
  });
  await deliver(stub);
  expect(stub.inputs("Update")).toEqual([]);
  away = false;
  await deliver(stub);
  expect(stub.inputs("Update")).toHaveLength(1);
});

it("an outbox that could not be cleared is not told again by this environment", async () => {
  const stub = outboxWorld((operation, input) => {
    if (operation === "Update") throw awsError("AccessDeniedException", 400);
    return table(operation, input, 1);
  });
  await deliver(stub);
  await deliver(stub);
  expect(stub.inputs("PutEvents")).toHaveLength(1);
});

it("an entry of somebody else's is left to its writer for a while, and then delivered", async () => {
  const stub = outboxWorld(table);
  await deliver(stub, waiting(), { ours: () => false });
  expect(stub.calls).toEqual([]);
  stub.pass(20_000);
  await deliver(stub, waiting(), { ours: () => false });
  expect(operations(stub)).toEqual(["Put", "PutEvents", "Update"]);
});

it("who may not send events writes the history, and leaves the event to others", async () => {
  const stub = outboxWorld(table);
  await deliver(stub, waiting(), { mayTell: false });
  expect(operations(stub)).toEqual(["Put"]);
  const command: HistoryEntry = { ...entry, kind: "command", because: "operator" };
  await deliver(stub, waiting({ [KEY]: command }), { mayTell: false });
  expect(operations(stub)).toEqual(["Put", "Put", "Update"]);
});

it("what can't be told for a day, or is more than the record should hold, is given up and said", async () => {
  const stub = outboxWorld((operation, input) => {
    if (operation === "PutEvents") throw awsError("AccessDeniedException", 400);
    return table(operation, input, 1);
  });
  const many = Array.from(
    { length: 52 },
    (_, at) => [`2026-01-15T12:00:00.${100 + at}Z#v${at}`, entry] as const,
  );
  await deliver(stub, waiting(Object.fromEntries(many)));
  const names = stub.inputs("Update")[0]?.ExpressionAttributeNames as Record<string, string>;
  expect([names["#k0"], names["#k1"], names["#k2"]]).toEqual([many[0]?.[0], many[1]?.[0], undefined]);
  stub.pass(86_400_000);
  await deliver(stub);
  expect(stub.inputs("Update")).toHaveLength(2);
  expect(stub.errors).toContain("events are given up");
});
