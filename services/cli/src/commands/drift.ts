import type { DriftView } from '@meridian/fleet';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { refuseUnknownNames } from '../known-names.ts';
import { isDrift } from '../shapes.ts';
import type { Table } from '../table.ts';
import { agoText, durationText } from '../text.ts';

/** `meridian drift [--application A] [--cluster C]` */
export const drift: Command<{ application?: string; cluster?: string }> = async (
  { client, printer, io },
  filter,
) => {
  const api = client();
  const all = await api.get('/v1/drift', isDrift);
  const list = all.filter(
    (entry) =>
      (filter.application === undefined || entry.application === filter.application) &&
      (filter.cluster === undefined || entry.cluster === filter.cluster),
  );
  if (list.length === 0) await refuseUnknownNames(api, filter);
  if (await printer.machine(list)) return exitCodes.ok;
  if (list.length === 0) printer.line('no drift: every reported object is as git says');
  else printer.table(driftTable(list, io.nowMs()));
  return exitCodes.ok;
};

/** The table of `meridian drift`: present drift first, as the hub orders it. */
export function driftTable(list: readonly DriftView[], nowMs: number): Table {
  return {
    header: ['cluster', 'application', 'object', 'by', 'what', 'since', 'healed'],
    rows: list.map((entry) => [
      entry.cluster,
      entry.application,
      `${entry.key.kind} ${entry.key.namespace ? `${entry.key.namespace}/` : ''}${entry.key.name}`,
      { text: entry.manager, tone: 'strong' },
      entry.change === 'deleted'
        ? 'deleted'
        : entry.fields.map((field) => `${field.path}: ${field.live} (git: ${field.desired})`).join(', '),
      agoText(entry.firstSeenMs, nowMs),
      entry.healedAtMs === undefined
        ? { text: 'not healed', tone: 'bad' }
        : { text: `after ${durationText(entry.healedAtMs - entry.firstSeenMs)}`, tone: 'good' },
    ]),
  };
}
