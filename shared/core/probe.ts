/** How a group is probed from inside its VPC, as configured, and what the record keeps of what was found. */

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
  /** What has to answer for a silence to count; absent: any other address of the group. */
  readonly control?: { readonly address: string; readonly port: number };
}

/** What the probe found at one address. Times are by the prober's own clock. */
export interface ProbeFinding {
  /** `silent`: as many probes failed as the group's rule asks for. `unknown`: the prober may itself be cut off. */
  readonly says: "serving" | "silent" | "unknown";
  /** Since when: the first of the answers, or of the failed probes. */
  readonly since: number;
  /** What the last probe met, for a person. */
  readonly detail: string;
  /** When it last answered. Absent: never, as far as anybody remembers. */
  readonly answeredAt?: number;
}

/** The last verdict of the group's prober. As evidence it lapses 30 s after it was given. */
export interface Probed {
  readonly at: number;
  /** The address of the floating interface. Absent: not probed. */
  readonly floating?: ProbeFinding;
  /** The members' own addresses, by member. */
  readonly members: Readonly<Record<string, ProbeFinding>>;
}

/** Whether the floating address was seen to serve after a move: what the move was for. */
export interface Served {
  /** The id of the move. */
  readonly move: string;
  /** When it began to serve, or when it was given up on. */
  readonly at: number;
  readonly ok: boolean;
}
