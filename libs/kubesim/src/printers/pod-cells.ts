import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { none, since, text } from './cell.ts';
import type { Cell } from './cell.ts';

/** Columns of pods (printPod of pkg/printers/internalversion). */
export const podCells: Readonly<Record<string, Cell>> = {
  Ready(pod) {
    const ready = statuses(pod).filter((status) => isObject(status) && status['ready'] === true);
    return `${String(ready.length)}/${String(itemsAt(pod, 'spec', 'containers').length)}`;
  },
  Status: (pod) => podStatus(pod),
  Restarts(pod, nowMs) {
    const restarts = statuses(pod).reduce(
      (sum: number, status) => sum + (numberAt(status, 'restartCount') ?? 0),
      0,
    );
    const last = statuses(pod)
      .map((status) => textAt(status, 'lastState', 'terminated', 'finishedAt') ?? '')
      .sort()
      .at(-1);
    return restarts > 0 && last !== undefined && last !== ''
      ? `${String(restarts)} (${since(last, nowMs)} ago)`
      : String(restarts);
  },
  IP: text('status.podIP', none),
  Node: text('spec.nodeName', none),
  'Nominated Node': text('status.nominatedNodeName', none),
  'Readiness Gates'(pod) {
    const gates = itemsAt(pod, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType') ?? '');
    if (gates.length === 0) return none;
    const met = itemsAt(pod, 'status', 'conditions').filter(
      (one) => gates.includes(textAt(one, 'type') ?? '') && textAt(one, 'status') === 'True',
    );
    return `${String(met.length)}/${String(gates.length)}`;
  },
};

/** What a pod is up to: the reason of a container that waits or ended, else its phase. */
function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = statuses(pod)
    .map(stateReason)
    .filter((reason) => reason !== '');
  return waiting.at(-1) ?? textAt(pod, 'status', 'reason') ?? textAt(pod, 'status', 'phase') ?? '';
}

function stateReason(status: Json): string {
  const waits = textAt(status, 'state', 'waiting', 'reason') ?? '';
  const ended = objectAt(status, 'state', 'terminated');
  if (waits !== '' || ended === undefined) return waits;
  const signal = numberAt(ended, 'signal') ?? 0;
  const exit =
    signal === 0 ? `ExitCode:${String(numberAt(ended, 'exitCode') ?? 0)}` : `Signal:${String(signal)}`;
  return textAt(ended, 'reason') ?? exit;
}

function statuses(pod: KubeObject): readonly Json[] {
  return itemsAt(pod, 'status', 'containerStatuses');
}
