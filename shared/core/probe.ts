/** How a group is probed from inside its VPC, as configured. */

/** What a probe asks of an address: a connection, or an answer with one of these statuses. */
export type ProbeCheck =
  | { readonly kind: "tcp"; readonly port: number }
  | {
      readonly kind: "http";
      readonly port: number;
      readonly tls: boolean;
      readonly path: string;
      readonly status: readonly number[];
      /** The Host header, and the name that TLS asks for; absent: the address itself. */
      readonly host?: string;
    };

/** How a group is probed from inside its VPC. */
export interface Probe {
  readonly check: ProbeCheck;
  /** The floating address; absent: only the members' own are probed. */
  readonly address?: string;
  readonly everySeconds: number;
  /** So many failed probes of the last `of` make an address silent. */
  readonly failAfter: number;
  readonly of: number;
  /** Where its prober lives. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** What has to answer for a silence to count; absent: any other address that the same prober probes. */
  readonly control?: { readonly address: string; readonly port: number };
}
