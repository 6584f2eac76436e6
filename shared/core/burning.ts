/** What a detach by force may burn. */
import type { AttachedSeen, Burn, Member } from "./model.ts";
import type { Scene } from "./steps.ts";

/** Only a forced detach from a running instance burns its index, and only until that instance is restarted. */
export function burnOf(
  { observation, now }: Pick<Scene, "observation" | "now">,
  holder: Member,
  eni: string,
  seen: AttachedSeen,
): Burn | undefined {
  const member = observation.members[holder.name];
  if (member?.instance.read === "ok" && member.instance.state !== "running") return undefined;
  const launchedAt = member?.details?.launchedAt ?? now;
  return { member: holder.name, deviceIndex: seen.deviceIndex, eni, launchedAt };
}
