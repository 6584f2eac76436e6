/** The single values of a configuration: ids, names, numbers and device indexes, each with what it must be in words. */
import * as v from "valibot";
import { must } from "../check.ts";

export const DAY_SECONDS = 86_400;

function resourceId(prefix: string, what: string, example: string) {
  return v.pipe(
    v.string(),
    v.regex(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`)),
    must(`${what} (${prefix}- and 8 or 17 hexadecimal digits)`, { example: example }),
  );
}

/** A whole number of `unit` from `low` to `high`. */
export function whole(low: number, high: number, unit: string, example: number) {
  return v.pipe(
    v.number(),
    v.integer(),
    v.minValue(low),
    v.maxValue(high),
    must(`a whole number of ${unit} from ${low} to ${high}`, { example: example }),
  );
}

export const InterfaceId = resourceId("eni", "the id of a network interface", "eni-0a1b2c3d4e5f60718");
export const InstanceId = resourceId("i", "the id of an instance", "i-0123456789abcdef0");
export const SecurityGroupId = resourceId("sg", "the id of a security group", "sg-0123456789abcdef0");

export const SubnetId = resourceId("subnet", "the id of a subnet", "subnet-0a1b2c3d4e5f60718");

const BYTE = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
const WORD = "[0-9a-fA-F]{0,4}";

/** An address as such: a prober asks no name server. */
export const Address = v.pipe(
  v.string(),
  v.regex(new RegExp(`^(${BYTE}(\\.${BYTE}){3}|${WORD}(:${WORD}){2,7})$`)),
  must("an IPv4 or IPv6 address", { example: "10.0.0.10" }),
);

export const Port = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(65_535),
  must("a TCP port from 1 to 65535", { example: 22 }),
);

export const GroupName = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,40}$/),
  must("a name of at most 41 letters, digits and hyphens that begins with no hyphen", { example: "nat-a" }),
);

// Documented limit of AlarmName: 1 to 255 characters (CloudWatch API, PutMetricAlarm).
export const AlarmName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(255),
  v.regex(/\S/),
  must("the name of an alarm, 1 to 255 characters", { example: "nat-a-no-traffic" }),
);

export const Alarms = v.pipe(
  v.array(AlarmName),
  must("a list of alarm names", { remedy: "write for example [nat-a-no-traffic]" }),
);

const DeviceIndex = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(15));

/** Index 0 is the instance's own interface, which can't be detached. */
export const DeviceIndexes = v.pipe(
  v.union([DeviceIndex, v.pipe(v.array(DeviceIndex), v.minLength(1))]),
  must("a device index from 1 to 15, or a list of them in order of preference", { example: 1 }),
);
