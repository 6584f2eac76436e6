/** What the values of the probes must be to each other: every rule that no single value can break alone. */
import * as v from "valibot";
import type { Finding, Path } from "../check.ts";
import { DEFAULT_PROBE, ProbeSource, ProbesSource } from "./probe.ts";
import { Address } from "./values.ts";

interface Probed {
  readonly probe?: unknown;
  readonly members?: unknown;
}

/** What the values of the probes must be to each other, for as much of the file as is sound. */
export function probeFindings(value: unknown): readonly Finding[] {
  const { groups, probes } = value as { groups?: unknown; probes?: unknown };
  if (typeof groups !== "object" || groups === null) return [];
  const common = v.is(ProbesSource, probes) ? probes : undefined;
  return Object.entries(groups).flatMap(([name, group]: [string, Probed | null]) => {
    const probe = group?.probe;
    if (!v.is(ProbeSource, probe)) return [];
    const path = ["groups", name, "probe"];
    return [
      ...checkFindings(probe, path),
      ...(probes === undefined || common !== undefined ? placeFindings(probe, common ?? {}, path) : []),
      ...addressFindings(probe, common, group?.members, ["groups", name]),
    ];
  });
}

const finding = (path: Path, message: string, remedy: string): Finding => ({
  path,
  at: "value",
  message,
  remedy,
});

function checkFindings({ tcp, http, failAfter, of }: ProbeSource, path: Path): readonly Finding[] {
  const found: Finding[] = [];
  if ((tcp === undefined) === (http === undefined)) {
    const both = tcp === undefined ? "neither tcp nor http" : "both tcp and http";
    found.push(finding(path, `says ${both}`, "keep one: what a probe asks is a connection or an answer"));
  }
  const failed = failAfter ?? DEFAULT_PROBE.failAfter;
  if (of !== undefined && failed > of) {
    const message = `${failed} failed probes can't be among ${of}`;
    found.push(finding([...path, "of"], message, "make of at least as large as failAfter"));
  }
  return found;
}

function placeFindings(probe: ProbeSource, common: ProbesSource, path: Path): readonly Finding[] {
  return (["subnets", "securityGroups"] as const)
    .filter((key) => (probe[key] ?? common[key]) === undefined)
    .map((key) =>
      finding(path, `no ${key} for the prober`, `write ${key}: here, or once for all groups under probes:`),
    );
}

function addressFindings(
  probe: ProbeSource,
  common: ProbesSource | undefined,
  members: unknown,
  path: Path,
): readonly Finding[] {
  if (!Array.isArray(members)) return [];
  const written = members.map((member: { address?: unknown } | null) => member?.address);
  if (written.some((address) => address !== undefined && !v.is(Address, address))) return [];
  const without = written.flatMap((address, index) => (address === undefined ? [index] : []));
  if (without.length === members.length) {
    const where = [...path, "probe"];
    if (probe.address !== undefined) {
      if ((probe.control ?? common?.control) !== undefined) return [];
      const message = "nothing could vouch for the prober's own network, so its silence would never count";
      return [finding(where, message, "write control:, or address: with every member")];
    }
    const remedy = "write address: for the floating one, and address: with every member for its own";
    return [finding(where, "there is no address to probe", remedy)];
  }
  const missing = without.map((index) =>
    finding(
      [...path, "members", index],
      "has no address, and others have one: the probe could not see it fail",
      "write address: with every member, or with none",
    ),
  );
  return [...missing, ...repeatedAddresses(probe, written, path)];
}

function repeatedAddresses(probe: ProbeSource, written: readonly unknown[], path: Path): readonly Finding[] {
  return written.flatMap((address, index) => {
    const first = written.indexOf(address);
    const where = [...path, "members", index, "address"];
    if (address === undefined) return [];
    if (address === probe.address) {
      const remedy = "write the member's own address, which stays where it is";
      return [finding(where, `${address} is the floating address`, remedy)];
    }
    if (first === index) return [];
    return [finding(where, `${address} is the address of another member`, "write the member's own address")];
  });
}
