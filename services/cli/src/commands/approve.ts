import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isApplication, isObject } from '../shapes.ts';
import { shortId } from '../text.ts';

/** `meridian approve APP --reason TEXT [--release R]`: an approval is bound to one release digest. */
export const approve: Command<{ application: string; reason: string; release?: string }> = async (
  { client, printer },
  parameters,
) => {
  const { application, reason } = parameters;
  const api = client();
  const path = `/v1/applications/${encodeURIComponent(application)}`;
  const release = parameters.release ?? (await waitingRelease());
  const answer = await api.post(`${path}/approve`, { release, reason }, isObject);
  if (await printer.machine({ application, release, reason, ...answer })) return exitCodes.ok;
  printer.line(
    `approved release ${shortId(release)} of ${application}; follow it with: meridian rollout watch ${application}`,
  );
  return exitCodes.ok;

  async function waitingRelease(): Promise<string> {
    const { approvalNeeded } = await api.get(path, isApplication);
    if (approvalNeeded !== null) return approvalNeeded.release;
    throw new CliError(
      exitCodes.failed,
      `${application} waits for no approval`,
      'see "meridian app NAME" for what it waits for',
    );
  }
};
