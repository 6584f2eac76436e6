/**
 * A configuration of many groups that asks for everything: each has an interface and two members, alarms on three checks
 * and a probe; every tenth is fenced in each way, some have alarms of their own.
 */
const id = (prefix: string, n: number) => `${prefix}-${n.toString(16).padStart(17, "0")}`;

export interface LargeGroup {
  readonly interfaces: readonly { readonly eni: string; readonly deviceIndex: number }[];
  readonly members: readonly {
    readonly instance: string;
    readonly address: string;
    readonly alarms?: readonly string[];
  }[];
  readonly probe: object;
  readonly alarms?: readonly string[];
  readonly policy?: object;
}

export function manyGroups(count: number) {
  const address = (n: number, last: number) => `10.${n >> 8}.${n & 255}.${last}`;
  const groups = Array.from({ length: count }, (_, n): [string, LargeGroup] => [
    `group-${n}`,
    {
      interfaces: [{ eni: id("eni", n), deviceIndex: 1 }],
      members: [
        { instance: id("i", 2 * n), address: address(n, 1), alarms: [`conntrack-full-${n}`] },
        { instance: id("i", 2 * n + 1), address: address(n, 2) },
      ],
      probe: { tcp: 22, address: address(n, 10) },
      ...(n % 4 === 0 && { alarms: [`no-traffic-${n}`] }),
      ...(n % 10 === 0 && { policy: { fence: "stop" } }),
      ...(n % 10 === 1 && { policy: { fence: { isolate: "sg-0123456789abcdef0" } } }),
    },
  ]);
  return {
    statusAlarm: { attachedEbs: true, application: true },
    probes: { subnets: ["subnet-0a1b2c3d4e5f60718"], securityGroups: ["sg-0123456789abcdef0"] },
    drills: { schedule: { at: "rate(7 days)" } },
    notifications: { emails: ["on-call@example.com"] },
    groups: Object.fromEntries(groups),
  };
}
