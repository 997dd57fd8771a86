import type { AuditEntry } from '@meridian/fleet';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { refuseUnknownNames } from '../known-names.ts';
import { isAudit } from '../shapes.ts';
import { oneLine, timeText } from '../text.ts';

interface AuditParameters {
  readonly application?: string;
  readonly limit: number;
}

/** `meridian audit [APP] [--limit N]`: what people asked for, newest first. */
export const audit: Command<AuditParameters> = async (context, { application, limit }) => {
  const { printer, io } = context;
  const api = context.client();
  const query = new URLSearchParams({
    limit: String(limit),
    ...(application === undefined ? {} : { application }),
  });
  const entries = await api.get(`/v1/audit?${query.toString()}`, isAudit);
  if (entries.length === 0 && application !== undefined) await refuseUnknownNames(api, { application });
  if (await printer.machine(entries)) return exitCodes.ok;
  if (entries.length === 0) printer.line('nobody has asked for anything yet');
  for (const entry of entries)
    printer.raw(`${printer.paint('dim', timeText(entry.atMs, io.nowMs()))} ${entryText(entry)}\n`);
  return exitCodes.ok;
};

function entryText(entry: AuditEntry): string {
  const { author, action, reason, application, cluster, project, release, to, untilMs } = entry;
  const words = [
    `${oneLine(author)}: ${oneLine(action)}`,
    application === undefined ? '' : oneLine(application),
    cluster === undefined ? '' : `in ${oneLine(cluster)}`,
    project === undefined ? '' : `of project ${oneLine(project)}`,
    release === undefined ? '' : `at ${short(release)}`,
    to === undefined ? '' : `to ${short(to)}`,
    untilMs === undefined ? '' : `until ${new Date(untilMs).toISOString()}`,
  ];
  return `${words.filter((word) => word !== '').join(' ')} (${oneLine(reason)})`;
}

function short(digest: string): string {
  return oneLine(digest.replace(/^sha256:/, '').slice(0, 12));
}
