/** A configuration of many groups, each with an interface and two members; every tenth is fenced, and some have alarms. */
const id = (prefix: string, n: number) => `${prefix}-${n.toString(16).padStart(17, "0")}`;

export interface LargeGroup {
  readonly interfaces: readonly { readonly eni: string; readonly deviceIndex: number }[];
  readonly members: readonly { readonly instance: string; readonly alarms?: readonly string[] }[];
  readonly alarms?: readonly string[];
  readonly policy?: object;
}

export function manyGroups(count: number): { readonly groups: Readonly<Record<string, LargeGroup>> } {
  const groups = Array.from({ length: count }, (_, n): [string, LargeGroup] => [
    `group-${n}`,
    {
      interfaces: [{ eni: id("eni", n), deviceIndex: 1 }],
      members: [
        { instance: id("i", 2 * n), alarms: [`conntrack-full-${n}`] },
        { instance: id("i", 2 * n + 1) },
      ],
      ...(n % 4 === 0 && { alarms: [`no-traffic-${n}`] }),
      ...(n % 10 === 0 && { policy: { fence: "stop" } }),
      ...(n % 10 === 1 && { policy: { fence: { isolate: "sg-0123456789abcdef0" } } }),
    },
  ]);
  return { groups: Object.fromEntries(groups) };
}
