/** One group under watch: all its addresses are probed side by side, round after round. */
import type { Group, Probe, Probed, ProbeFinding } from "../core/model.ts";
import {
  answersAgain,
  doubts,
  inDoubt,
  known,
  type Probing,
  probedOnce,
  type Track,
} from "../core/probing.ts";
import type { Site } from "./run.ts";

interface Address {
  /** The member whose own address it is; `floating` for the one that floats. */
  readonly key: string;
  readonly address: string;
}

const FLOATING = "floating";

export class Watch {
  readonly group: string;
  readonly #probe: Probe;
  readonly #site: Site;
  readonly #addresses: readonly Address[];
  readonly #tracks = new Map<string, Track>();
  readonly #before: Probed | undefined;

  constructor(
    group: Group,
    probe: Probe,
    before: { verdict: Probed | undefined; doubts: Readonly<Record<string, readonly number[]>> },
    site: Site,
  ) {
    this.group = group.name;
    this.#probe = probe;
    this.#site = site;
    this.#before = before.verdict;
    const own = group.members.flatMap(({ name, address }) =>
      address === undefined ? [] : { key: name, address },
    );
    this.#addresses = probe.address === undefined ? own : [{ key: FLOATING, address: probe.address }, ...own];
    for (const { key } of this.#addresses) {
      this.#tracks.set(key, known(findingIn(before.verdict, key), before.doubts[key] ?? [], probe));
    }
  }

  /** Probes every address once. What comes in after the run has ended is not looked at. */
  async round(): Promise<void> {
    const { control, check } = this.#probe;
    const [vouching, ...all] = await Promise.all([
      control === undefined ? undefined : this.#ask(control.address, { kind: "tcp", port: control.port }),
      ...this.#addresses.map(async ({ address }) => await this.#ask(address, check)),
    ]);
    if (this.#site.signal.aborted) return;
    for (const [index, { key }] of this.#addresses.entries()) {
      const probing = all[index];
      if (probing === undefined) continue;
      this.#site.measure(this.group, key, probing);
      const vouched = vouching?.ok ?? all.some((other, at) => at !== index && other?.ok === true);
      this.#tracks.set(key, probedOnce(this.#track(key), probing, vouched, this.#probe));
    }
  }

  /** Milliseconds from the beginning of one round to that of the next. */
  get rhythmMs(): number {
    const whole = this.#probe.everySeconds * 1000;
    return [...this.#tracks.values()].some(inDoubt) ? whole / 2 : whole;
  }

  /** An address is not what it was, or the floating one answers again after as little as one failed probe. */
  get hasNews(): boolean {
    if (answersAgain(this.#track(FLOATING))) return true;
    return this.#addresses.some(({ key }) => {
      const says = this.#track(key).finding?.says;
      return says !== undefined && says !== (findingIn(this.#before, key)?.says ?? "serving");
    });
  }

  get someoneIsSilent(): boolean {
    return [...this.#tracks.values()].some(({ finding }) => finding?.says === "silent");
  }

  /** Undefined while it is not sure of every address. */
  verdict(at: number): Probed | undefined {
    const found: [string, ProbeFinding][] = [];
    for (const [key, { finding }] of this.#tracks) {
      if (finding === undefined) return undefined;
      found.push([key, finding]);
    }
    const { [FLOATING]: floating, ...members } = Object.fromEntries(found);
    return { at, ...(floating === undefined ? {} : { floating }), members };
  }

  /** What the run that takes over must not begin anew. */
  get doubts(): Record<string, number[]> {
    const all = [...this.#tracks].map(([key, track]): [string, number[]] => [key, [...doubts(track)]]);
    return Object.fromEntries(all.filter(([, failed]) => failed.length > 0));
  }

  #track(key: string): Track {
    return this.#tracks.get(key) ?? { last: [] };
  }

  async #ask(address: string, check: Probe["check"]): Promise<Probing> {
    const { clock, ask } = this.#site;
    const began = clock.now();
    const asked = await ask(address, check, timeoutMs(this.#probe), this.#site.signal);
    return { ...asked, began, ended: clock.now() };
  }
}

function findingIn(verdict: Probed | undefined, key: string): ProbeFinding | undefined {
  return key === FLOATING ? verdict?.floating : verdict?.members[key];
}

const LONGEST_TIMEOUT_MS = 2_000;

/** How long one probe may take: never so long that the next one, in doubt, would have to wait for it. */
function timeoutMs({ everySeconds }: Probe): number {
  return Math.min(LONGEST_TIMEOUT_MS, everySeconds * 500);
}

/** From the last answer of an address to the verdict that it is silent, at the longest: all of its K = N probes fail. */
export function detectionMs(probe: Probe): number {
  const whole = probe.everySeconds * 1000;
  return whole + ((probe.failAfter - 1) * whole) / 2 + timeoutMs(probe);
}
