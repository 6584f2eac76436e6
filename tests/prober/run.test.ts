/**
 * A run of a prober in virtual time: how soon it is sure, what ends it early, what its successor takes over, and that no
 * silence falls between two minutes.
 */
import { describe, expect, it } from "vitest";
import type { Group, Probe } from "../../shared/core/model.ts";
import { probeRun } from "../../shared/prober/run.ts";
import { type ProbeAnswer, type ProbeRequest, readProbeRequest } from "../../shared/prober/verdict.ts";
import { groupOf } from "../core/scene.ts";
import { PROBE } from "./probe.ts";
import { Virtual } from "./virtual.ts";

const [FLOATING, M1, M2, CONTROL] = ["10.0.0.10", "10.0.1.1", "10.0.1.2", "10.0.0.2"];
function probed(change: Partial<Probe> = {}, name = "nat-a"): Group {
  const group = groupOf();
  const members = group.members.map((member, index) => ({ ...member, address: [M1, M2][index] ?? "" }));
  return { ...group, name, members, probe: { ...PROBE, ...change } };
}

interface Ran {
  readonly answer: ProbeAnswer;
  /** Milliseconds that it ran. */
  readonly took: number;
  readonly measured: readonly string[];
}

/** `silent` lists who does not answer from which millisecond of the run on, until which. */
async function ran(
  silent: Readonly<Record<string, readonly [from: number, until?: number]>>,
  groups: readonly Group[] = [probed()],
  request: ProbeRequest = {},
  virtual = new Virtual(),
): Promise<Ran> {
  const began = virtual.now;
  const site = virtual.site((address, now) => {
    const [from = Number.POSITIVE_INFINITY, until = Number.POSITIVE_INFINITY] = silent[address] ?? [];
    return now - began < from || now - began >= until;
  });
  const answer = await virtual.run(probeRun(groups, request, site));
  return { answer, took: virtual.now - began, measured: site.measured };
}

const saysOf = ({ answer }: Ran, group = "nat-a") => {
  const verdict = answer.verdicts[group];
  return [verdict?.floating, verdict?.members.m1, verdict?.members.m2].map((finding) => finding?.says);
};

describe("a quiet minute", () => {
  it("is probed to its end and beyond, by what a detection takes, and ends in a verdict without a rest", async () => {
    const run = await ran({});
    expect(run.took).toBeGreaterThanOrEqual(72_000);
    expect(run.took).toBeLessThan(75_000);
    expect(saysOf(run)).toEqual(["serving", "serving", "serving"]);
    expect(run.answer.until).toBeUndefined();
    expect(run.measured.filter((line) => line === "nat-a m1 +")).toHaveLength(16);
  });

  it("by hand is as short as is asked for", async () => {
    expect((await ran({}, [probed()], { seconds: 10 })).took).toBeLessThan(11_000);
  });

  it("that is too short says of whom it is not sure", async () => {
    const { answer } = await ran({ [M1]: [0] }, [probed()], { seconds: 1 });
    expect(answer).toEqual({ verdicts: {}, unsure: ["nat-a"] });
  });
});

describe("a silence", () => {
  it("is told within 12 s at the default setting, whenever it begins", async () => {
    for (let from = 10_000; from <= 20_000; from += 250) {
      const run = await ran({ [FLOATING]: [from], [M1]: [from] });
      expect(saysOf(run)).toEqual(["silent", "silent", "serving"]);
      expect(run.took - from).toBeLessThanOrEqual(12_002);
      expect(run.took - from).toBeGreaterThan(6_900);
    }
  });

  it("ends the run early: the rest of the minute is another run's", async () => {
    const virtual = new Virtual();
    const began = virtual.now;
    const { answer } = await ran({ [M1]: [10_000] }, [probed()], {}, virtual);
    expect(answer.until).toBe(began + 72_000);
    expect(readProbeRequest(answer)).toEqual(answer);
  });

  it("that is known already is told again every quarter of a minute, before it lapses", async () => {
    const virtual = new Virtual();
    const first = await ran({ [M1]: [0] }, [probed()], {}, virtual);
    const again = await ran({ [M1]: [0] }, [probed()], first.answer, virtual);
    expect(again.took).toBeGreaterThanOrEqual(15_000);
    expect(again.took).toBeLessThan(20_000);
    expect(again.answer.verdicts["nat-a"]?.members.m1?.since).toBe(
      first.answer.verdicts["nat-a"]?.members.m1?.since,
    );
    expect(again.answer.until).toBe(first.answer.until);
  });

  it("of two failed probes is none", async () => {
    const run = await ran({ [M1]: [10_000, 14_000] });
    expect(saysOf(run)).toEqual(["serving", "serving", "serving"]);
    expect(run.took).toBeGreaterThan(70_000);
  });

  it("that begins at the end of a run is seen whole by that run, or by the next", async () => {
    for (let from = 55_000; from <= 70_000; from += 1_000) {
      const [first, next] = [await ran({ [M1]: [from] }), await ran({ [M1]: [from - 60_000] })];
      const told = Math.min(
        saysOf(first)[1] === "silent" ? first.took : Number.POSITIVE_INFINITY,
        saysOf(next)[1] === "silent" ? next.took + 60_000 : Number.POSITIVE_INFINITY,
      );
      expect(told - from).toBeLessThanOrEqual(12_002);
    }
  });

  it("in one group is not forgotten because another's ended the run", async () => {
    const virtual = new Virtual();
    const other = { ...probed({ address: "10.9.0.10" }, "nat-b"), members: [] };
    const control = { address: CONTROL, port: 53 };
    const groups = [probed({ control }), { ...other, probe: { ...PROBE, address: "10.9.0.10", control } }];
    const silent = { [M1]: [9_000], "10.9.0.10": [4_000] } as const;
    const first = await ran(silent, groups, {}, virtual);
    expect([saysOf(first)[1], saysOf(first, "nat-b")[0]]).toEqual(["serving", "silent"]);
    expect(first.answer.doubts?.["nat-a"]?.m1?.length).toBeGreaterThan(0);
    const next = await ran({ [M1]: [0], "10.9.0.10": [0] }, groups, first.answer, virtual);
    expect(saysOf(next)[1]).toBe("silent");
    // Of three failed probes only two are left to be made.
    expect(next.took).toBeLessThan(5_000);
  });
});

describe("news", () => {
  it("is that a silent address answers again", async () => {
    const virtual = new Virtual();
    const { answer } = await ran({ [M1]: [0] }, [probed()], {}, virtual);
    const back = await ran({ [M1]: [0, 7_000] }, [probed()], answer, virtual);
    expect(saysOf(back)[1]).toBe("serving");
    expect(back.took).toBeLessThan(13_000);
  });

  it("is that the floating address answers after a single failed probe: a move may lie between", async () => {
    const run = await ran({ [FLOATING]: [9_000, 11_000] });
    expect(saysOf(run)).toEqual(["serving", "serving", "serving"]);
    expect(run.took).toBeLessThan(16_000);
  });
});

describe("a prober that is cut off", () => {
  it("says that it does not know, where nothing of the group answers", async () => {
    const run = await ran({ [FLOATING]: [0], [M1]: [0], [M2]: [0] });
    expect(saysOf(run)).toEqual(["unknown", "unknown", "unknown"]);
  });

  it("says that it does not know, where its control target does not answer, whoever else does", async () => {
    const groups = [probed({ control: { address: CONTROL, port: 53 } })];
    const run = await ran({ [M1]: [10_000], [CONTROL]: [10_000] }, groups);
    expect(saysOf(run)).toEqual(["serving", "unknown", "serving"]);
  });

  it("is told from members that are all silent by its control target", async () => {
    const groups = [probed({ control: { address: CONTROL, port: 53 } })];
    const run = await ran({ [FLOATING]: [0], [M1]: [0], [M2]: [0] }, groups);
    expect(saysOf(run)).toEqual(["silent", "silent", "silent"]);
  });
});

it("a request that makes no sense is refused in words", () => {
  expect(() => readProbeRequest({ seconds: 600 })).toThrow(
    /seconds: must be a whole number of seconds from 1 to 60/,
  );
  expect(() => readProbeRequest({ until: "soon" })).toThrow(/until: must be a time in epoch milliseconds/);
});
