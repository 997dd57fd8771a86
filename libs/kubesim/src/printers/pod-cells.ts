import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { conditionOf, filled, filledText, isMet, none, since } from './cell.ts';
import type { Cells } from './cell.ts';

/** Columns of pods (printPod of pkg/printers/internalversion). */
export const podCells: Cells = {
  Ready(pod) {
    const { ready } = progressOf(pod);
    const lasting = itemsAt(pod, 'spec', 'containers').length + sidecarsOf(pod).size;
    return `${String(ready)}/${String(lasting)}`;
  },
  Status(pod) {
    const leaving = pod.metadata.deletionTimestamp !== undefined;
    if (leaving && textAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
    return leaving && endOf(pod) === undefined ? 'Terminating' : progressOf(pod).status;
  },
  Restarts(pod, nowMs) {
    const { counted } = progressOf(pod);
    const restarts = counted.reduce(
      (sum: number, status) => sum + (numberAt(status, 'restartCount') ?? 0),
      0,
    );
    const ends = counted.map((status) => textAt(status, 'lastState', 'terminated', 'finishedAt') ?? '');
    const last = filled(ends.sort().at(-1), '');
    return restarts > 0 && last !== '' ? `${String(restarts)} (${since(last, nowMs)} ago)` : String(restarts);
  },
  IP: (pod) => filled(textAt(itemsAt(pod, 'status', 'podIPs')[0], 'ip'), none),
  Node: filledText('spec.nodeName', none),
  'Nominated Node': filledText('status.nominatedNodeName', none),
  'Readiness Gates'(pod) {
    const gates = itemsAt(pod, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType') ?? '');
    const met = gates.filter((type) => isMet(pod, type));
    return gates.length === 0 ? none : `${String(met.length)}/${String(gates.length)}`;
  },
};

/** The conditions of a pod's row: whether it has run to an end. */
export function podRowConditions(pod: KubeObject): JsonObject[] {
  const end = endOf(pod);
  return end === undefined ? [] : [{ type: 'Completed', status: 'True', ...end }];
}

function endOf(pod: KubeObject): { reason: string; message: string } | undefined {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Succeeded') return { reason: phase, message: 'The pod has completed successfully.' };
  return phase === 'Failed' ? { reason: phase, message: 'The pod failed.' } : undefined;
}

/** How far a pod has come: its status in a word, how many containers are ready, and whose restarts count. */
interface Progress {
  readonly status: string;
  readonly ready: number;
  readonly counted: readonly Json[];
}

function progressOf(pod: KubeObject): Progress {
  const sidecars = sidecarsOf(pod);
  const isSidecar = (status: Json) => sidecars.has(textAt(status, 'name') ?? '');
  const statuses = itemsAt(pod, 'status', 'initContainerStatuses');
  const current = statuses.findIndex(
    (status) => !(isDone(status) || (isSidecar(status) && hasStarted(status))),
  );
  const seen = current < 0 ? statuses : statuses.slice(0, current + 1);
  const started = seen.filter((status) => isSidecar(status) && hasStarted(status) && !isDone(status));
  const ready = started.filter(isReady).length;
  const step = `${String(current)}/${String(itemsAt(pod, 'spec', 'initContainers').length)}`;
  const begun = current < 0 ? phaseOf(pod) : `Init:${waitingFor(statuses[current], step)}`;
  if (current >= 0 && !isMet(pod, 'Initialized')) return { status: begun, ready, counted: seen };
  const containers = itemsAt(pod, 'status', 'containerStatuses');
  return {
    status: running(pod, containers, begun),
    ready: ready + containers.filter(isServing).length,
    counted: [...seen.filter(isSidecar), ...containers],
  };
}

/** Init containers that go on for as long as the pod does. */
function sidecarsOf(pod: KubeObject): ReadonlySet<string> {
  const lasting = itemsAt(pod, 'spec', 'initContainers').filter(
    (container) => textAt(container, 'restartPolicy') === 'Always',
  );
  return new Set(lasting.map((container) => textAt(container, 'name') ?? ''));
}

function phaseOf(pod: KubeObject): string {
  if (textAt(conditionOf(pod, 'PodScheduled'), 'reason') === 'SchedulingGated') return 'SchedulingGated';
  return filled(textAt(pod, 'status', 'reason'), textAt(pod, 'status', 'phase') ?? '');
}

/** Why an init container is not done. */
function waitingFor(status: Json | undefined, step: string): string {
  const ended = objectAt(status, 'state', 'terminated');
  if (ended !== undefined) return endReason(ended);
  const waits = textAt(status, 'state', 'waiting', 'reason') ?? '';
  return waits === '' || waits === 'PodInitializing' ? step : waits;
}

/** The first container with something to tell speaks for the pod, unless others still run after it has completed. */
function running(pod: KubeObject, containers: readonly Json[], phase: string): string {
  const told = containers.map(reasonOf).find((reason) => reason !== undefined) ?? phase;
  if (told !== 'Completed') return told;
  const serving = containers.some(isServing);
  if (serving && isMet(pod, 'Ready')) return 'Running';
  const failed = containers.find(
    (status) => isEnded(status) && (numberAt(status, 'state', 'terminated', 'exitCode') ?? 0) !== 0,
  );
  return (failed === undefined ? undefined : reasonOf(failed)) ?? (serving ? 'NotReady' : told);
}

function reasonOf(status: Json): string | undefined {
  const waits = textAt(status, 'state', 'waiting', 'reason') ?? '';
  if (waits !== '') return waits;
  const ended = objectAt(status, 'state', 'terminated');
  return ended === undefined ? undefined : endReason(ended);
}

function endReason(ended: JsonObject): string {
  const signal = numberAt(ended, 'signal') ?? 0;
  const code =
    signal === 0 ? `ExitCode:${String(numberAt(ended, 'exitCode') ?? 0)}` : `Signal:${String(signal)}`;
  return filled(textAt(ended, 'reason'), code);
}

function isEnded(status: Json): boolean {
  return (
    filled(textAt(status, 'state', 'waiting', 'reason'), '') === '' &&
    objectAt(status, 'state', 'terminated') !== undefined
  );
}

function isServing(status: Json): boolean {
  const { state } = isObject(status) ? status : {};
  return reasonOf(status) === undefined && isReady(status) && objectAt(state, 'running') !== undefined;
}

function isDone(status: Json): boolean {
  const ended = objectAt(status, 'state', 'terminated');
  return ended !== undefined && (numberAt(ended, 'exitCode') ?? 0) === 0;
}

function hasStarted(status: Json): boolean {
  return isObject(status) && status['started'] === true;
}

function isReady(status: Json): boolean {
  return isObject(status) && status['ready'] === true;
}
