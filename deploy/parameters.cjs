/**
 * The parameters of this service: `--param="config=path"` and `--param="reserve=20"`, or `params:` of serverless.yml for the stage,
 * or for all of them. Serverless ignores a parameter that it does not know: then another configuration would be deployed
 * than the one that was meant, so an unknown one is told.
 */
"use strict";

const OURS = {
  config: { is: (text) => text !== "", what: "the path of a configuration" },
  reserve: {
    is: (text) => /^[1-9]\d*$/.test(text),
    what: "a whole number from 1, of concurrent invocations",
  },
};

/**
 * What was asked for, and what is wrong with it: `{config, reserve, problems}`. A value that was not given is undefined, and
 * so is a wrong one. `given`: what stands after each `--param`. `input`: serverless.yml, as it was read.
 */
exports.readParameters = (given, input, stage) => {
  const { params = {} } = input;
  const asked = { ...params.default, ...params[stage] };
  const problems = [];
  for (const item of given) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(item) ?? [];
    if (name === undefined) problems.push(`--param="${item}": write it as name=value`);
    else if (name in OURS) asked[name] = value.trim();
    else if (!(name in asked) && !uses(input, name)) problems.push(unknown(name));
  }
  const read = (name) => {
    if (asked[name] === undefined) return undefined;
    const text = String(asked[name]);
    if (OURS[name].is(text)) return text;
    problems.push(`--param="${name}=${text}": must be ${OURS[name].what}`);
    return undefined;
  };
  const config = read("config");
  const reserve = read("reserve");
  return { config, reserve: reserve === undefined ? undefined : Number(reserve), problems };
};

const unknown = (name) =>
  `--param="${name}=…": there is no such parameter; there are ${Object.keys(OURS).join(" and ")}`;

/** Somebody may have added a parameter of their own to serverless.yml. */
const uses = (input, name) => JSON.stringify(input).includes(`\${param:${name}`);
