/** A claim in the hands of its holder: when it is renewed, what takes it away, and what the table's silence does not. */
import { describe, expect, it } from "vitest";
import { Claim } from "../shared/claim.ts";
import type { Hold, State } from "../shared/core/model.ts";
import type { World } from "../shared/world.ts";
import { claimed, emptyState, INTENT, NOW, paused } from "./store-states.ts";
import { FaultyTable, GROUP, TABLE, worldOf } from "./store-table.ts";
import { group } from "./stub-world.ts";

const CLAIMED: State = { ...claimed({ ...emptyState(), version: 1 }, "me"), outbox: {} };
const TAKEN_OVER: State = { ...claimed(CLAIMED, "other"), version: 2 };
const STUCK: Hold = { kind: "hold", because: "detach-stuck", message: "It does not come off.", notify: true };
const QUIET: Hold = {
  kind: "hold",
  because: "in-progress",
  message: "Somebody else moves it.",
  notify: false,
};
const ENDING = { kind: "moved", because: "active-dead", message: "Moved." } as const;
const LATER = { ...INTENT, tried: ["m2"] };

function stage(state: State = CLAIMED) {
  const table = new FaultyTable();
  const stands = (left: State): void => {
    const Item = { pk: `GROUP#${GROUP}`, sk: "STATE", ...left };
    table.sim.execute("PutCommand", { TableName: TABLE, Item });
  };
  stands(state);
  let now = NOW;
  // Time is the test's. Who waits for the end of a call's patience waits for ever.
  const sleep = (ms: number) => (ms === 0 ? Promise.resolve() : new Promise<void>(() => {}));
  const logged: unknown[] = [];
  const told: { readonly DetailType: string; readonly Detail: string }[] = [];
  const bus = {
    send: async ({ input: { Entries } }: { input: { Entries: typeof told } }) => {
      told.push(...Entries);
      return { Entries: Entries.map((_, at) => ({ EventId: `event-${at}` })) };
    },
  };
  const world: World = {
    ...worldOf(table),
    eventbridge: bus as unknown as World["eventbridge"],
    clock: { now: () => now, sleep },
    random: () => 0,
    log: (...line) => logged.push(line),
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  const claim = () => new Claim(world, group(), state, "me");
  const goAway = () => {
    table.always = "unavailable";
  };
  const comeBack = () => {
    table.always = "none";
  };
  return { table, stands, told, logged, pass, claim, goAway, comeBack };
}

describe("a claim", () => {
  it("is as it was taken", () => {
    const claim = stage().claim();
    expect(claim).toMatchObject({ state: CLAIMED, epoch: 1, away: false, alone: false });
  });

  it("is the holder's for another lease when it is renewed, with the intent as it is now", async () => {
    const { table, pass, claim: begin } = stage();
    const claim = begin();
    pass(15_000);
    expect(await claim.renew(LATER)).toBe(true);
    expect(table.state()).toMatchObject({
      intent: LATER,
      lease: { holder: "me", until: NOW + 45_000 },
      isolated: {},
    });
    expect(table.state()).toMatchObject(claim.state);
  });

  it("keeps what isolation took and is about to take", async () => {
    const { table, pass, claim: begin } = stage();
    const claim = begin();
    const isolated = { m1: { "eni-9": ["sg-1"] } };
    await claim.renew(INTENT, isolated);
    pass(15_000);
    await claim.renew(LATER);
    expect(table.state()).toMatchObject({ isolated, intent: LATER });
  });

  it("is lost to who took it over, whatever its holder wants to write, and that is asked once", async () => {
    const writes: readonly ((claim: Claim) => Promise<unknown>)[] = [
      (claim) => claim.renew(LATER),
      (claim) => claim.settle(INTENT, ENDING, {}),
      (claim) => claim.hold(STUCK, {}),
      (claim) => claim.release(LATER, STUCK, {}),
    ];
    for (const write of writes) {
      const { table, told, claim: begin, stands } = stage();
      const claim = begin();
      stands(TAKEN_OVER);
      const theirs = table.state();
      expect(await write(claim)).toBe(false);
      expect(table.state()).toEqual(theirs);
      expect(claim.state.lease?.holder).toBe("other");
      expect(claim).toMatchObject({ epoch: 1, away: false });
      expect(table.sent).toEqual(["UpdateCommand", "GetCommand"]);
      expect(told).toEqual([]);
    }
  });

  it("is not lost to who writes beside it", async () => {
    const { claim: begin, stands } = stage();
    const claim = begin();
    stands({ ...paused(CLAIMED), version: 2 });
    expect(await claim.renew(LATER)).toBe(true);
    expect(claim.state).toMatchObject({ pause: { by: "alice" }, intent: LATER, version: 3 });
  });
});

describe("a renewal", () => {
  it.each([
    [0, false],
    [14_999, false],
    [15_000, true],
    [60_000, true],
  ])("%i ms after the claim was asked for: due is %s", (ms, due) => {
    const { pass, claim: begin } = stage();
    const claim = begin();
    pass(ms);
    expect(claim.renewalIsDue()).toBe(due);
  });

  it("is counted from when the claim was asked for, however late its answer came", () => {
    const { pass, claim } = stage();
    pass(10_000);
    const late = claim();
    expect(late.renewalIsDue()).toBe(false);
    pass(5_000);
    expect(late.renewalIsDue()).toBe(true);
  });

  it("is due again half a lease after the last was asked for, however late its answer came", async () => {
    const { table, pass, claim: begin } = stage();
    const claim = begin();
    pass(15_000);
    table.before = async () => pass(4_000);
    await claim.renew(INTENT);
    pass(10_999);
    expect(claim.renewalIsDue()).toBe(false);
    pass(1);
    expect(claim.renewalIsDue()).toBe(true);
  });

  it("that was refused is none", async () => {
    const { pass, claim: begin, stands } = stage();
    const claim = begin();
    pass(15_000);
    stands(TAKEN_OVER);
    await claim.renew(INTENT);
    expect(claim.renewalIsDue()).toBe(true);
  });

  it("is due at once where it is not known until when the lease is", () => {
    const { lease: _, ...state } = CLAIMED;
    expect(stage(state).claim().renewalIsDue()).toBe(true);
  });
});

describe("a table that is away", () => {
  /** A holder that has found the table away, ten seconds after its claim. */
  async function away() {
    const staged = stage();
    const claim = staged.claim();
    staged.goAway();
    staged.pass(10_000);
    const kept = await claim.renew(LATER);
    return { ...staged, claim, kept };
  }

  it("takes nothing away, and is logged", async () => {
    const { claim, kept, logged } = await away();
    expect(kept).toBe(true);
    expect(claim).toMatchObject({ away: true, state: CLAIMED, epoch: 1 });
    const fields = { group: GROUP, error: expect.stringContaining("InternalServerError") };
    expect(logged).toEqual([["warn", "the record could not be written", fields]]);
  });

  it.each([
    [9_999, false],
    [10_000, true],
  ])("is asked again: %i ms after it was last asked, due is %s", async (ms, due) => {
    const { claim, pass } = await away();
    pass(ms);
    expect(claim.renewalIsDue()).toBe(due);
  });

  it("is not asked again for ten seconds, counted from the end of the last try", async () => {
    const { table, claim, pass } = await away();
    pass(10_000);
    table.before = async () => pass(3_000);
    await claim.renew(LATER);
    pass(9_999);
    expect(claim.renewalIsDue()).toBe(false);
    pass(1);
    expect(claim.renewalIsDue()).toBe(true);
  });

  it.each([
    [24_999, false],
    [25_000, true],
    [40_000, true],
  ])(
    "leaves its holder alone five seconds before the lease runs out: %i ms after the claim, %s",
    async (ms, alone) => {
      const { claim, pass } = await away();
      pass(ms - 10_000);
      expect(claim.alone).toBe(alone);
    },
  );

  it("leaves a holder alone that has no lease", async () => {
    const { claim, comeBack, goAway } = await away();
    comeBack();
    await claim.release(LATER, QUIET, {});
    goAway();
    await claim.renew(LATER);
    expect(claim.alone).toBe(true);
  });

  it("and comes back within the lease gives the holder another one", async () => {
    const { table, claim, pass, comeBack } = await away();
    pass(10_000);
    comeBack();
    expect(await claim.renew(LATER)).toBe(true);
    expect(claim).toMatchObject({ away: false, alone: false });
    expect(table.state()).toMatchObject({ intent: LATER, lease: { holder: "me", until: NOW + 50_000 } });
    pass(14_999);
    expect(claim.renewalIsDue()).toBe(false);
  });

  it("and comes back after the lease, with nobody else on the group, gives it another one, too", async () => {
    const { claim, pass, comeBack } = await away();
    pass(60_000);
    expect(claim.alone).toBe(true);
    comeBack();
    expect(await claim.renew(LATER)).toBe(true);
    expect(claim).toMatchObject({ away: false, alone: false });
  });

  it("has the move told aside, and leaves it in the record for the next look", async () => {
    const { table, told, claim } = await away();
    expect(await claim.settle(INTENT, ENDING, { inUse: NOW + 9_000 })).toBe(true);
    expect(table.state()).toMatchObject({ intent: INTENT, moves: [] });
    expect(told.map(({ Detail }) => JSON.parse(Detail))).toMatchObject([
      { group: GROUP, because: "active-dead", message: "Moved.", move: INTENT.id, epoch: 1 },
    ]);
  });

  it.each<[string, (claim: Claim) => Promise<boolean>]>([
    ["given up", (claim) => claim.hold(STUCK, { move: INTENT.id })],
    ["let go of", (claim) => claim.release(LATER, STUCK, { move: INTENT.id })],
  ])("has a hold told aside, once, where the group is %s", async (_, letGo) => {
    const { told, claim } = await away();
    expect(await letGo(claim)).toBe(true);
    expect(await letGo(claim)).toBe(false);
    expect(told.map(({ Detail }) => JSON.parse(Detail))).toMatchObject([
      { group: GROUP, because: "detach-stuck", message: STUCK.message, move: INTENT.id, epoch: 1 },
    ]);
  });

  it("is not what a write is that the table does not understand: that is a bug", async () => {
    const { table, claim: begin } = stage();
    const claim = begin();
    table.before = async () => {
      throw Object.assign(new Error("…"), {
        name: "ValidationException",
        $metadata: { httpStatusCode: 400 },
      });
    };
    await expect(claim.renew(LATER)).rejects.toMatchObject({ next: "bug" });
    expect(claim.away).toBe(false);
  });
});

describe("a write of the holder's own that landed unseen", () => {
  it("is written on top of", async () => {
    const { table, pass, claim: begin } = stage();
    const claim = begin();
    pass(15_000);
    // It takes effect, and nothing is heard of it, nor of the record.
    table.faults.push("answer lost", ...Array<"unavailable">(6).fill("unavailable"));
    table.always = "unavailable";
    expect(await claim.renew(INTENT)).toBe(true);
    expect(claim).toMatchObject({ away: true, state: { lease: { until: NOW + 30_000 } } });
    expect(table.state()).toMatchObject({ lease: { until: NOW + 45_000 } });
    table.faults.length = 0;
    table.always = "none";
    pass(10_000);
    expect(await claim.renew(LATER)).toBe(true);
    expect(table.state()).toMatchObject({ intent: LATER, lease: { holder: "me", until: NOW + 55_000 } });
    expect(table.state()).toMatchObject(claim.state);
    expect(claim.away).toBe(false);
  });
});

describe("an end of a claim", () => {
  it("settles the move: it is remembered and told, intent and lease go", async () => {
    const { table, told, claim } = stage();
    expect(await claim().settle(INTENT, ENDING, { inUse: NOW })).toBe(true);
    const { lease, intent, moves, outbox } = table.state() as unknown as State;
    expect({ lease, intent }).toEqual({});
    expect(moves).toMatchObject([{ id: INTENT.id, to: INTENT.to, phases: { inUse: NOW } }]);
    expect(Object.values(outbox)).toMatchObject([{ kind: "move", message: "Moved." }]);
    expect(told).toEqual([]);
  });

  it("drops an intent that never began, and says why", async () => {
    const { table, claim } = stage();
    await claim().drop("recovered", "m1 is well again.");
    const { lease, intent, moves, outbox } = table.state() as unknown as State;
    expect({ lease, intent, moves }).toEqual({ moves: [] });
    expect(Object.values(outbox)).toMatchObject([{ kind: "recovered", message: "m1 is well again." }]);
  });

  it("for a hold drops the intent; the hold is news once", async () => {
    const { table, told, claim: begin } = stage();
    const claim = begin();
    expect(await claim.hold(STUCK, { by: "alice" })).toBe(true);
    const { lease, intent, outbox } = table.state() as unknown as State;
    expect({ lease, intent }).toEqual({});
    expect(Object.values(outbox)).toMatchObject([{ kind: "refusal", because: "detach-stuck", by: "alice" }]);
    expect(told).toEqual([]);
    const again = stage({ ...CLAIMED, told: claim.state.told ?? { because: "paused", since: 0 } });
    expect(await again.claim().hold(STUCK, {})).toBe(false);
    expect(again.table.state()).not.toHaveProperty("lease");
  });

  it("for a hold that has only come back is in the history, and no news", async () => {
    const { table, claim } = stage({ ...CLAIMED, woken: { "detach-stuck": NOW } });
    expect(await claim().hold(STUCK, {})).toBe(false);
    expect(Object.values((table.state() as unknown as State).outbox)).toMatchObject([{ again: true }]);
  });

  it("lets go of the group for a hold, and leaves the intent to the next look", async () => {
    const { table, claim } = stage();
    expect(await claim().release(LATER, STUCK, { move: INTENT.id })).toBe(true);
    const { lease, intent, outbox } = table.state() as unknown as State;
    expect({ lease, intent }).toEqual({ intent: LATER });
    expect(Object.values(outbox)).toMatchObject([{ because: "detach-stuck", move: INTENT.id }]);
  });

  it.each<Hold>([QUIET, { ...STUCK, notify: false }])(
    "is no news for a hold that nobody wants to know: $because",
    async (hold) => {
      const { table, claim } = stage();
      expect(await claim().hold(hold, {})).toBe(false);
      expect(table.state()).not.toHaveProperty("lease");
      expect(table.state()).toMatchObject({ outbox: {} });
    },
  );
});
