/**
 * The prober end to end, on the packaged stack: a hung active is left because a real prober, which opens real sockets, says
 * so; its answer travels by Lambda's destination, bus and rule, under the packaged roles. CloudWatch and EC2's checks stay
 * at AWS's own pace, so nothing else can have seen it. Asserted on are the interface, the record and the history.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Guests, startGuests } from "../local/guests/guests.ts";
import { loadConfig } from "../shared/config.ts";
import { packagedOf } from "./package/sls.ts";
import { CONFIGURATIONS } from "./permissions/scenarios.ts";
import { dressedAs } from "./wire/dressed.ts";
import { probedOn } from "./wire/probed.ts";
import { A, B, STACK, type Stage, stage, until } from "./wire/stage.ts";

/** As fast as it gets: silent after two failed probes, half a second each. */
const CONFIG = probedOn(12, { http: { port: 8012, path: "/up" }, everySeconds: 1, failAfter: 2 });

let there: Stage;
let guests: Guests;

beforeAll(async () => {
  const { folder } = await packagedOf("probed", CONFIGURATIONS.stops);
  const prober = await dressedAs(folder, "prober", CONFIG);
  there = await stage(folder, 1, prober);
  guests = await startGuests(there.cloud, await loadConfig(prober.configPath));
});

afterAll(async () => {
  await there?.close();
  await guests?.close();
});

const ends = (name: string) =>
  there.cloud.journal.entries.filter(
    ({ kind, subject }) => kind === "invocation-end" && subject === `${STACK}-${name}`,
  );
const reports = () =>
  ends("onHealthEvent").flatMap(({ detail }) => {
    const { reports = [] } = (detail.answer ?? {}) as { reports?: { outcome: string; because: string }[] };
    return reports.map(({ outcome, because }) => `${outcome} ${because}`);
  });

describe("a prober in the packaged stack", () => {
  it("finds everybody well, by hand", async () => {
    const { verdicts } = await there.invoke("probe", { seconds: 1 });
    expect(verdicts).toMatchObject({
      "nat-a": {
        floating: { says: "serving", detail: "status 200" },
        members: { [A]: { says: "serving" }, [B]: { says: "serving" } },
      },
    });
    expect(ends("onHealthEvent")).toHaveLength(0);
  });

  it("takes the group off a hung active within seconds, and tells that the address serves on the other", async () => {
    const { cloud, deployment } = there;
    deployment.bus.runSchedule(`${STACK}-probe`);
    await until(probing);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const hungAt = Date.now();
    const broken = cloud.break({ kind: "hang", instance: A });
    await until(() => reports().some((report) => report.startsWith("moved ")));
    expect(there.holder()).toBe(B);
    const detach = cloud.journal.entries.find(({ subject }) => subject === "ec2:DetachNetworkInterface");
    expect((detach?.at ?? 0) - hungAt).toBeLessThan(6_000);
    // Nothing else follows from the breakage: no check of EC2 has noticed it.
    expect(cloud.journal.entries.filter(({ cause }) => cause === broken)).toEqual([]);
    expect(cloud.journal.chain(detach?.id ?? "").map(({ kind }) => kind)).toEqual([
      "call",
      "invocation",
      "rule",
      "event",
      "invocation-end",
      "invocation",
      "rule",
    ]);
    await until(() => reports().includes("serving active-failing"));
    expect(await there.history()).toEqual(["move", "serving"]);
    expect(await there.record()).toMatchObject({
      served: { ok: true },
      probed: {
        floating: { says: "serving" },
        members: { [A]: { says: "silent" }, [B]: { says: "serving" } },
      },
    });
    expect(deployment.lost).toEqual([]);
  });

  it("goes on with the rest of its minute after each answer, and its metrics have the resolution of a second", async () => {
    const rests = there.cloud.journal.entries.filter(
      ({ kind, subject }) => kind === "rule" && subject === `${STACK}-probe-rest`,
    );
    expect(rests.length).toBeGreaterThanOrEqual(2);
    const [log = ""] = there.deployment.lambda.logs(`${STACK}-probe`);
    const line = log.split("\n").find((text) => text.includes("probeAnswered")) ?? "{}";
    const { _aws, ...values } = JSON.parse(line.slice(line.indexOf("{")));
    expect(_aws.CloudWatchMetrics[0].Metrics).toContainEqual({
      Name: "probeAnswered",
      Unit: "Count",
      StorageResolution: 1,
    });
    expect(values).toMatchObject({ service: STACK, group: "nat-a", probeAnswered: 1 });
  });
});

/** A run is under way. */
function probing(): boolean {
  const begun = there.cloud.journal.entries.filter(
    ({ kind, subject }) => kind === "invocation" && subject === `${STACK}-probe`,
  );
  return begun.length > ends("probe").length;
}
