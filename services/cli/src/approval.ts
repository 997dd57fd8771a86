import type { ApprovalNeeded } from '@meridian/fleet';
import { InvalidArgumentError } from 'commander';
import type { Paint } from './style.ts';
import { countText, oneLine, shortId } from './text.ts';

/** The command that approves exactly what is shown: this release, and these numbers, of however many clusters. */
export function approveCommand(application: string, { release, deletions }: ApprovalNeeded): string {
  const numbers = Object.entries(deletions).map(([cluster, count]) => `${cluster}=${count}`);
  const option = numbers.length > 0 ? ` --deletions ${numbers.join(',')}` : '';
  return `meridian approve ${application} --release ${release}${option} --reason "…"`;
}

/** What waits for a person: why, what would be deleted where, and the command; newline at the end of each line. */
export function approvalLines(application: string, needed: ApprovalNeeded, paint: Paint): string {
  const rows = Object.entries(needed.deletions).map(
    ([cluster, count]) => `  ${oneLine(cluster)}: up to ${countText(count, 'object')} would be deleted`,
  );
  return [
    `${paint('busy', 'approval needed')} ${oneLine(application)} at release ${oneLine(shortId(needed.release))}: ${oneLine(needed.reason)}`,
    ...rows,
    `  ${oneLine(approveCommand(application, needed))}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Reads `us-west-2=3,eu-west-1=1`. Throws commander's error for anything else. */
export function parseDeletions(text: string): ApprovalNeeded['deletions'] {
  const entries = text.split(',').map((part): [string, number] => {
    const [, cluster, count] = /^([a-z0-9][-a-z0-9]{0,62})=([1-9][0-9]{0,8})$/.exec(part.trim()) ?? [];
    if (cluster === undefined)
      throw new InvalidArgumentError('It must be cluster=number, with commas between.');
    return [cluster, Number(count)];
  });
  return Object.fromEntries(entries);
}
