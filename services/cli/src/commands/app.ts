import type {
  ApplicationView,
  Drift,
  ObjectStatus,
  PlacementView,
  Problem,
  RolloutView,
} from '@meridian/fleet';
import { approvalLines } from '../approval.ts';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Printer } from '../output.ts';
import { isApplication } from '../shapes.ts';
import type { Table } from '../table.ts';
import { countText, oneLine, shortId } from '../text.ts';
import { ageCell, healthTone, problemLines, revisionText, syncTone } from '../view.ts';
import { pauseText } from './pause.ts';
import { rolloutLines } from './rollouts.ts';

interface AppParameters {
  readonly name: string;
  /** Healthy objects, too. */
  readonly objects: boolean;
}

/** `meridian app NAME [--objects]` */
export const app: Command<AppParameters> = async ({ client, printer, io }, { name, objects }) => {
  const view = await client().get(`/v1/applications/${encodeURIComponent(name)}`, isApplication);
  if (!(await printer.machine(view))) drawApplication(printer, view, { objects, nowMs: io.nowMs() });
  return exitCodes.ok;
};

/** Draws one application for people: where it stands, then what is wrong, then objects. */
export function drawApplication(
  printer: Printer,
  view: ApplicationView,
  { objects, nowMs }: { readonly objects: boolean; readonly nowMs: number },
): void {
  const { paint, raw } = printer;
  raw(
    `${paint('strong', oneLine(view.name))}  ${oneLine(revisionText(view))}  ${paint(syncTone(view.sync), view.sync)}  ${paint(healthTone(view.health), view.health)}\n`,
  );
  const strategy = `strategy ${oneLine(view.rolloutStrategy)}`;
  raw(`${paint('dim', `${oneLine(view.path)}, ${strategy}${dependencyText(view.dependsOn)}`)}\n\n`);
  if (view.placements.length === 0) printer.line('placed in no cluster: its placement selects none');
  else printer.table(placementTable(view.placements));
  drawPauses(printer, view, nowMs);
  drawFrozen(printer, view);
  drawWarnings(printer, view);
  if (view.approvalNeeded !== null) raw(`\n${approvalLines(view.name, view.approvalNeeded, paint)}`);
  if (view.rollout !== null) raw(`\n${rolloutText(view.rollout, printer, nowMs)}`);
  for (const placement of view.placements) drawObjects(printer, placement, objects);
  if (!objects) drawLeftOut(printer, view);
}

function dependencyText(dependsOn: ApplicationView['dependsOn'] = []): string {
  const names = dependsOn.map(
    ({ application, scope }) => `${oneLine(application)}${scope === 'fleet' ? ' in the whole fleet' : ''}`,
  );
  return names.length === 0 ? '' : `, depends on ${names.join(', ')}`;
}

/** The stages of a rollout that is over and well are no news. */
function rolloutText(rollout: RolloutView, { paint }: Printer, nowMs: number): string {
  const isOver = rollout.phase === 'completed' || rollout.phase === 'rolledBack';
  return rolloutLines(isOver ? { ...rollout, stages: [] } : rollout, paint, nowMs);
}

function drawPauses({ raw, paint }: Printer, { placements }: ApplicationView, nowMs: number): void {
  for (const { cluster, pause } of placements)
    if (pause) raw(`\n${paint('busy', oneLine(cluster))} ${pauseText(pause, nowMs)}\n`);
}

function drawFrozen(printer: Printer, view: ApplicationView): void {
  if (view.frozen.length === 0) return;
  printer.raw(
    `\n${printer.paint('bad', 'frozen')} at its last good release until the fleet repo is mended\n`,
  );
  drawProblems(printer, view.frozen);
}

function drawWarnings(printer: Printer, { warnings }: ApplicationView): void {
  if (warnings.length === 0) return;
  printer.raw(`\n${printer.paint('busy', countText(warnings.length, 'warning'))}\n`);
  drawProblems(printer, warnings);
}

function drawProblems(printer: Printer, problems: readonly Problem[]): void {
  for (const problem of problems) {
    const { where, what, fix } = problemLines(problem);
    printer.line(`  ${oneLine(where)}: ${oneLine(what)}`);
    if (fix !== undefined) printer.line(`    fix: ${oneLine(fix)}`);
  }
}

function placementTable(placements: readonly PlacementView[]): Table {
  return {
    header: ['cluster', 'revision', 'sync', 'health', 'seen', 'reason'],
    rows: placements.map((placement) => [
      { text: placement.cluster, tone: 'strong' },
      placementRevision(placement),
      { text: placement.sync, tone: syncTone(placement.sync) },
      { text: placement.health, tone: healthTone(placement.health) },
      ageCell(placement.status),
      placement.message || placement.status?.message || '',
    ]),
  };
}

/** The revision that the cluster runs and, while that differs, the one that it is told to run. */
function placementRevision({ assigned, status }: PlacementView): string {
  const runs = status === null ? '-' : shortId(status.revision);
  const told = assigned === null ? runs : shortId(assigned.revision);
  return runs === told ? runs : `${runs} to ${told}`;
}

function drawObjects(printer: Printer, { cluster, status }: PlacementView, all: boolean): void {
  if (status === null) return;
  const shown = all ? status.objects : status.objects.filter(({ health }) => health !== 'Healthy');
  const drifted = status.drift.filter((entry) => entry.healedAtMs === undefined);
  if (shown.length + drifted.length === 0) return;
  const title = all ? '' : ', not healthy or drifted';
  printer.raw(`\n${printer.paint('strong', oneLine(cluster))}${title}\n`);
  if (shown.length > 0) printer.table(objectTable(shown));
  for (const drift of drifted) {
    printer.raw(`  ${printer.paint('busy', 'drift')} ${oneLine(driftText(drift))}\n`);
  }
}

function objectTable(objects: readonly ObjectStatus[]): Table {
  return {
    header: ['object', 'health', 'reason'],
    rows: objects.map((object) => [
      objectName(object),
      { text: object.health, tone: healthTone(object.health) },
      object.reason,
    ]),
  };
}

function drawLeftOut({ raw, paint }: Printer, { name, placements }: ApplicationView): void {
  const all = placements.flatMap(({ status }) => status?.objects ?? []);
  const healthy = all.filter(({ health }) => health === 'Healthy').length;
  if (healthy === 0) return;
  const text = `${healthy} of ${countText(all.length, 'object')} healthy: meridian app ${oneLine(name)} --objects lists them`;
  raw(`\n${paint('dim', text)}\n`);
}

function objectName({ key }: Pick<ObjectStatus, 'key'>): string {
  return `${key.kind} ${key.namespace ? `${key.namespace}/` : ''}${key.name}`;
}

function driftText(drift: Drift): string {
  const fields = drift.fields.map((field) => field.path).join(', ');
  return `${objectName(drift)} ${drift.change} by ${drift.manager}${fields === '' ? '' : `: ${fields}`}`;
}
