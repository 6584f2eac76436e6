/**
 * The control endpoint, `/_cloud/…`: breaking things from another terminal, and looking inside. It knows no credentials
 * and is for this machine alone.
 */
import { AwsError } from "../aws-error.ts";
import type { Breakage } from "../ec2/ec2.ts";
import type { JournalEntry } from "../journal.ts";
import type { Fault } from "./faults.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";

export interface Controls {
  /** Breaks something of EC2; answers the journal's entry. */
  readonly breakEc2: (breakage: Breakage) => string | undefined;
  /** Adds a fault of the wire; answers the journal's entry. */
  readonly addFault: (fault: Fault) => string;
  readonly journal: () => readonly JournalEntry[];
  readonly state: () => unknown;
}

const PREFIX = "/_cloud/";

/** The answer of the control endpoint, or undefined where the request is not for it. */
export function control(request: HttpRequest, controls: Controls): HttpAnswer | undefined {
  if (!request.path.startsWith(PREFIX)) return undefined;
  if (!isLocal(request)) return json(403, { error: "The control endpoint is for this machine alone." });
  const route = `${request.method} ${request.path.slice(PREFIX.length)}`;
  if (route === "GET journal") {
    const since = request.query.get("since");
    const all = controls.journal();
    return json(200, since === null ? all : all.slice(all.findIndex((entry) => entry.id === since) + 1));
  }
  if (route === "GET state") return json(200, controls.state());
  if (route === "POST break") return breakAsAsked(request, controls);
  return json(404, { error: `There is POST break, GET journal and GET state, no ${route}.` });
}

/** With an `effect` it is a fault of the wire, else a breakage of EC2. */
function breakAsAsked(request: HttpRequest, controls: Controls): HttpAnswer {
  try {
    const asked = JSON.parse(request.body.toString("utf8")) as Fault | Breakage;
    const journal = "effect" in asked ? controls.addFault(asked) : controls.breakEc2(asked);
    return json(200, { journal });
  } catch (error) {
    const code = error instanceof AwsError ? error.code : "BadRequest";
    return json(400, { code, error: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * The server listens on the loopback interface; what is left are web pages in a browser on this machine, which name
 * another host (after a rebinding of DNS) or their own origin.
 */
function isLocal({ headers }: HttpRequest): boolean {
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  return headers.origin === undefined && ["127.0.0.1", "localhost", "[::1]"].includes(host);
}

function json(status: number, document: unknown): HttpAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(document) };
}
