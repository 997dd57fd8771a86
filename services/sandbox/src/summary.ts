import { relative } from 'node:path';
import { findOnPath, findPart } from '@meridian/testkit';
import type { ApplicationView } from '@meridian/fleet';
import { isCliHere } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import type { FleetPicture } from './fleet-api.ts';
import type { Outlook } from './healthy.ts';
import { secretFiles } from './identity.ts';
import type { SandboxPlan } from './plan.ts';
import { apiUrls, metricsUrls } from './sandbox-file.ts';
import { kubeconfigOf } from './user-contexts.ts';

/** More clusters than this are counted and not listed: what comes first would run off the screen. */
const mostListed = 8;

/** What a person needs to know of a running fleet: its state, where everything is, and three commands to try. */
export function summaryText(data: DataDirectory, plan: SandboxPlan, outlook: Outlook): string {
  const { picture, unfinished } = outlook;
  const lines = [
    headline(plan, outlook),
    ...unfinished.slice(0, 20).map((line) => `  - ${line}`),
    ...(unfinished.length > 20 ? [`  … and ${unfinished.length - 20} more`] : []),
    '',
    `  fleet API    ${apiUrls(plan).join('  ')}`,
    `  fleet repo   ${data.repo}`,
    `  its clone    ${data.clone}  (edit, commit and push here)`,
    ...listed(
      'kubeconfigs',
      plan.clusters.map(({ name }) => [name, kubeconfigOf(data, name)]),
      data,
    ),
    ...listed('metrics', Object.entries(metricsUrls(plan)), data),
    `  logs         ${data.logs}`,
    '',
    ...threeCommands(data, plan, picture),
  ];
  return lines.join('\n');
}

/** Lines for what clusters or processes have, below one title. */
function listed(
  title: string,
  entries: readonly (readonly [name: string, where: string])[],
  data: DataDirectory,
): string[] {
  const shown = entries.slice(0, mostListed);
  const longest = Math.max(...shown.map(([name]) => name.length));
  const lines = shown.map(([name, where], index) => {
    const before = (index === 0 ? title : '').padEnd('kubeconfigs'.length);
    return `  ${before}  ${name.padEnd(longest)}  ${where}`;
  });
  const left = entries.length - shown.length;
  const all = isCliHere(data) ? 'npx meridian sandbox' : `npx meridian sandbox --data ${quote(data.path)}`;
  const more = `  ${' '.repeat('kubeconfigs'.length)}  … and ${left} more: ${all}`;
  return left === 0 ? lines : [...lines, more];
}

function headline(plan: SandboxPlan, { picture, counts, unfinished }: Outlook): string {
  const clusters = counted(plan.clusters.length, 'cluster');
  if (picture === undefined) return `The fleet runs with ${clusters}, but no hub answers yet`;
  const { well, total } = counts;
  const applications = counted(picture.applications.length, 'application');
  const state =
    unfinished.length === 0
      ? 'all Synced and Healthy'
      : `${well} of ${total} placements Synced and Healthy; not yet:`;
  return `The fleet runs: ${clusters}, ${applications}, ${state}`;
}

function threeCommands(data: DataDirectory, plan: SandboxPlan, picture: FleetPicture | undefined): string[] {
  const meridian = cliCommand(data, plan);
  const clone = quote(short(data.clone));
  const cluster = plan.clusters[0]?.name ?? '';
  const kubectl = findOnPath('kubectl') === undefined ? findPart('kubectl') : 'kubectl';
  const target = scaledByNobody(picture?.applications ?? []) ?? {
    namespace: 'ml-platform',
    name: 'model-registry-sync',
  };
  const file = 'applications/inference-server/base/configmap.yaml';
  return [
    'Three commands to try:',
    `  change a cluster by hand, and see it healed and who did it${kubectl === undefined ? ' (needs kubectl)' : ''}`,
    `    ${quote(kubectl ?? 'kubectl')} --kubeconfig ${quote(short(kubeconfigOf(data, cluster)))} -n ${target.namespace} scale deployment/${target.name} --replicas=7; ${meridian} drift`,
    '  commit a new model version, and see it reach every region stage by stage',
    `    ${sedInPlace} 's/MODEL_VERSION: .*/MODEL_VERSION: "next"/' ${clone}/${file} && git -C ${clone} commit -qam 'Serve the next model' && git -C ${clone} push -q; ${meridian} rollout watch`,
    '  take it back',
    `    git -C ${clone} revert --no-edit HEAD && git -C ${clone} push -q; ${meridian} rollout watch`,
  ];
}

/** BSD's sed wants an (empty) suffix as a word of its own. */
const sedInPlace = process.platform === 'darwin' ? `sed -i ''` : 'sed -i';

/** Names this fleet to the CLI when that would find another one by itself. */
function cliCommand(data: DataDirectory, plan: SandboxPlan): string {
  if (isCliHere(data)) return 'npx meridian';
  return `npx meridian --api ${apiUrls(plan)[0] ?? ''} --token-file ${quote(secretFiles(data).cliToken)}`;
}

/** A Deployment whose replicas no autoscaler owns. */
function scaledByNobody(
  applications: readonly ApplicationView[],
): { namespace: string; name: string } | undefined {
  const lists = applications.map((application) => application.placements[0]?.status?.objects ?? []);
  const plain = lists
    .filter((objects) => !objects.some(({ key }) => key.kind === 'HorizontalPodAutoscaler'))
    .flat();
  const found = plain.find(
    ({ key }) => key.kind === 'Deployment' && key.namespace !== undefined && key.namespace !== '',
  );
  return found === undefined
    ? undefined
    : { namespace: found.key.namespace ?? 'default', name: found.key.name };
}

/** A path as short as it can be said from here. */
function short(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

function quote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** `1 cluster`, `2 clusters`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
