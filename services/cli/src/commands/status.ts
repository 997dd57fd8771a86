import type { ApplicationView, ClusterView, FleetView, RolloutView } from '@meridian/fleet';
import { approvalLines } from '../approval.ts';
import { holdText } from './hold.ts';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Printer } from '../output.ts';
import { drawHeldBack, isHeldBack } from '../limits.ts';
import { isApplications, isClusters, isFleet } from '../shapes.ts';
import type { Cell, Table } from '../table.ts';
import { drawGates, drawPins, peoplesGates } from '../wants-people.ts';
import { countText, durationText, oneLine, shortId, textWidth } from '../text.ts';
import { healthTone, isWell, placementCell, problemLines, revisionText, syncTone, unwell } from '../view.ts';

/** Everything `status` shows. */
export interface FleetPicture {
  readonly fleet: FleetView;
  readonly clusters: readonly ClusterView[];
  readonly applications: readonly ApplicationView[];
}

/** `meridian status [--check]` */
export const status: Command<{ check: boolean }> = async ({ client, printer }, { check }) => {
  const api = client();
  const [fleet, clusters, applications] = await Promise.all([
    api.get('/v1/fleet', isFleet),
    api.get('/v1/clusters', isClusters),
    api.get('/v1/applications', isApplications),
  ]);
  const picture = { fleet, clusters, applications };
  if (!(await printer.machine(picture))) drawStatus(printer, picture);
  return check && !isAllWell(picture) ? exitCodes.failed : exitCodes.ok;
};

/** Everything synced, healthy and fresh, nothing frozen, halted or waiting for a person, every cluster connected. */
export function isAllWell({ fleet, clusters: list, applications }: FleetPicture): boolean {
  const { clusters, source, problems } = fleet;
  const fresh = !source.stale && clusters.stale === 0 && clusters.connected === clusters.total;
  return (
    fresh &&
    problems.length === 0 &&
    !list.some(isHeldBack) &&
    (fleet.holds ?? []).length === 0 &&
    applications.every(
      ({ placements, approvalNeeded, rollout }) =>
        placements.every(isWell) &&
        approvalNeeded === null &&
        !(rollout && (isStuck(rollout) || peoplesGates(rollout).length > 0)),
    )
  );
}

/** Draws the picture for people. */
export function drawStatus(printer: Printer, picture: FleetPicture): void {
  drawHead(printer, picture.fleet);
  for (const hold of picture.fleet.holds ?? [])
    printer.raw(`${printer.paint('busy', 'held'.padEnd(10))}${holdText(hold)}\n`);
  printer.line();
  if (picture.applications.length === 0)
    printer.line('no applications: the fleet repo declares none, or its configuration has not been read yet');
  else drawApplications(printer, picture);
  drawHeldBack(printer, picture.clusters);
  drawUnwell(printer, picture);
  drawNotes(printer, picture);
  drawProblems(printer, picture.fleet);
  drawApprovals(printer, picture.applications);
  drawPins(printer, picture.applications);
  drawGates(printer, picture.applications);
  drawDrift(printer, picture);
}

function drawHead(printer: Printer, { hub, source, clusters }: FleetView): void {
  const { paint, raw } = printer;
  const label = (text: string) => paint('dim', text.padEnd(10));
  const revision =
    source.revision === null
      ? paint('bad', 'nothing fetched yet')
      : `at ${oneLine(shortId(source.revision))}`;
  const age = source.ageMs === null ? '' : `, checked ${durationText(source.ageMs)} ago`;
  const stale = source.stale
    ? paint('bad', ` STALE${source.message === '' ? '' : `: ${oneLine(source.message)}`}`)
    : '';
  raw(`${label('source')}${oneLine(source.url)} ${oneLine(source.branch)} ${revision}${age}${stale}\n`);
  const leader = hub.leader === null ? paint('bad', 'no leader now') : `leader ${oneLine(hub.leader)}`;
  raw(
    `${label('hub')}${oneLine(hub.id)} answers, ${leader}, term ${hub.term}, version ${oneLine(hub.version)}\n`,
  );
  const away = clusters.total - clusters.connected;
  const connected = paint(
    away === 0 ? 'good' : 'bad',
    `${clusters.connected} of ${clusters.total} connected`,
  );
  raw(
    `${label('clusters')}${connected}${clusters.stale > 0 ? paint('bad', `, ${clusters.stale} STALE`) : ''}\n`,
  );
}

/** One column per cluster while they fit, one per region after that, and counts alone when even those do not. */
function drawApplications(printer: Printer, picture: FleetPicture): void {
  const all = applicationTable(picture, clusterPlaces(picture));
  const choices = [all, applicationTable(picture, regionPlaces(picture))];
  const { columns } = printer;
  const fits = choices.find((choice) => columns === undefined || widthOf(choice) <= columns);
  printer.table(fits ?? applicationTable(picture, [allPlaces]));
  if (fits === all) return;
  const names = picture.clusters.map(({ name }) => name);
  const some = names.slice(0, mostNames).join(', ') + (names.length > mostNames ? ', …' : '');
  const hidden = `folded: ${some}; ${widthOf(all)} columns show each, or meridian app NAME`;
  printer.raw(`${printer.paint('dim', oneLine(hidden))}\n`);
}

const mostNames = 5;

function applicationTable(picture: FleetPicture, places: readonly Place[]): Table {
  return {
    header: ['application', 'revision', 'sync', 'health', ...places.map(({ title }) => title)],
    rows: picture.applications.map((application) => [
      { text: application.name, tone: 'strong' },
      revisionCell(application),
      { text: application.sync, tone: syncTone(application.sync) },
      { text: application.health, tone: healthTone(application.health) },
      ...places.map((place) => place.cell(application)),
    ]),
  };
}

/** What the clusters run; a frozen application stays at it while the fleet repo goes on. Warnings are counted; `meridian app` tells them. */
function revisionCell(application: ApplicationView): Cell {
  const { warnings } = application;
  const revision = revisionText(application);
  if (application.frozen.length > 0) return { text: `${revision} frozen`, tone: 'bad' };
  const notes = [
    ...(warnings.length > 0 ? [countText(warnings.length, 'warning')] : []),
    ...(application.rollout?.pin ? ['pinned'] : []),
  ];
  const text = [revision, ...notes].join(', ');
  const phase = application.rollout?.phase;
  if (phase === 'halted' || phase === 'aborted') return { text, tone: 'bad' };
  return phase === 'waiting' || notes.length > 0 ? { text, tone: 'busy' } : text;
}

/** A rollout that a person has to look at: it stands still, or git says another release than the fleet stays at. */
function isStuck({ phase, pin }: RolloutView): boolean {
  return phase === 'paused' || phase === 'halted' || phase === 'aborted' || pin !== undefined;
}

interface Place {
  readonly title: string;
  cell(application: ApplicationView): Cell;
}

function clusterPlaces({ clusters }: FleetPicture): Place[] {
  return clusters.map(({ name }) => ({
    title: name,
    cell: (application) =>
      placementCell(application.placements.find((placement) => placement.cluster === name)),
  }));
}

function regionPlaces({ clusters }: FleetPicture): Place[] {
  const regionOf = new Map(
    clusters.map((cluster) => [cluster.name, cluster.labels['region'] ?? cluster.name]),
  );
  return [...new Set(regionOf.values())].map((region) => ({
    title: region,
    cell: (application) =>
      countCell(application.placements.filter((placement) => regionOf.get(placement.cluster) === region)),
  }));
}

const allPlaces: Place = { title: 'well', cell: (application) => countCell(application.placements) };

function countCell(placements: ApplicationView['placements']): Cell {
  if (placements.length === 0) return { text: '-', tone: 'dim' };
  const well = placements.filter(isWell).length;
  const text = `${well}/${placements.length} ok`;
  const stale = placements.filter((placement) => placement.status?.stale === true).length;
  if (stale > 0) return { text: `${text}, ${stale} STALE`, tone: 'bad' };
  return { text, tone: well === placements.length ? 'good' : 'busy' };
}

function widthOf(table: Table): number {
  const cellWidth = (cell: Cell) => textWidth(oneLine(typeof cell === 'string' ? cell : cell.text));
  const widths = table.header.map((title, column) =>
    Math.max(textWidth(title), ...table.rows.map((row) => cellWidth(row[column] ?? ''))),
  );
  return widths.reduce((sum, width) => sum + width + 2, -2);
}

const mostLines = 20;

function drawUnwell(printer: Printer, { applications }: FleetPicture): void {
  const list = unwell(applications);
  if (list.length === 0) return;
  printer.raw(`\n${printer.paint('strong', `${countText(list.length, 'placement')} not well`)}\n`);
  for (const { application, placement } of list.slice(0, mostLines)) {
    const cell = placementCell(placement);
    const state =
      typeof cell === 'string' ? printer.paint('plain', cell) : printer.paint(cell.tone, cell.text);
    const reason = oneLine(
      placement.message || placement.status?.message || 'waiting for the agent to report',
    );
    printer.raw(`  ${oneLine(application)} in ${oneLine(placement.cluster)}: ${state} ${reason}\n`);
  }
  if (list.length > mostLines) printer.line(`  … and ${list.length - mostLines} more: meridian app NAME`);
}

/** What agents say of placements that are well: what admission changes there, a state that is kept in one place only … */
function drawNotes(printer: Printer, { applications }: FleetPicture): void {
  const notes = applications.flatMap(({ name, placements }) =>
    placements
      .filter((placement) => isWell(placement) && placement.message !== '')
      .map(({ cluster, message }) => `  ${oneLine(name)} in ${oneLine(cluster)}: ${oneLine(message)}`),
  );
  if (notes.length === 0) return;
  printer.raw(`\n${printer.paint('busy', `${countText(notes.length, 'placement')} with a note`)}\n`);
  for (const note of notes.slice(0, mostLines)) printer.line(note);
  if (notes.length > mostLines) printer.line(`  … and ${notes.length - mostLines} more: meridian app NAME`);
}

function drawProblems(printer: Printer, { problems }: FleetView): void {
  if (problems.length === 0) return;
  printer.raw(
    `\n${printer.paint('bad', countText(problems.length, 'problem'))} in the fleet repo; what is named stays at its last good release\n`,
  );
  for (const problem of problems) {
    const { where, what, fix } = problemLines(problem);
    printer.line(`  ${oneLine(where)}: ${oneLine(what)}`);
    if (fix !== undefined) printer.line(`    fix: ${oneLine(fix)}`);
  }
}

function drawApprovals(printer: Printer, applications: readonly ApplicationView[]): void {
  for (const { name, approvalNeeded } of applications) {
    if (approvalNeeded !== null) printer.raw(`\n${approvalLines(name, approvalNeeded, printer.paint)}`);
  }
}

function drawDrift(printer: Printer, { fleet }: FleetPicture): void {
  if (fleet.applications.drifted === 0) return;
  printer.raw(
    `\n${printer.paint('busy', `${countText(fleet.applications.drifted, 'application')} drifted`)}: meridian drift\n`,
  );
}
