/**
 * What `failover.yml` may say: the one source of its validation, of its types and of its JSON Schema.
 *
 * Here, in `values.ts` and in `policy.ts` stands what can be said of one value alone. What several values say
 * together is in `relations.ts`.
 */
import * as v from "valibot";
import { must } from "../check.ts";
import { DrillsSource } from "./drills.ts";
import { NotificationsSource } from "./notifications.ts";
import { PolicySource } from "./policy.ts";
import { ProbeSource, ProbesSource } from "./probe.ts";
import {
  Address,
  Alarms,
  DAY_SECONDS,
  DeviceIndexes,
  GroupName,
  InstanceId,
  InterfaceId,
  whole,
} from "./values.ts";

const InterfaceSource = v.pipe(
  v.strictObject({
    eni: v.pipe(InterfaceId, v.description("The floating network interface.")),
    deviceIndex: v.pipe(
      DeviceIndexes,
      v.description(
        "The device index it takes on a member, or the allowed ones in order of preference. Never 0.",
      ),
    ),
  }),
  must("an interface with eni and deviceIndex", {
    example: { eni: "eni-0a1b2c3d4e5f60718", deviceIndex: 1 },
  }),
);

const Overrides = v.pipe(
  v.record(InterfaceId, DeviceIndexes),
  v.description(
    "Allowed device indexes on this member, by interface, where they differ from the interface's own.",
  ),
  must("a map from interfaces of the group to device indexes", { example: { "eni-0a1b2c3d4e5f60718": 4 } }),
);

const MemberSource = v.pipe(
  v.strictObject({
    instance: v.pipe(InstanceId, v.description("An instance that may hold the group's interfaces.")),
    alarms: v.exactOptional(
      v.pipe(
        Alarms,
        v.description(
          "CloudWatch alarms about this member. They must make sense on a standby too: not traffic.",
        ),
      ),
    ),
    deviceIndexes: v.exactOptional(Overrides),
    address: v.exactOptional(
      v.pipe(Address, v.description("Its own address, which the probe looks for. Never the floating one.")),
    ),
  }),
  must("a member with an instance", { example: { instance: "i-0123456789abcdef0" } }),
);

const GroupSource = v.pipe(
  v.strictObject({
    interfaces: v.pipe(
      v.array(InterfaceSource),
      v.minLength(1),
      v.description("The floating interfaces, which always move together."),
      must("a list of at least one interface", {
        example: [{ eni: "eni-0a1b2c3d4e5f60718", deviceIndex: 1 }],
      }),
    ),
    members: v.pipe(
      v.array(MemberSource),
      v.minLength(2),
      v.description(
        "The instances that may hold them, in order of preference. All in one Availability Zone.",
      ),
      must("a list of at least two members", {
        example: [{ instance: "i-0123456789abcdef0" }, { instance: "i-0fedcba9876543210" }],
      }),
    ),
    alarms: v.exactOptional(
      v.pipe(
        Alarms,
        v.description("CloudWatch alarms about whoever is active: traffic, application, composite."),
      ),
    ),
    probe: v.exactOptional(ProbeSource),
    policy: v.exactOptional(PolicySource),
  }),
  must("a map with interfaces and members", { remedy: "write interfaces: and members: under it" }),
);

export const ConfigSource = v.pipe(
  v.strictObject({
    defaults: v.exactOptional(PolicySource),
    groups: v.pipe(
      v.record(GroupName, GroupSource),
      v.minEntries(1),
      v.description("The groups by name. A group is what fails over as one."),
      must("a map of at least one group by name", { remedy: "name a group with its interfaces and members" }),
    ),
    probes: v.exactOptional(ProbesSource),
    surge: v.exactOptional(
      v.pipe(
        v.strictObject({
          groups: v.exactOptional(whole(1, 10_000, "groups", 5)),
          share: v.exactOptional(
            v.pipe(
              v.number(),
              v.gtValue(0),
              v.maxValue(1),
              must("a share above 0 and up to 1", { example: 0.2 }),
            ),
          ),
          seconds: v.exactOptional(whole(1, DAY_SECONDS, "seconds", 300)),
        }),
        v.description(
          "When more groups than this, or than this share of all, move in so many seconds on alarms alone, hold.",
        ),
        must("a map of groups, share and seconds", { example: { groups: 5, share: 0.2, seconds: 300 } }),
      ),
    ),
    historyDays: v.exactOptional(
      v.pipe(whole(1, 3650, "days", 400), v.description("How long history is kept.")),
    ),
    statusAlarm: v.exactOptional(
      v.pipe(
        v.strictObject({
          enabled: v.exactOptional(v.pipe(v.boolean(), must("true or false", { example: true }))),
          periods: v.exactOptional(whole(1, 60, "periods of a minute", 2)),
          of: v.exactOptional(whole(1, 60, "periods of a minute", 2)),
          attachedEbs: v.exactOptional(
            v.pipe(
              v.boolean(),
              v.description("One more alarm on the check of the attached EBS volumes (Nitro instances)."),
              must("true or false", { example: true }),
            ),
          ),
          application: v.exactOptional(
            v.pipe(
              v.boolean(),
              v.description("One more alarm on the application check, where one is set up in EC2."),
              must("true or false", { example: true }),
            ),
          ),
        }),
        v.description(
          "The status-check alarm that the stack makes for each member: failing in so many minutes of so many.",
        ),
        must("a map of enabled, periods, of, attachedEbs and application", {
          example: { enabled: true, periods: 2, of: 2 },
        }),
      ),
    ),
    drills: v.exactOptional(DrillsSource),
    notifications: v.exactOptional(NotificationsSource),
  }),
  must("a map with groups", { remedy: "write groups: and under it at least one group" }),
);

export type ConfigSource = v.InferOutput<typeof ConfigSource>;
