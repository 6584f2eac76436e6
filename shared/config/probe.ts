/**
 * The probe of a group: what stands in `failover.yml`, and what becomes of it.
 *
 * Where the prober lives (`subnets`, `securityGroups`) and what vouches for its network (`control`) may stand once, under
 * `probes`, for all groups. A group's own keys come first. Each distinct place is one function.
 */
import * as v from "valibot";
import { must } from "../check.ts";
import type { Probe, ProbeCheck } from "../core/model.ts";
import { Address, Port, SecurityGroupId, SubnetId, whole } from "./values.ts";

const subnets = v.exactOptional(
  v.pipe(
    v.array(SubnetId),
    v.minLength(1),
    v.description("The subnets that the prober lives in. They need no NAT and no VPC endpoint."),
    must("a list of at least one subnet", { remedy: "write for example [subnet-0a1b2c3d4e5f60718]" }),
  ),
);
const securityGroups = v.exactOptional(
  v.pipe(
    v.array(SecurityGroupId),
    v.minLength(1),
    v.description("The prober's security groups. What is probed must let them in."),
    must("a list of at least one security group", { remedy: "write for example [sg-0123456789abcdef0]" }),
  ),
);
const control = v.exactOptional(
  v.pipe(
    v.strictObject({ address: Address, tcp: Port }),
    v.description("What must answer for a silence to count. Default: any other address of the group."),
    must("an address and a TCP port", { example: { address: "10.0.0.53", tcp: 53 } }),
  ),
);

/** `probes`: what holds for every group that is probed. */
export const ProbesSource = v.pipe(
  v.strictObject({ subnets, securityGroups, control }),
  v.description("Where the probers of all groups live, and what vouches for their network."),
  must("a map of subnets, securityGroups and control", {
    example: { subnets: ["subnet-0a1b2c3d4e5f60718"], securityGroups: ["sg-0123456789abcdef0"] },
  }),
);

const Status = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599));

const HttpSource = v.pipe(
  v.strictObject({
    port: v.exactOptional(Port),
    tls: v.exactOptional(
      v.pipe(
        v.boolean(),
        v.description("HTTPS. The certificate is not checked: an address has none."),
        must("true or false", { example: true }),
      ),
    ),
    path: v.exactOptional(
      v.pipe(
        v.string(),
        v.regex(/^\/[!-~]*$/),
        must("a path that begins with a slash", { example: "/health" }),
      ),
    ),
    status: v.exactOptional(
      v.pipe(
        v.union([Status, v.pipe(v.array(Status), v.minLength(1))]),
        v.description("The status that means well, or a list of them."),
        must("a status from 100 to 599, or a list of them", { example: 200 }),
      ),
    ),
    host: v.exactOptional(
      v.pipe(
        v.string(),
        v.regex(/^[a-zA-Z0-9.-]+$/),
        v.description("The Host header, and the name that TLS asks for."),
        must("the name of a host", { example: "www.example.com" }),
      ),
    ),
  }),
  must("a map of port, tls, path, status and host", { example: { path: "/health", status: 200 } }),
);

export const ProbeSource = v.pipe(
  v.strictObject({
    tcp: v.exactOptional(v.pipe(Port, v.description("Probe by connecting to this port."))),
    http: v.exactOptional(v.pipe(HttpSource, v.description("Probe by an HTTP request."))),
    address: v.exactOptional(
      v.pipe(Address, v.description("The floating address: whether it serves is known after every move.")),
    ),
    everySeconds: v.exactOptional(
      v.pipe(
        whole(1, 10, "seconds", 5),
        v.description("Seconds between two probes. Twice as often while an address does not answer."),
      ),
    ),
    failAfter: v.exactOptional(
      v.pipe(
        whole(1, 10, "failed probes", 3),
        v.description("So many failed probes of the last `of` make an address silent."),
      ),
    ),
    of: v.exactOptional(
      v.pipe(whole(1, 10, "probes", 3), v.description("How many probes are looked at. Default: failAfter.")),
    ),
    subnets,
    securityGroups,
    control,
  }),
  v.description("Probes the group from inside its VPC, every few seconds. Off where it is left out."),
  must("a map with tcp or http", { example: { tcp: 22 } }),
);

export type ProbesSource = v.InferOutput<typeof ProbesSource>;
export type ProbeSource = v.InferOutput<typeof ProbeSource>;

export const DEFAULT_PROBE = { everySeconds: 5, failAfter: 3 } as const;
const DEFAULT_HTTP = { path: "/", status: 200, tls: false } as const;

/** The probe of a group, out of its own keys and those that hold for all. */
export function probeOf(own: ProbeSource, common: ProbesSource): Probe {
  const vouching = own.control ?? common.control;
  const { everySeconds, failAfter } = { ...DEFAULT_PROBE, ...own };
  return {
    check: checkOf(own),
    ...(own.address === undefined ? {} : { address: own.address }),
    everySeconds,
    failAfter,
    of: own.of ?? failAfter,
    subnets: sorted(own.subnets ?? common.subnets),
    securityGroups: sorted(own.securityGroups ?? common.securityGroups),
    ...(vouching === undefined ? {} : { control: { address: vouching.address, port: vouching.tcp } }),
  };
}

function checkOf({ tcp, http = {} }: ProbeSource): ProbeCheck {
  if (tcp !== undefined) return { kind: "tcp", port: tcp };
  const { port, path, status, tls, host } = { ...DEFAULT_HTTP, ...http };
  const asked = { kind: "http", port: port ?? (tls ? 443 : 80), tls, path, status: [status].flat() } as const;
  return host === undefined ? asked : { ...asked, host };
}

const sorted = (values: readonly string[] = []) => [...new Set(values)].sort();
