/** `sls invoke -f doctor`: what would stop a failover, found before it is needed. */
import { settings } from "../shared/config.ts";
import type { DailyExamination, Examination } from "../shared/doctor.ts";
import { dailyDoctor, doctor } from "../shared/doctor.ts";
import { lambda } from "../shared/lambda.ts";
import { parseDoctorRequest } from "../shared/requests/doctor.ts";

export const handler = lambda(async (event, { config, world }): Promise<Examination | DailyExamination> => {
  const request = parseDoctorRequest(event, config);
  const practice = { config, world, stack: settings().stack };
  return "daily" in request
    ? await dailyDoctor(request.daily, practice)
    : await doctor(request.groups, practice);
});
