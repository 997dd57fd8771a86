import type { ApprovalNeeded } from '@meridian/fleet';
import { approvalLines } from '../approval.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isApplication, isObject } from '../shapes.ts';
import { shortId } from '../text.ts';

/** What `approve` takes. Without a reason it only shows what waits. */
export interface ApproveOptions {
  readonly application: string;
  readonly reason?: string;
  /** The release that was reviewed; the one that waits now when left out. */
  readonly release?: string;
  /** The numbers that were reviewed; those that wait now when left out. */
  readonly deletions?: ApprovalNeeded['deletions'];
}

/**
 * `meridian approve APP [--reason TEXT] [--release R] [--deletions C=N,…]`: shows what would be deleted where and, given a
 * reason, approves that. The approval is bound to one release digest and to the numbers that were shown or given.
 */
export const approve: Command<ApproveOptions> = async ({ client, printer }, options) => {
  const { application, reason } = options;
  const api = client();
  const path = `/v1/applications/${encodeURIComponent(application)}`;
  const needed = (await api.get(path, isApplication)).approvalNeeded;
  if (needed === null)
    throw new CliError(
      exitCodes.failed,
      `${application} waits for no approval`,
      'see "meridian app NAME" for what it waits for',
    );
  if (printer.format === 'table') printer.raw(approvalLines(application, needed, printer.paint));
  if (reason === undefined) {
    await printer.machine({ application, approvalNeeded: needed });
    return exitCodes.ok;
  }
  const approval = { reason, ...reviewed(options, needed) };
  const answer = await api.post(`${path}/approve`, approval, isObject);
  if (await printer.machine({ application, ...approval, ...answer })) return exitCodes.ok;
  printer.line(
    `approved release ${shortId(approval.release)} of ${application}; follow it with: meridian rollout watch ${application}`,
  );
  if (typeof answer['reason'] === 'string') printer.line(`  ${answer['reason']}`);
  return exitCodes.ok;
};

/** What is approved. The numbers of the release that waits are not those of another one. */
function reviewed(
  { release, deletions }: ApproveOptions,
  needed: ApprovalNeeded,
): Pick<ApprovalNeeded, 'release'> & Partial<Pick<ApprovalNeeded, 'deletions'>> {
  const isShown = release === undefined || release === needed.release;
  const numbers = deletions ?? (isShown ? needed.deletions : undefined);
  return { release: release ?? needed.release, ...(numbers === undefined ? {} : { deletions: numbers }) };
}
