/**
 * The Serverless plugin of this service. It reads failover.yml before anything else happens, answers the `${failover:…}`
 * variables of serverless.yml from it, and builds the Lambdas whenever they are about to be packaged or invoked locally.
 * So every `sls` command works in a fresh clone, and none gets far with a wrong configuration.
 */
"use strict";

const { readConfiguration } = require("./configuration.cjs");

class FailoverPlugin {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.options = options;
    this.configuration = undefined;
    const build = () => this.build(undefined);
    this.hooks = {
      "before:package:createDeploymentArtifacts": build,
      "before:deploy:function:packageFunction": build,
      "before:invoke:local:invoke": async () => {
        await this.build(options.function);
        this.behaveLikeLambda();
      },
    };
    this.configurationVariablesSources = {
      failover: { resolve: async ({ address }) => ({ value: this.valueAt(address) }) },
    };
  }

  /** Serverless awaits this before it resolves the variables: a wrong configuration is told once, and in full. */
  async asyncInit() {
    if (this.serverless.processedInput.isHelpRequest) return;
    const { configurationInput, processedInput, serviceDir, classes } = this.serverless;
    const stage = processedInput.options.stage ?? configurationInput.provider.stage;
    try {
      this.configuration = await readConfiguration({
        directory: serviceDir,
        stage,
        file: this.parameter("config", stage),
        stack: `${configurationInput.service}-${stage}`,
      });
    } catch (error) {
      if (error.name !== "ConfigError") throw error;
      throw new classes.Error(error.message, "FAILOVER_CONFIGURATION");
    }
  }

  /** `--param="name=value"`, else `params:` of serverless.yml for the stage, else for all of them. */
  parameter(name, stage) {
    const given = (this.serverless.processedInput.options.param ?? []).find((item) =>
      item.startsWith(`${name}=`),
    );
    if (given !== undefined) return given.slice(name.length + 1).trim();
    const { params = {} } = this.serverless.configurationInput;
    return params[stage]?.[name] ?? params.default?.[name];
  }

  /** `${failover:resources}`, `${failover:events.onHealthEvent}`. */
  valueAt(address) {
    return address.split(".").reduce((value, key) => value?.[key], this.configuration?.stack);
  }

  /** Two things that `sls invoke local` leaves out: no payload is an empty object, and stack traces are mapped. */
  behaveLikeLambda() {
    if (this.options.data === "") this.options.data = {};
    process.setSourceMapsEnabled(true);
  }

  /** All functions, or only the one that is named. */
  async build(only) {
    const { build } = await import("./build.mjs");
    try {
      await build(this.configuration.source, only);
    } catch (error) {
      if (error.errors === undefined) throw error;
      throw new this.serverless.classes.Error("the Lambdas do not build, see above", "FAILOVER_BUILD");
    }
  }
}

module.exports = FailoverPlugin;
