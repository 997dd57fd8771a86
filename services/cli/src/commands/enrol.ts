import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isEnrolment } from '../shapes.ts';
import { durationText } from '../text.ts';

interface EnrolParameters {
  readonly cluster: string;
  readonly forMs: number;
}

/** `meridian clusters enrol CLUSTER`: the token alone goes to standard output, so that it can be piped into a Secret. */
export const enrol: Command<EnrolParameters> = async ({ client, printer, io }, { cluster, forMs }) => {
  const path = `/v1/clusters/${encodeURIComponent(cluster)}/enrolment`;
  const answer = await client().post(path, { forMs }, isEnrolment);
  if (await printer.machine(answer)) return exitCodes.ok;
  printer.line(answer.token);
  io.stderr.write(
    `good once, for ${durationText(answer.expiresAtMs - io.nowMs())}, for the agent of ${answer.cluster} only; put it into the Secret that its chart names in enrolment.tokenSecret\n`,
  );
  return exitCodes.ok;
};
