import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isApplication, isObject } from '../shapes.ts';
import { shortId } from '../text.ts';

/** `meridian rollout retry APP --reason TEXT`: the failed clusters get another deadline at the same release. */
export const rolloutRetry: Command<{ application: string; reason: string }> = async (
  context,
  { application, reason },
) => {
  const { client, printer } = context;
  const api = client();
  const path = `/v1/applications/${encodeURIComponent(application)}`;
  const { rollout } = await api.get(path, isApplication);
  if (rollout?.phase !== 'halted') {
    throw new CliError(
      exitCodes.failed,
      `the rollout of ${application} is not halted`,
      'see "meridian rollouts"',
    );
  }
  const { release } = rollout;
  const answer = await api.post(`${path}/retry`, { release, reason }, isObject);
  if (await printer.machine({ application, release, reason, ...answer })) return exitCodes.ok;
  printer.line(
    `retrying release ${shortId(release)} of ${application}; follow it with: meridian rollout watch ${application}`,
  );
  return exitCodes.ok;
};
