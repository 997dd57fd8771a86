import type { ApplicationView, Drift, ObjectStatus, PlacementView } from '@meridian/fleet';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Printer } from '../output.ts';
import { isApplication } from '../shapes.ts';
import type { Table } from '../table.ts';
import { oneLine, shortId } from '../text.ts';
import { ageCell, healthTone, problemLines, syncTone } from '../view.ts';
import { rolloutLines } from './rollouts.ts';

/** `meridian app NAME` */
export const app: Command<{ name: string }> = async ({ client, printer, io }, { name }) => {
  const view = await client().get(`/v1/applications/${encodeURIComponent(name)}`, isApplication);
  if (!(await printer.machine(view))) drawApplication(printer, view, io.nowMs());
  return exitCodes.ok;
};

/** Draws one application for people. */
export function drawApplication(printer: Printer, view: ApplicationView, nowMs: number): void {
  const { paint, raw } = printer;
  const label = (text: string) => paint('dim', text.padEnd(10));
  raw(
    `${paint('strong', oneLine(view.name))}  ${paint(syncTone(view.sync), view.sync)}  ${paint(healthTone(view.health), view.health)}\n`,
  );
  raw(`${label('path')}${oneLine(view.path)}\n`);
  const release =
    view.release === null
      ? 'none yet'
      : `${shortId(view.release)} of revision ${shortId(view.revision ?? '-')}`;
  raw(`${label('release')}${oneLine(release)}\n`);
  raw(`${label('strategy')}${oneLine(view.rolloutStrategy)}\n`);
  drawFrozen(printer, view);
  if (view.approvalNeeded !== null) {
    raw(`\n${paint('busy', 'approval needed')}: ${oneLine(view.approvalNeeded.reason)}\n`);
    printer.line(`  meridian approve ${view.name} --release ${view.approvalNeeded.release} --reason "…"`);
  }
  if (view.rollout !== null) raw(`\n${rolloutLines(view.rollout, paint, nowMs)}`);
  raw('\n');
  if (view.placements.length === 0) printer.line('placed in no cluster: its placement selects none');
  else printer.table(placementTable(view.placements));
  for (const placement of view.placements) drawObjects(printer, placement);
}

function drawFrozen(printer: Printer, view: ApplicationView): void {
  if (view.frozen.length === 0) return;
  printer.raw(
    `\n${printer.paint('bad', 'frozen')} at its last good release until the fleet repo is mended\n`,
  );
  for (const problem of view.frozen) {
    const { where, what, fix } = problemLines(problem);
    printer.line(`  ${oneLine(where)}: ${oneLine(what)}`);
    if (fix !== undefined) printer.line(`    fix: ${oneLine(fix)}`);
  }
}

function placementTable(placements: readonly PlacementView[]): Table {
  return {
    header: ['cluster', 'assigned', 'applied', 'sync', 'health', 'seen', 'reason'],
    rows: placements.map(({ cluster, assigned, status, sync, health, message }) => [
      { text: cluster, tone: 'strong' },
      assigned === null ? '-' : `${shortId(assigned.revision)} g${assigned.generation}`,
      status === null ? '-' : `${shortId(status.revision)} g${status.generation}`,
      { text: sync, tone: syncTone(sync) },
      { text: health, tone: healthTone(health) },
      ageCell(status),
      message || status?.message || '',
    ]),
  };
}

function drawObjects(printer: Printer, { cluster, status }: PlacementView): void {
  if (status === null || status.objects.length === 0) return;
  printer.raw(`\n${printer.paint('strong', oneLine(cluster))}\n`);
  printer.table({
    header: ['object', 'health', 'reason'],
    rows: status.objects.map((object) => [
      objectName(object),
      { text: object.health, tone: healthTone(object.health) },
      object.reason,
    ]),
  });
  for (const drift of status.drift.filter((entry) => entry.healedAtMs === undefined)) {
    printer.raw(`  ${printer.paint('busy', 'drift')} ${oneLine(driftText(drift))}\n`);
  }
}

function objectName({ key }: Pick<ObjectStatus, 'key'>): string {
  return `${key.kind} ${key.namespace ? `${key.namespace}/` : ''}${key.name}`;
}

function driftText(drift: Drift): string {
  const fields = drift.fields.map((field) => field.path).join(', ');
  return `${objectName(drift)} ${drift.change} by ${drift.manager}${fields === '' ? '' : `: ${fields}`}`;
}
