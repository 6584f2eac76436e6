/** Any configuration that is written down parses to what was written. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import type { Drills } from "../shared/config/drills.ts";
import type { Config } from "../shared/config.ts";
import { DAYS } from "../shared/core/drill-times.ts";
import type { Fence, Group, Member, Policy } from "../shared/core/model.ts";
import { parsed } from "./config-fixture.ts";

const STACK = "st";
const DAY = 86_400_000;

const resource = (prefix: string, number: number) => `${prefix}-${number.toString(16).padStart(17, "0")}`;

const policies: fc.Arbitrary<Policy> = fc.record({
  mode: fc.constantFrom("act", "observe"),
  detach: fc.constantFrom("auto", "graceful", "force"),
  graceSeconds: fc.integer({ min: 0, max: 170 }),
  impairedSeconds: fc.integer({ min: 0, max: 86_400 }),
  witnesses: fc.integer({ min: 1, max: 2 }),
  cooldownSeconds: fc.integer({ min: 61, max: 1000 }),
  budget: fc.record({
    moves: fc.integer({ min: 1, max: 10 }),
    seconds: fc.integer({ min: 1000, max: 10_000 }),
  }),
  failback: fc.constantFrom("manual", "auto"),
  failbackAfterSeconds: fc.integer({ min: 60, max: 10_000 }),
  leaveBeforeSeconds: fc.integer({ min: 0, max: 10_000 }),
  fence: fc.oneof(
    fc.constant<Fence>({ kind: "none" }),
    fc.constant<Fence>({ kind: "stop" }),
    fc.nat().map((number): Fence => ({ kind: "isolate", securityGroup: resource("sg", number) })),
  ),
  fenceFirst: fc.constant(false),
  rtoSeconds: fc.integer({ min: 1, max: 86_400 }),
});

const alarmNames = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((name) => /\S/.test(name));

const minutes = (most: number) => fc.integer({ min: 0, max: most }).map((minute) => minute * 60_000);

/** Windows, dates and schedules; the groups of a schedule are dealt out below. */
const drills: fc.Arbitrary<Drills> = fc.record(
  {
    window: fc
      .record({ days: fc.subarray([...DAYS], { minLength: 1 }), from: minutes(1439), to: minutes(1440) })
      .filter(({ from, to }) => from !== to),
    blocked: fc.array(
      fc
        .record({ first: fc.integer({ min: 0, max: 99_999 }), days: fc.integer({ min: 1, max: 30 }) })
        .map(({ first, days }) => {
          const [from, to] = [first * DAY, (first + days) * DAY];
          const date = (at: number) => new Date(at).toISOString().slice(0, 10);
          return { from, to, written: days === 1 ? date(from) : `${date(from)}/${date(to - DAY)}` };
        }),
      { maxLength: 3 },
    ),
    schedule: fc.record({
      at: fc.constantFrom("rate(7 days)", "rate(1 hour)", "cron(0 3 ? * SUN *)"),
      groups: fc.constant([]),
      andBack: fc.boolean(),
    }),
  },
  { requiredKeys: ["blocked"] },
);

/** Groups that differ in everything that must not be shared; indexes are dealt out over the whole file. */
const configs: fc.Arbitrary<Config> = fc
  .record({
    shapes: fc.uniqueArray(
      fc.record({
        name: fc
          .stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,40}$/)
          .filter((name) => name !== "constructor" && name !== "prototype"),
        interfaces: fc.integer({ min: 1, max: 3 }),
        spares: fc.boolean(),
        overridden: fc.boolean(),
        members: fc.integer({ min: 2, max: 4 }),
        alarms: fc.uniqueArray(alarmNames, { minLength: 1, maxLength: 8 }),
        policy: policies,
      }),
      { minLength: 1, maxLength: 4, selector: ({ name }) => name },
    ),
    surge: fc.record({
      groups: fc.integer({ min: 1, max: 100 }),
      share: fc.double({ min: 0.001, max: 1, noNaN: true }),
      seconds: fc.integer({ min: 1, max: 1000 }),
    }),
    historyDays: fc.integer({ min: 1, max: 3650 }),
    statusAlarm: fc.record({
      enabled: fc.boolean(),
      periods: fc.integer({ min: 1, max: 5 }),
      of: fc.integer({ min: 5, max: 10 }),
      attachedEbs: fc.boolean(),
      application: fc.boolean(),
    }),
    drills,
    notifications: fc.record(
      {
        emails: fc.uniqueArray(fc.constantFrom("a@example.com", "b@example.com")),
        runbook: fc.constantFrom("https://wiki.example.com/runbook", "https://example.com/r.md"),
        encryptionKey: fc.constant("arn:aws:kms:eu-west-1:123456789012:key/1234abcd"),
      },
      { requiredKeys: ["emails", "runbook"], noNullPrototype: true },
    ),
  })
  .map(({ shapes, drills: { schedule, ...times }, ...rest }) => {
    const groups = shapes.map((shape, number): Group => {
      const interfaces = Array.from({ length: shape.interfaces }, (_, index) => ({
        eni: resource("eni", number * 16 + index),
        deviceIndexes: shape.spares ? [index + 1, index + 8] : [index + 1],
      }));
      const members = Array.from({ length: shape.members }, (_, index): Member => {
        const instance = resource("i", number * 16 + index);
        const [first] = interfaces;
        const prefix = `${STACK}-${shape.name}-${instance}`;
        const made = rest.statusAlarm;
        const more = [
          ...(made.attachedEbs ? [`${prefix}-ebs`] : []),
          ...(made.application ? [`${prefix}-application`] : []),
        ];
        return {
          name: instance,
          instance,
          alarms: [...(made.enabled ? more : []), ...(index === 0 ? shape.alarms.slice(1) : [])],
          ...(made.enabled ? { statusAlarm: `${prefix}-status` } : {}),
          deviceIndexes: shape.overridden && first !== undefined ? { [first.eni]: [15] } : {},
        };
      });
      return {
        name: shape.name,
        interfaces,
        members,
        alarms: shape.alarms.slice(0, 1),
        policy: shape.policy,
      };
    });
    const scheduled = schedule && { schedule: { ...schedule, groups: groups.map(({ name }) => name) } };
    return {
      ...rest,
      drills: { ...times, ...scheduled },
      groups: Object.fromEntries(groups.map((group) => [group.name, group])),
    };
  });

const clock = (at: number): string => {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(at / 3_600_000))}:${two((at / 60_000) % 60)}`;
};

/** A configuration as its file says it. */
function sourceOf(config: Config): object {
  const one = (indexes: readonly number[]) => (indexes.length === 1 ? indexes[0] : indexes);
  const groups = Object.values(config.groups).map(({ name, interfaces, members, alarms, policy }) => {
    const { fence } = policy;
    return [
      name,
      {
        interfaces: interfaces.map(({ eni, deviceIndexes }) => ({ eni, deviceIndex: one(deviceIndexes) })),
        members: members.map(({ instance, alarms, deviceIndexes }) => ({ instance, alarms, deviceIndexes })),
        alarms,
        policy: {
          ...policy,
          fence: fence.kind === "isolate" ? { isolate: fence.securityGroup } : fence.kind,
        },
      },
    ];
  });
  const { blocked, window, schedule } = config.drills;
  const drills = {
    blockedDates: blocked.map(({ written }) => written),
    ...(window && { window: { ...window, from: clock(window.from), to: clock(window.to) } }),
    ...(schedule && { schedule }),
  };
  return { ...config, drills, groups: Object.fromEntries(groups) };
}

it("parses back whatever is printed, as YAML and as JSON", () => {
  fc.assert(
    fc.property(configs, (config) => {
      const source = sourceOf(config);
      expect(parsed(stringify(source))).toEqual(config);
      expect(parsed(JSON.stringify(source, undefined, 2))).toEqual(config);
    }),
    { numRuns: 60 },
  );
});

it("never throws anything but a list of problems, whatever the text", () => {
  const lines = fc.array(
    fc.constantFrom(
      "groups:",
      "  a:",
      "    members:",
      "      - instance: i-0123abcd",
      "- x",
      "&a",
      "*a",
      "? ",
      "|",
      "{",
      "}",
      "!!int x",
      "\t",
      "'",
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(lines, (text) => {
      try {
        parsed(text.join("\n"));
      } catch (error) {
        expect(error).toMatchObject({ name: "ConfigError" });
      }
    }),
    { numRuns: 300 },
  );
});
