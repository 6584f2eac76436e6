/**
 * What the configuration adds to the stack of `serverless.yml`. Pure: the same configuration, the same template.
 *
 * This is the module that the Serverless plugin and the build load, so it also hands on the configuration parser: there
 * is no second one.
 */
import type { Config } from "../shared/config.ts";
import { statusAlarms } from "./resources/alarms.ts";
import { controllerAlarms } from "./resources/controller-alarms.ts";
import { dashboard } from "./resources/dashboard.ts";
import { nested } from "./resources/nested.ts";
import { notifications } from "./resources/notifications.ts";
import { type FunctionDefinition, probeFunctions } from "./resources/probers.ts";
import { roles } from "./resources/roles.ts";
import { healthRules, type RuleEvent } from "./resources/rules.ts";
import { drillSchedule, type ScheduleEvent } from "./resources/schedule.ts";
import type { Place, Resources } from "./resources/template.ts";

export { parseConfig } from "../shared/config/parse.ts";
export { ConfigError } from "../shared/config/problem.ts";
export { readYaml } from "../shared/config/yaml.ts";
export { remarks, tooLarge } from "./limits.ts";

export interface Stack {
  /** `events:` of functions, by function name. */
  readonly events: { readonly onHealthEvent: readonly RuleEvent[]; readonly drill: readonly ScheduleEvent[] };
  /** Functions that the configuration asks for, by name. */
  readonly functions: Readonly<Record<string, FunctionDefinition>>;
  readonly resources: { readonly Resources: Resources };
  /** Templates of nested stacks, by file name. */
  readonly templates: Readonly<Record<string, string>>;
}

/** The parts of the stack that follow from the configuration. `artifacts` is its folder in the deployment bucket. */
export function stackOf(config: Config, place: Place, artifacts: string): Stack {
  const { resources, templates } = nested(statusAlarms(config, place), artifacts);
  return {
    events: { onHealthEvent: healthRules(config, place), drill: drillSchedule(config, place) },
    functions: probeFunctions(config, place),
    resources: {
      Resources: {
        ...resources,
        ...roles(config, place),
        ...notifications(config, place),
        ...controllerAlarms(config, place),
        Dashboard: dashboard(config, place),
      },
    },
    templates,
  };
}
