/**
 * A prober's verdict, from the event to what it leaves behind: the production loop at the SDK's `send`, the simulated
 * cloud behind it. What an event may say is in triggers.test.ts, what a verdict makes of the record in core/verdict.test.ts.
 */
import { describe, expect, it } from "vitest";
import { command } from "../shared/command.ts";
import { pause } from "../shared/core/commands.ts";
import type { Group, Probed, ProbeFinding } from "../shared/core/model.ts";
import { onHealthEvent } from "../shared/health-event.ts";
import { probeStatus } from "../shared/status/probe.ts";
import { FIRST, groupOf, SECOND_MEMBER } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";
import { PROBE } from "./prober/probe.ts";

const GROUP: Group = { ...groupOf(), probe: PROBE };

type Says = ProbeFinding["says"];

class Scene extends Stage {
  /** Everybody answered until now. */
  #answered: number;

  constructor() {
    super(GROUP);
    this.#answered = this.now();
  }

  #finding(says: Says): ProbeFinding {
    const [since, detail] =
      says === "silent" ? [this.now() - 8_000, "no answer"] : [this.#answered, "answered"];
    const answeredAt = says === "serving" ? this.now() - 100 : Math.min(this.#answered, since);
    return { says, since, detail, answeredAt };
  }

  /** The event of a verdict on the floating address and both members, and half a minute for what follows from it. */
  async hears(floating: Says, first: Says, second: Says = "serving", by = "probe"): Promise<void> {
    const findings = {
      floating: this.#finding(floating),
      first: this.#finding(first),
      second: this.#finding(second),
    };
    const verdict: Probed = {
      at: this.now(),
      floating: findings.floating,
      members: { [FIRST]: findings.first, [SECOND_MEMBER]: findings.second },
    };
    const functionArn = `arn:aws:lambda:eu-west-1:123456789012:function:eni-failover-dev-${by}:$LATEST`;
    const event = {
      id: `verdict-${this.now()}`,
      source: "lambda",
      "detail-type": "Lambda Function Invocation Result - Success",
      time: new Date(this.now()).toISOString(),
      account: "123456789012",
      region: "eu-west-1",
      detail: {
        requestContext: { functionArn, condition: "Success" },
        responsePayload: { verdicts: { [GROUP.name]: verdict } },
      },
    };
    this.invoke(event.id, async (world, tell) => {
      await onHealthEvent(event, this.config, world, (report) => tell(report));
    });
    await this.pass(30_000);
  }

  /** What was told, of all but looks that find everybody well. */
  get news(): string[] {
    return this.told
      .filter(({ report }) => report.because !== "healthy")
      .map(
        ({ report: { outcome, because, notify } }) => `${outcome} ${because}${notify ? ", notified" : ""}`,
      );
  }
}

async function failedOver(): Promise<Scene> {
  const scene = new Scene();
  await scene.hears("serving", "serving");
  scene.cloud.ec2.break({ kind: "hang", instance: FIRST }, scene.now());
  await scene.pass(12_000);
  await scene.hears("silent", "silent");
  return scene;
}

const callsOf = (scene: Scene) => scene.trace.events.filter(({ kind }) => kind === "call");

describe("an active that falls silent", () => {
  it("is left, before any check of EC2 has noticed, and the address is told to serve on the other", async () => {
    const scene = await failedOver();
    expect(scene.holders).toEqual([SECOND_MEMBER]);
    await scene.hears("serving", "silent");
    expect(scene.news).toEqual(["moved active-failing, notified", "serving active-failing"]);
    expect(scene.history.map(({ kind }) => kind)).toEqual(["move", "serving"]);
    expect(scene.state.served).toMatchObject({ ok: true });
    expect(probeStatus(GROUP, scene.state, scene.now())).toMatchObject({
      evidence: false,
      floating: { says: "serving" },
      members: { [FIRST]: { says: "silent", detail: "no answer" } },
      lastMoveServes: { ok: true },
    });
    await scene.hears("serving", "silent");
    expect(scene.news).toHaveLength(2);
    expect(scene.broken).toEqual([]);
  });

  it("and does not serve on the other either, is notified of once, and again when it does", async () => {
    const scene = await failedOver();
    await scene.hears("silent", "silent");
    await scene.hears("silent", "silent");
    await scene.hears("silent", "silent");
    await scene.hears("serving", "silent");
    expect(scene.news).toEqual([
      "moved active-failing, notified",
      "moved-not-serving active-failing, notified",
      "serving active-failing, notified",
    ]);
    expect(scene.history.map(({ kind }) => kind)).toEqual(["move", "moved-not-serving", "serving"]);
    expect(scene.holders).toEqual([SECOND_MEMBER]);
    expect(scene.broken).toEqual([]);
  });

  it("is not left for a standby that is silent too", async () => {
    const scene = new Scene();
    await scene.hears("serving", "serving");
    scene.cloud.ec2.break({ kind: "hang", instance: FIRST }, scene.now());
    await scene.hears("silent", "silent", "silent");
    expect(scene.holders).toEqual([FIRST]);
    expect(scene.news).toEqual(["held no-eligible-standby, notified"]);
  });

  it("while paused, stays, and is not left either once the verdict has lapsed", async () => {
    const scene = new Scene();
    await scene.hears("serving", "serving");
    scene.invoke("pause", async (world) => {
      const asking = { by: "anna", seconds: 20 };
      await command(GROUP, scene.config, world, (state, now) => pause(state, asking, now));
    });
    await scene.pass(1_000);
    await scene.hears("silent", "silent");
    await scene.sweepOnce();
    expect(scene.holders).toEqual([FIRST]);
    expect(scene.news).toEqual(["held paused, notified"]);
  });
});

describe("a verdict that changes nothing", () => {
  it("is not written, and EC2 is not asked", async () => {
    const scene = new Scene();
    await scene.hears("serving", "serving");
    const [writes, calls] = [scene.writes, callsOf(scene).length];
    await scene.hears("serving", "serving");
    expect(scene.writes).toBe(writes);
    expect(callsOf(scene)).toHaveLength(calls);
  });

  it("from a function that is no prober of ours says nothing", async () => {
    const scene = new Scene();
    await scene.hears("serving", "serving");
    await scene.hears("silent", "silent", "serving", "sweep");
    expect(scene.holders).toEqual([FIRST]);
    expect(scene.state.probed?.floating?.says).toBe("serving");
  });

  it("can't be noted while the table is away, and then nothing follows from it", async () => {
    const scene = new Scene();
    await scene.hears("serving", "serving");
    scene.tableAwayUntil = scene.now() + MINUTE;
    await scene.hears("silent", "silent");
    expect(scene.holders).toEqual([FIRST]);
    expect(scene.broken).toEqual([]);
  });
});
