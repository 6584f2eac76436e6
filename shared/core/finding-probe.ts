/** What keeps the probe of a group from being a witness: nobody hears of it, or an address has never answered it. */
import type { Examined } from "./examined.ts";
import { invoke, type Problem } from "./finding.ts";
import { HEARD_ANEW_MS } from "./verdict.ts";
import { iso } from "./words.ts";

/** A prober is heard of twice as often, whatever it has to say. */
const UNHEARD_MS = 2 * HEARD_ANEW_MS;

export function probeProblems({ situation, record }: Examined): readonly Problem[] {
  const { group, state, now } = situation;
  if (group.probe === undefined || record.read === "no") return [];
  const { probed } = state;
  const mend = invoke("probe", { seconds: 10 });
  const severity = "warning";
  if (probed === undefined || now - probed.at > UNHEARD_MS) {
    const since = probed === undefined ? "never" : `not since ${iso(probed.at)}`;
    const means = `The prober of ${group.name} was ${since} heard of: nothing but EC2's checks and alarms sees its members fail.`;
    return [{ check: "probe-unheard", severity, subject: group.name, means, mend }];
  }
  const all = { ...(probed.floating === undefined ? {} : { floating: probed.floating }), ...probed.members };
  return Object.entries(all)
    .filter(([, { answeredAt }]) => answeredAt === undefined)
    .map(([address, { detail }]) => {
      const subject = address === "floating" ? (group.probe?.address ?? address) : address;
      const means = `${subject} has never answered the probe of ${group.name} (${detail}): until it does, its silence is no evidence. Most often a security group keeps the prober out.`;
      return { check: "probe-unanswered", severity, subject, means, mend };
    });
}
