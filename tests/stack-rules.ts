/** The embedded cloud's EventBridge with the rules that the stack makes of a configuration, at the SDK's `send`. */
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { healthRules } from "../deploy/resources/rules.ts";
import { Bus } from "../local/events/bus.ts";
import { Delivery } from "../local/events/delivery.ts";
import { Events } from "../local/events/events.ts";
import { Journal } from "../local/journal.ts";
import { Destinations } from "../local/messages/destinations.ts";
import { seeded } from "../local/random.ts";
import type { Config } from "../shared/config.ts";

export const STACK = "eni-failover-dev";

/** Of the schedule the state is all that is asked here: it never comes due. */
const SCHEDULE = "rate(1 day)";

export interface StackRules {
  readonly events: Pick<EventBridgeClient, "send">;
  /** Carries out an operation of EventBridge. */
  call(operation: string, input: object): void;
  close(): void;
}

export function stackRules(config: Config): StackRules {
  const place = { account: "123456789012", region: "eu-west-1", random: seeded(1) };
  const delivery = new Delivery({ destinations: new Destinations() });
  const bus = new Bus({ place, journal: new Journal(), delivery });
  const front = new Events(bus);
  const call = (operation: string, input: object) => void front.call(operation, input, undefined);
  for (const { eventBridge } of healthRules(config, { stack: STACK })) {
    call("PutRule", { Name: eventBridge.name, EventPattern: JSON.stringify(eventBridge.pattern) });
  }
  call("PutRule", { Name: `${STACK}-sweep`, ScheduleExpression: SCHEDULE });
  const send = async (command: { readonly input: object; readonly constructor: { readonly name: string } }) =>
    front.call(command.constructor.name.replace(/Command$/, ""), command.input, undefined);
  return { events: { send: send as never }, call, close: () => bus.close() };
}
