/**
 * The Serverless plugin of this service. It reads failover.yml before anything else happens, answers the `${failover:…}`
 * variables of serverless.yml from it, adds the functions that it asks for, and builds the Lambdas whenever they are about to be packaged or invoked locally.
 * So every `sls` command works in a fresh clone, and none gets far with a wrong configuration.
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { checkSize, readConfiguration } = require("./configuration.cjs");
const { readParameters } = require("./parameters.cjs");

class FailoverPlugin {
  constructor(serverless, options, { log } = {}) {
    this.serverless = serverless;
    this.log = log;
    this.options = options;
    this.configuration = undefined;
    const build = () => this.build(undefined);
    this.hooks = {
      "before:package:createDeploymentArtifacts": () => {
        this.sayWhich();
        return build();
      },
      "before:deploy:function:packageFunction": build,
      "before:aws:package:finalize:saveServiceState": () => this.writeNestedStacks(),
      "after:aws:deploy:deploy:uploadArtifacts": () => this.uploadNestedStacks(),
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
    const { param = [] } = processedInput.options;
    const { config, reserve, problems } = readParameters(param, configurationInput, stage);
    this.reserve = reserve ?? null; // null, which Serverless leaves out
    try {
      this.configuration = await readConfiguration({
        directory: serviceDir,
        stage,
        file: config,
        stack: `${configurationInput.service}-${stage}`,
        artifacts: this.artifacts(stage),
      });
    } catch (error) {
      if (error.name !== "ConfigError") throw error;
      problems.push(error.message);
    }
    if (problems.length > 0) throw new classes.Error(problems.join("\n"), "FAILOVER_CONFIGURATION");
    for (const [name, definition] of Object.entries(this.configuration.stack.functions)) {
      this.serverless.extendConfiguration(["functions", name], definition);
    }
  }

  /** So that nobody deploys another file than the one that was meant. */
  sayWhich() {
    const { file, source } = this.configuration;
    const names = Object.keys(source.groups);
    const groups = names.length <= 8 ? names.join(", ") : `${names.length} groups`;
    this.log.notice(`Configuration: ${file}, with ${groups}`);
  }

  /** Where Serverless puts packages in the deployment bucket; on `sls remove` it deletes what is under it. */
  artifacts(stage) {
    const { provider, service } = this.serverless.configurationInput;
    return `${provider.deploymentPrefix ?? "serverless"}/${service}/${stage}`;
  }

  /** Puts the templates of nested stacks beside the compiled one, once it is known that all of them fit. */
  async writeNestedStacks() {
    const { serviceDir, service, classes } = this.serverless;
    const { templates } = this.configuration.stack;
    const compiled = service.provider.compiledCloudFormationTemplate;
    try {
      for (const remark of checkSize(this.configuration.file, compiled, Object.values(templates)))
        this.log.notice(remark);
    } catch (error) {
      if (error.name !== "ConfigError") throw error;
      throw new classes.Error(error.message, "FAILOVER_TOO_LARGE");
    }
    for (const [name, text] of Object.entries(templates))
      fs.writeFileSync(path.join(serviceDir, ".serverless", name), text);
  }

  /** Uploads the templates that the compiled one names, out of the package, before the stack is updated. */
  async uploadNestedStacks() {
    const { serviceDir, service } = this.serverless;
    if (service.provider.shouldNotDeploy) return;
    const keys = nestedKeys(service.provider.compiledCloudFormationTemplate);
    if (keys.length === 0) return;
    const provider = this.serverless.getProvider("aws");
    // Serverless' own upload: with its retries, and where the bucket asks for it accelerated. Its version is pinned.
    const upload = require("serverless/lib/plugins/aws/lib/upload-s3-object");
    const Bucket = await provider.getServerlessDeploymentBucketName();
    await Promise.all(
      keys.map((Key) => {
        const Body = fs.readFileSync(path.join(serviceDir, ".serverless", path.posix.basename(Key)), "utf8");
        return upload(provider, { Bucket, Key, Body, ContentType: "application/json" });
      }),
    );
  }

  /** `${failover:resources}`, `${failover:events.onHealthEvent}`, `${failover:reserve}`. */
  valueAt(address) {
    if (address === "reserve") return this.reserve;
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

/** The keys of the nested stacks' templates in the deployment bucket. */
function nestedKeys({ Resources }) {
  return Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::CloudFormation::Stack")
    .map(({ Properties }) => Properties.TemplateURL["Fn::Sub"].replace(/^https:\/\/[^/]*\//, ""));
}

module.exports = FailoverPlugin;
