/**
 * The probers of a run: every five seconds they see who answers, and give the verdicts that a real prober would, as events
 * that the bus may lose, repeat and deliver late. While faults last, some of them lie: an address that is well does not
 * answer them for a while.
 */
import type { Random } from "../../local/random.ts";
import { between } from "../../local/random.ts";
import type { Group, Probed, ProbeFinding } from "../../shared/core/model.ts";
import { probedOnce, type Track } from "../../shared/core/probing.ts";
import { PROBE } from "../prober/probe.ts";
import type { BusEvent } from "./bus-events.ts";
import type { SimCloud } from "./cloud.ts";
import { SKEW_MS } from "./seen.ts";
import { pick, streamOf } from "./swarm.ts";

/** The group as drawn, or one in six with a probe: other seeds keep their story. */
export function mayBeProbed(group: Group): Group {
  return streamOf({ group, probed: true })() < 1 / 6 ? { ...group, probe: PROBE } : group;
}

interface Lie {
  readonly address: string;
  readonly from: number;
  readonly until: number;
}

const FLOATING = "floating";
const TOLD_AGAIN_MS = 15_000;
const MINUTE = 60_000;

interface Watched {
  readonly group: Group;
  readonly lies: readonly Lie[];
  readonly tracks: Map<string, Track>;
  told: number;
  said: string;
}

export class Probers {
  readonly #cloud: SimCloud;
  readonly #watched: readonly Watched[];
  #truthful = false;

  constructor(cloud: SimCloud, groups: readonly Group[], start: number, safetyMs: number) {
    this.#cloud = cloud;
    this.#watched = groups.flatMap((group): Watched[] => {
      if (group.probe === undefined) return [];
      const lies = drawLies(streamOf({ group, lies: true }), group, start, safetyMs);
      return [{ group, lies, tracks: new Map(), told: start, said: "" }];
    });
  }

  /** From here on nobody lies. */
  calm(): void {
    this.#truthful = true;
  }

  /** Probes, every five seconds of its caller; answers the verdicts that there are to deliver. */
  tick(now: number): BusEvent[] {
    return this.#watched.flatMap((watched) => {
      this.#probe(watched, now);
      const verdict = verdictOf(watched, now);
      const said = Object.values({ ...verdict.members, floating: verdict.floating })
        .map((finding) => finding?.says)
        .join();
      const again = said.includes("silent") ? TOLD_AGAIN_MS : MINUTE;
      if (said === watched.said && now - watched.told < again) return [];
      watched.said = said;
      watched.told = now;
      return [eventOf(watched.group, verdict, now)];
    });
  }

  #probe({ group, lies, tracks }: Watched, now: number): void {
    const answers = new Map(group.members.map(({ name, instance }) => [name, this.#isWell(instance, now)]));
    const holders = group.interfaces.map(({ eni }) => this.#cloud.ec2.attachmentTruth(eni, now));
    const [first] = holders;
    answers.set(FLOATING, first?.status === "attached" && this.#isWell(first.instanceId, now));
    for (const { address, from, until } of this.#truthful ? [] : lies) {
      if (from <= now && now < until) answers.set(address, false);
    }
    for (const [address, ok] of answers) {
      const vouched = [...answers].some(([other, answered]) => other !== address && answered);
      const probing = { ok, began: now, ended: now, detail: ok ? "answered" : "no answer" };
      tracks.set(address, probedOnce(tracks.get(address) ?? { last: [] }, probing, vouched, PROBE));
    }
  }

  #isWell(instance: string | undefined, now: number): boolean {
    if (instance === undefined) return false;
    const truth = this.#cloud.ec2.instanceTruth(instance, now);
    return truth?.state === "running" && !truth.hung;
  }
}

function drawLies(random: Random, group: Group, start: number, safetyMs: number): Lie[] {
  if (random() < 0.5) return [];
  return Array.from({ length: between(random, 1, 3) }, () => {
    const from = start + Math.round(random() * safetyMs);
    const address = pick(random, [FLOATING, ...group.members.map(({ name }) => name)]);
    return { address, from, until: from + between(random, 20, 240) * 1_000 };
  });
}

function verdictOf({ tracks }: Watched, at: number): Probed {
  const found = [...tracks].flatMap(([address, { finding }]) =>
    finding === undefined ? [] : [[address, finding] as const],
  );
  const { [FLOATING]: floating, ...members } = Object.fromEntries(found);
  return { at, ...(floating === undefined ? {} : { floating }), members };
}

function eventOf(group: Group, verdict: Probed, now: number): BusEvent {
  return {
    version: "0",
    id: `verdict-${group.name}-${now}`,
    source: "lambda",
    "detail-type": "Lambda Function Invocation Result - Success",
    account: "123456789012",
    time: new Date(now).toISOString(),
    region: "eu-west-1",
    resources: [],
    detail: {
      requestContext: {
        functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:eni-failover-dev-probe:$LATEST",
        condition: "Success",
      },
      responsePayload: { verdicts: { [group.name]: verdict } },
    },
  };
}

export interface Silence {
  readonly accuses: boolean;
  readonly unwell: boolean;
}

/** A verdict lapses after half a minute. */
const VERDICT_LASTS_MS = 30_000;

/**
 * What a prober says, truly or not, and lately: of the member itself, or of the floating address, which speaks about
 * who has it. Where the interfaces are apart it accuses all who hold one, and tells of nobody that it is unwell.
 */
export function silenceOf(
  probed: Probed | undefined,
  member: string,
  { holds, holdsAll }: { readonly holds: boolean; readonly holdsAll: boolean },
  now: number,
): Silence {
  if (probed === undefined || now - probed.at >= VERDICT_LASTS_MS) return { accuses: false, unwell: false };
  const isSilent = (finding: ProbeFinding | undefined): boolean =>
    finding?.says === "silent" && finding.answeredAt !== undefined;
  const own = isSilent(probed.members[member]);
  const floating = isSilent(probed.floating);
  // To one whose clock is ahead it has lapsed already.
  const surely = now - probed.at < VERDICT_LASTS_MS - SKEW_MS;
  return { accuses: own || (floating && holds), unwell: surely && (own || (floating && holdsAll)) };
}
